"""Releases in S3: what `make release` publishes, and what the function loads where BUNDLE_URI names it.

`BUNDLE_URI=s3://bucket/prefix` holds every release and one pointer::

    s3://bucket/prefix/
      current.json              {"release": "3f9a1c2b7d40", "history": [...]}: the only thing that ever changes
      3f9a1c2b7d40/
        manifest.json           the files of a bundle (function/bundle/format.py); written once
        model.tflite ...

A function reads the pointer when it starts and keeps that release for life; `infra/releases.py` moves it.
"""

import json
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from function.bundle.format import CHECKED, CONTENT, MANIFEST, BundleError, read_bundle, read_manifest, release_id
from function.bundle.goldens import check_goldens
from function.bundle.interpreter import Model
from function.bundle.s3 import Bucket, MissingError, S3Error

POINTER: Final = "current.json"
_RELEASE: Final = re.compile(r"[0-9a-f]{12}")


class NoReleaseError(BundleError):
    """No release was ever made at this place: the pointer does not exist."""


@dataclass(frozen=True)
class Place:
    """Where the releases are: a bucket, and a prefix without slashes at its ends."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, uri: str) -> "Place":
        """Raises BundleError where `uri` is not s3://bucket/prefix."""
        match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.*[^/])/?", uri)
        if match is None:
            raise BundleError(f"BUNDLE_URI={uri}: not an address of releases. Write s3://bucket/prefix, or unset it.")
        return cls(match[1], match[2].strip("/"))

    def key(self, *parts: str) -> str:
        return "/".join((self.prefix, *parts))

    def uri(self, *parts: str) -> str:
        return f"s3://{self.bucket}/{self.key(*parts)}"


def fetch_bundle(uri: str, into: Path, release: str | None = None) -> Path:
    """Bring a release to this machine; returns its folder, `into`/<release>, which `read_bundle` reads.

    `release` is the one to bring; the default is the one the pointer names. A release that is there already is not
    brought again. The folder appears by rename, with every file's SHA-256 compared with the manifest's.

    Raises NoReleaseError where nothing was ever released at `uri`, and BundleError, naming the object, where the
    release is missing, damaged, of another schema version, or out of reach.
    """
    place = Place.parse(uri)
    try:
        bucket = Bucket.of(place.bucket)
        chosen = release if release is not None else _current(bucket, place)
        if not _RELEASE.fullmatch(chosen):
            raise BundleError(f"{place.uri()}: {chosen!r} is not a release id (12 hex digits).")
        folder = into / chosen
        return folder if folder.exists() else _bring(bucket, place, chosen, folder)
    except S3Error as error:
        raise BundleError(str(error)) from error


def current_bundle(uri: str) -> Path | None:
    """The folder of the current release, brought to this machine's scratch space; None before the first release."""
    try:
        return fetch_bundle(uri, Path(tempfile.gettempdir()) / "releases")
    except NoReleaseError:
        return None


def try_release(uri: str, release: str) -> dict[str, Any]:
    """Bring a release, run its goldens here, and forget it again; returns how they came out.

    Raises BundleError as `fetch_bundle`, `read_bundle` and `check_goldens` do.
    """
    with tempfile.TemporaryDirectory() as scratch:
        bundle = read_bundle(fetch_bundle(uri, Path(scratch), release))
        _ = bundle.film_tables  # which no golden needs
        return {"release": bundle.manifest.release, **asdict(check_goldens(bundle, Model(bundle.model)))}


def _current(bucket: Bucket, place: Place) -> str:
    try:
        raw = bucket.read(place.key(POINTER))
    except MissingError as error:
        raise NoReleaseError(f"{place.uri(POINTER)}: nothing was released yet. Run `make release`.") from error
    try:
        return str(json.loads(raw)["release"])
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{place.uri(POINTER)}: not a pointer ({error}). Run `make rollback RELEASE=…`.") from error


def _bring(bucket: Bucket, place: Place, release: str, folder: Path) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=".fetched-", dir=folder.parent))
    try:
        _download(bucket, place, release, staged)
        (staged / CHECKED).write_text(release)  # each file's hash was just compared
        staged.chmod(0o755)
        staged.rename(folder)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return folder


def _download(bucket: Bucket, place: Place, release: str, staged: Path) -> None:
    def bring(name: str) -> str:
        return bucket.download(place.key(release, name), staged / name)

    mend = f"Release it again: `make release` with the bundle {release}."
    try:
        # All at once: a cold start waits for one round trip to S3, not for seven.
        with ThreadPoolExecutor(len(CONTENT) + 1) as pool:
            hashes = dict(zip((MANIFEST, *CONTENT), pool.map(bring, (MANIFEST, *CONTENT)), strict=True))
    except MissingError as error:
        raise BundleError(f"{error} {mend}") from error
    manifest = read_manifest(staged)
    for name in CONTENT:
        facts = manifest.files.get(name)
        if facts is None or facts.sha256 != hashes[name]:
            raise BundleError(f"{place.uri(release, name)}: its SHA-256 is not the manifest's. {mend}")
    if not release == manifest.release == release_id(manifest.files):
        raise BundleError(f"{place.uri(release, MANIFEST)}: its files are not those of release {release}. {mend}")
