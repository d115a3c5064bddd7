"""Writing bundles (function/bundle/format.py has the format), so that whoever reads meanwhile sees a whole one.

`stage` writes a folder nobody reads; `publish` moves it into place and swings `current` last. Kill either anywhere: a
reader sees the old bundle or the new one, whole.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from function.bundle.format import (
    CONTENT,
    CURRENT,
    MANIFEST,
    SCHEMA_VERSION,
    BundleError,
    FileFacts,
    Manifest,
    ModelFacts,
    read_bundle,
    read_manifest,
    release_id,
)
from training.files import write_durably


def stage(
    root: Path,
    *,
    content: dict[str, bytes],
    created: str,
    model: ModelFacts,
    data: dict[str, Any],
    training: dict[str, Any],
    metrics: dict[str, Any],
) -> Path:
    """Write a complete bundle into a new hidden folder under `root`; nobody reads it until `publish`.

    `content` has the bytes of every file of CONTENT. Raises ValueError where one is missing or unknown.
    """
    if set(content) != set(CONTENT):
        raise ValueError(f"a bundle has the files {sorted(CONTENT)}, not {sorted(content)}")
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".staged-", dir=root))
    files = {name: FileFacts(sha256=hashlib.sha256(raw).hexdigest(), bytes=len(raw)) for name, raw in content.items()}
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
    for name, raw in content.items():
        write_durably(folder / name, raw)
    write_durably(folder / MANIFEST, manifest.model_dump_json(indent=2).encode())
    folder.chmod(0o755)
    return folder


def publish(staged: Path, root: Path) -> Path:
    """Move a staged bundle to its release id under `root` and make it the current one; returns its folder."""
    folder = root / read_manifest(staged).release
    if folder.exists():
        # The same content; but a bundle that was damaged since is replaced.
        shutil.rmtree(staged) if _whole(folder) else _replace_folder(staged, folder)
    else:
        staged.rename(folder)
    activate(folder.name, root)
    return folder


def activate(release: str, root: Path) -> None:
    """Make `release`, a bundle under `root`, the current one, in one atomic step."""
    if not (root / release / MANIFEST).exists():
        raise BundleError(f"{root / release}: there is no such release. See the folders of {root}.")
    link = root / f".{CURRENT}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(release)
    link.replace(root / CURRENT)


def _whole(folder: Path) -> bool:
    try:
        read_bundle(folder)
    except BundleError:
        return False
    return True


def _replace_folder(new: Path, old: Path) -> None:
    damaged = old.with_name(f".damaged-{old.name}-{os.getpid()}")
    old.rename(damaged)
    new.rename(old)
    shutil.rmtree(damaged)
