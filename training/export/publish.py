"""Write bundles (in the format of function/bundle/format.py) atomically.

`stage` writes a hidden folder that nobody reads; `publish` renames it and switches `current` last. Even if the process
is killed at any point, readers see either the old bundle or the new one, complete.
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from function.bundle.films import Film, facts_of
from function.bundle.format import (
    CONTENT,
    CURRENT,
    MANIFEST,
    PEOPLE,
    ROWS,
    SCHEMA_VERSION,
    BundleError,
    FileFacts,
    Manifest,
    ModelFacts,
    read_bundle,
    read_manifest,
    release_id,
)
from function.bundle.goldens import check_goldens
from function.bundle.interpreter import Model
from function.bundle.people import Person, encode_people, page_count
from training.files import write_durably


def stage(
    root: Path,
    *,
    content: Mapping[str, bytes],
    people: Iterable[Person] | None = None,
    created: str,
    model: ModelFacts,
    data: dict[str, Any],
    training: dict[str, Any],
    metrics: dict[str, Any],
) -> Path:
    """Write a complete bundle into a new hidden folder under `root`, for `publish`.

    `content` has the bytes of every file of CONTENT, and of ROWS if the bundle is to have it; `people` are the known
    users, who are gone through twice, and of whom the bundle has a file only if they are given. Raises ValueError where
    a file is missing or unknown.
    """
    if set(content) - {ROWS} != set(CONTENT):
        raise ValueError(f"a bundle has the files {sorted(CONTENT)}, not {sorted(content)}")
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".staged-", dir=root))
    parts: dict[str, Iterable[bytes]] = {name: (raw,) for name, raw in content.items()}
    if people is not None:
        parts[PEOPLE] = encode_people(people, page_count(model.users))
    files = {name: _write(folder / name, content) for name, content in parts.items()}
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        release=release_id(files),
        created=created,
        model=model,
        data=data,
        training=training,
        metrics=metrics,
        files=files,
    )
    write_durably(folder / MANIFEST, (manifest.model_dump_json(indent=2).encode(),))
    folder.chmod(0o755)
    return folder


def _write(path: Path, content: Iterable[bytes]) -> FileFacts:
    digest, size = hashlib.sha256(), 0

    def noted() -> Iterator[bytes]:
        nonlocal size
        for part in content:
            digest.update(part)
            size += len(part)
            yield part

    write_durably(path, noted())
    return FileFacts(sha256=digest.hexdigest(), bytes=size)


def publish(staged: Path, root: Path) -> Path:
    """Move a staged bundle to its release id under `root` and make it the current one; returns its folder."""
    folder = root / read_manifest(staged).release
    if folder.exists():
        # The content is the same, but replace a bundle that has been damaged since.
        shutil.rmtree(staged) if _whole(folder) else _replace_folder(staged, folder)
    else:
        staged.rename(folder)
    activate(folder.name, root)
    return folder


def publish_verified(staged: Path, root: Path) -> Path:
    """Publish a staged bundle if it reads as the function reads it and its goldens agree; else remove it.

    Raises BundleError.
    """
    try:
        bundle = read_bundle(staged, people=True)  # from the files, not from memory
        check_goldens(bundle, Model.of(bundle))
        return publish(staged, root)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise


def json_bytes(value: Any) -> bytes:
    """The content of a JSON file of a bundle."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def npz_bytes(**arrays: NDArray[Any]) -> bytes:
    """The content of an .npz file of a bundle."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def film_files(films: Sequence[Film], genres: Sequence[str]) -> dict[str, bytes]:
    """The files of a bundle that list `films`, whose genres are among `genres`."""
    return {
        "encodings.json": json_bytes({"films": [film.id for film in films], "genres": list(genres)}),
        "catalog.jsonl": b"\n".join(json_bytes(film) for film in films),
        "facts.npz": npz_bytes(**vars(facts_of(films, genres))),
    }


def samples_bytes(people: Sequence[Person]) -> bytes:
    """The content of samples.bin."""
    return b"".join(encode_people(people, 1))


def activate(release: str, root: Path) -> None:
    """Make `release`, a bundle under `root`, the current one, in one atomic step."""
    if not (root / release / MANIFEST).exists():
        raise BundleError(f"{root / release}: no such release. See the folders of {root}.")
    link = root / f".{CURRENT}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(release)
    link.replace(root / CURRENT)


def _whole(folder: Path) -> bool:
    try:
        read_bundle(folder, people=True)
    except BundleError:
        return False
    return True


def _replace_folder(new: Path, old: Path) -> None:
    damaged = old.with_name(f".damaged-{old.name}-{os.getpid()}")
    old.rename(damaged)
    new.rename(old)
    shutil.rmtree(damaged)
