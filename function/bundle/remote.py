"""Releases in S3: what `make release` publishes, and what the function loads where BUNDLE_URI names it.

`BUNDLE_URI=s3://bucket/prefix` holds the releases of each schema version of the bundle, with a pointer of their own::

    s3://bucket/prefix/
      current.json              schema 3: {"release": "3f9a1c2b7d40", "history": [...]}; nothing else ever changes
      3f9a1c2b7d40/
        manifest.json           the files of a bundle (function/bundle/format.py); written once
        model.tflite ...
        people.bin              stays here: a function reads one person at a time, by range
      schema-4/                 the same again for schema 4, and so on
        current.json
        ...

A function reads the pointer of its own schema when it starts, and keeps that release for life; `infra/releases.py`
moves it. So the first release of a new schema can be published before the function that reads it is deployed, and an
older function that is deployed again finds its release where it was.
"""

import json
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from function.bundle.format import (
    CHECKED,
    CONTENT,
    MANIFEST,
    PEOPLE,
    SCHEMA_VERSION,
    Bundle,
    BundleError,
    read_bundle,
    read_manifest,
    release_id,
)
from function.bundle.goldens import check_goldens
from function.bundle.interpreter import Model
from function.bundle.people import People, people_of, samples_of
from function.bundle.s3 import Bucket, DiskError, MissingError, S3Error

POINTER: Final = "current.json"
FIRST_SCHEMA: Final = 3  # in whose time all releases lay in one folder, and there they stay
RELEASE_ID: Final = re.compile(r"[0-9a-f]{12}")
PERSON_SECONDS: Final = 3.0  # for each of the two reads of a known user, retries included: somebody waits


class NoReleaseError(BundleError):
    """Nothing was ever released here: the pointer does not exist."""


@dataclass(frozen=True)
class Store:
    """Where the releases of one schema version are: a bucket, and a prefix without slashes at its ends."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, uri: str, schema: int | None = None) -> "Store":
        """The store of a schema version (default: the one this code reads) below `uri`.

        Raises BundleError if `uri` is not s3://bucket/prefix.
        """
        match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.*[^/])/?", uri)
        if match is None:
            raise BundleError(f"BUNDLE_URI={uri}: not an address of releases. Write s3://bucket/prefix, or unset it.")
        schema = schema or SCHEMA_VERSION
        prefix = match[2].strip("/")
        return cls(match[1], prefix if schema == FIRST_SCHEMA else f"{prefix}/schema-{schema}")

    def key(self, *parts: str) -> str:
        return "/".join((self.prefix, *parts))

    def uri(self, *parts: str) -> str:
        return f"s3://{self.bucket}/{self.key(*parts)}"


def fetch_bundle(uri: str, into: Path, release: str | None = None) -> Path:
    """Download a release; returns its folder, `into`/<release>, which `read_bundle` reads.

    `release` is its id; the default is the one the pointer names. A release that is there already is not downloaded
    again. The folder appears by rename, with every file's SHA-256 compared with the manifest's.

    Raises NoReleaseError if nothing was ever released at `uri`, and BundleError, naming the object, where the
    release is missing, damaged, of another schema version, out of reach, or too large for the disk.
    """
    store = Store.parse(uri)
    try:
        bucket = Bucket.of(store.bucket)
        chosen = release if release is not None else _current(bucket, store)
        if not RELEASE_ID.fullmatch(chosen):
            raise BundleError(f"{store.uri()}: {chosen!r} is not a release id (12 hex digits).")
        folder = into / chosen
        return folder if folder.exists() else _fetch(bucket, store, chosen, folder)
    except (S3Error, DiskError) as error:
        raise BundleError(str(error)) from error


def current_bundle(uri: str) -> Path | None:
    """The folder of the current release, in this machine's scratch space; None before the first release."""
    try:
        return fetch_bundle(uri, Path(tempfile.gettempdir()) / "releases")
    except NoReleaseError:
        return None


def remote_people(uri: str, bundle: Bundle) -> People | None:
    """The known people of a release that was downloaded from `uri`, read by range; None if it has none."""
    if PEOPLE not in bundle.manifest.files:
        return None
    store, release = Store.parse(uri), bundle.manifest.release

    def read(start: int, size: int) -> bytes:
        try:
            return Bucket.of(store.bucket, PERSON_SECONDS).read(store.key(release, PEOPLE), (start, size))
        except S3Error as error:
            raise BundleError(str(error)) from error

    return people_of(bundle, store.uri(release, PEOPLE), read)


def try_release(uri: str, release: str) -> dict[str, Any]:
    """Download a release, read one of its people, run its goldens here, and forget it again; returns how they came out.

    Raises BundleError as `fetch_bundle`, `read_bundle`, `People.find` and `check_goldens` do.
    """
    with tempfile.TemporaryDirectory() as scratch:
        bundle = read_bundle(fetch_bundle(uri, Path(scratch), release))
        _ = bundle.film_tables  # which no golden needs
        if people := remote_people(uri, bundle):
            people.find(samples_of(bundle)[0].id)
        return {"release": bundle.manifest.release, **asdict(check_goldens(bundle, Model.of(bundle)))}


def _current(bucket: Bucket, store: Store) -> str:
    try:
        raw = bucket.read(store.key(POINTER))
    except MissingError as error:
        raise NoReleaseError(f"{store.uri(POINTER)}: nothing was released yet. Run `make release`.") from error
    try:
        return str(json.loads(raw)["release"])
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{store.uri(POINTER)}: not a pointer ({error}). Run `make rollback RELEASE=…`.") from error


def _fetch(bucket: Bucket, store: Store, release: str, folder: Path) -> Path:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=".fetched-", dir=folder.parent))
        try:
            _download(bucket, store, release, staged)
            (staged / CHECKED).write_text(release)  # each file's hash was just compared
            staged.chmod(0o755)
            _publish(staged, folder)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written ({error.strerror}).") from error
    return folder


def _publish(staged: Path, folder: Path) -> None:
    try:
        staged.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(staged)  # another worker of the local site was first, with the same content


def _download(bucket: Bucket, store: Store, release: str, staged: Path) -> None:
    def download(name: str) -> str:
        return bucket.download(store.key(release, name), staged / name)

    hint = f"Release it again: `make release` with the bundle {release}."
    try:
        # All at once: a cold start waits for one round trip to S3, not for seven.
        with ThreadPoolExecutor(len(CONTENT) + 1) as pool:
            hashes = dict(zip((MANIFEST, *CONTENT), pool.map(download, (MANIFEST, *CONTENT)), strict=True))
        manifest = read_manifest(staged)
        hashes |= {name: download(name) for name in manifest.content if name not in hashes}
    except MissingError as error:
        raise BundleError(f"{error} {hint}") from error
    for name in manifest.content:
        facts = manifest.files.get(name)
        if facts is None or facts.sha256 != hashes[name]:
            raise BundleError(f"{store.uri(release, name)}: its SHA-256 is not the manifest's. {hint}")
    if not release == manifest.release == release_id(manifest.files):
        raise BundleError(f"{store.uri(release, MANIFEST)}: its files are not those of release {release}. {hint}")
