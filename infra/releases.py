"""The life of a release: uploaded under its content hash, read back, tried in the deployed function, then served.

What is in the artifact bucket, and who reads it: function/bundle/remote.py. The pointer `current.json` is the only
object that changes, and moving it is the last write that counts: if a release is interrupted before, what was served is
still served, complete. The pointer moves only if it is still the one that the release started from (If-Match), so of
two releases at the same time one wins and the other fails with an error.

Each schema version of the bundle has a pointer of its own. A release of another schema than the deployed function's is
published and not tried: the function that reads it finds it when it is deployed.
"""

import base64
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from function.bundle.format import (
    MANIFEST,
    SCHEMA_VERSION,
    Manifest,
    read_bundle,
    read_manifest,
    release_id,
    sha256_of,
)
from function.bundle.remote import POINTER, RELEASE_ID, Store
from infra.aws import OperationError, code_of
from infra.deployed import DeployedFunction, Limits
from infra.plan import Step

PREFIX: Final = "releases"
MAX_HISTORY: Final = 100
CODE_BYTES: Final = 40_000_000  # resident in the function beside the bundle (38 MB with a bundle of 0.1 MB, 2026-11-26)
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Move:
    """One move of the pointer."""

    release: str
    at: str  # ISO 8601, UTC
    by: str  # release | rollback


@dataclass(frozen=True)
class Pointer:
    """The pointer as it was read; `etag` is None if there is none yet."""

    release: str | None
    history: tuple[Move, ...]  # oldest first; the last is the current one
    etag: str | None

    def previous(self) -> str | None:
        """What was served before the current release."""
        return next((move.release for move in reversed(self.history) if move.release != self.release), None)


@dataclass(frozen=True)
class Releases:
    """The releases in one artifact bucket, of the schema version that this code reads."""

    s3: Any  # an S3 client
    bucket: str

    @property
    def store(self) -> Store:
        return Store.parse(f"s3://{self.bucket}/{PREFIX}")

    def pointer(self) -> Pointer:
        """The pointer; a history that cannot be read is an error, as moving it would lose it."""
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=self.store.key(POINTER))
        except ClientError as error:
            if code_of(error) == "NoSuchKey":
                return Pointer(None, (), None)
            raise
        try:
            raw = json.loads(answer["Body"].read())
            return Pointer(raw["release"], tuple(Move(**move) for move in raw["history"]), answer["ETag"])
        except (ValueError, KeyError, TypeError) as error:
            raise OperationError(
                f"{self.store.uri(POINTER)}: not a pointer ({error}). The bucket keeps its versions: restore the one "
                "before (docs/operations.md, A damaged pointer)."
            ) from error

    def move(self, seen: Pointer, release: str, by: str) -> None:
        """Make `release` the current one, if the pointer is still as it was `seen`; else OperationError."""
        history = (*seen.history, Move(release, datetime.now(UTC).isoformat(), by))[-MAX_HISTORY:]
        body = json.dumps({"release": release, "history": [asdict(move) for move in history]}, indent=1).encode()
        condition = {"IfMatch": seen.etag} if seen.etag else {"IfNoneMatch": "*"}
        try:
            self.s3.put_object(
                Bucket=self.bucket,
                Key=self.store.key(POINTER),
                Body=body,
                ContentType="application/json",
                CacheControl="no-store",
                **condition,
            )
        except ClientError as error:
            if code_of(error) not in {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}:
                raise
            # A retry after a lost answer is refused as well, though the first attempt had won.
            now = self.pointer()
            if now.history == history:
                return
            raise OperationError(
                f"{self.store.uri(POINTER)} was moved from {seen.release} to {now.release} by someone else meanwhile. "
                f"{release} is not served, and nothing else was changed. See `make releases`; then run it again if it "
                "is still wanted."
            ) from error

    def upload(self, folder: Path, release: str) -> None:
        """Put a bundle's files under its release id, the manifest last."""
        for name in (*read_manifest(folder).files, MANIFEST):
            with (folder / name).open("rb") as file:
                self.s3.put_object(
                    Bucket=self.bucket,
                    Key=self.store.key(release, name),
                    Body=file,
                    ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256_of(folder / name))).decode(),
                    ContentType="application/json" if name.endswith(".json") else "application/octet-stream",
                )

    def damage(self, release: str) -> str | None:
        """What is wrong with a release in the bucket, by reading all of it; None if it is intact."""
        manifest = self.manifest(release)
        if manifest is None:
            return f"{self.store.uri(release, MANIFEST)}: there is no such release."
        if not release == manifest.release == release_id(manifest.files):
            return f"{self.store.uri(release, MANIFEST)}: its files are not those of release {release}."
        for name, facts in manifest.files.items():
            if self._sha256(release, name) != facts.sha256:
                return f"{self.store.uri(release, name)}: missing, or its SHA-256 is not the manifest's."
        return None

    def verify(self, release: str) -> str:
        """Raises OperationError unless the release in the bucket is whole; returns a remark."""
        damage = self.damage(release)
        if damage:
            raise OperationError(
                f"{damage} Run `make release` with that bundle again; `make releases` lists the others."
            )
        return "every file read back, SHA-256 as in the manifest"

    def manifest(self, release: str) -> Manifest | None:
        """The manifest of a release, or None if it is missing or not one."""
        try:
            raw = self.s3.get_object(Bucket=self.bucket, Key=self.store.key(release, MANIFEST))["Body"].read()
            return Manifest.model_validate_json(raw)
        except ValueError:
            return None
        except ClientError as error:
            if code_of(error) == "NoSuchKey":
                return None
            raise

    def ids(self) -> list[str]:
        """The release ids in the bucket, in no particular order; whole or not."""
        prefix = self.store.key("")
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix, Delimiter="/")
        folders = [common["Prefix"] for page in pages for common in page.get("CommonPrefixes", [])]
        names = [folder.removeprefix(prefix).rstrip("/") for folder in folders]
        return [name for name in names if RELEASE_ID.fullmatch(name)]

    def _sha256(self, release: str, name: str) -> str | None:
        try:
            body = self.s3.get_object(Bucket=self.bucket, Key=self.store.key(release, name))["Body"]
        except ClientError as error:
            if code_of(error) == "NoSuchKey":
                return None
            raise
        digest = hashlib.sha256()
        for chunk in body.iter_chunks(_CHUNK):
            digest.update(chunk)
        return digest.hexdigest()


def plan_release(releases: Releases, function: DeployedFunction, path: Path) -> list[Step]:
    """Serve the bundle at `path` (a bundle, or a bundle root); raises BundleError if it is damaged."""
    bundle = read_bundle(path, people=True)
    release = bundle.manifest.release
    served = releases.pointer().release
    served_bytes = manifest.bytes if served not in (None, release) and (manifest := releases.manifest(served)) else 0
    check_size(bundle.manifest.bytes, served_bytes, function.limits())
    steps = []
    if releases.damage(release):
        description = f"upload {bundle.folder} ({bundle.manifest.bytes / 1e6:.1f} MB) to {releases.store.uri(release)}/"
        steps.append(Step(description, partial(releases.upload, bundle.folder, release)))
    return [*steps, *_plan_serving(releases, function, release, "release")]


def check_size(new: int, served: int, limits: Limits) -> None:
    """Raises OperationError if a release of `new` bytes cannot be tried beside the served one.

    The memory is a lower bound, as a bundle grows when it is read by how much depends on its content; the trial in the
    function decides.
    """
    needed = new + served
    for what, least, has, parameter in (
        ("storage", needed, limits.storage, "EphemeralStorage"),
        ("memory", needed + CODE_BYTES, limits.memory, "MemorySize"),
    ):
        if least > has:
            raise OperationError(
                f"the release has {new / 1e6:,.0f} MB and the served one {served / 1e6:,.0f} MB: to try it beside that "
                f"the function needs {least / 1e6:,.0f} MB of {what} and has {has / 1e6:,.0f} MB. Run `make deploy "
                f"PARAMETERS={parameter}={math.ceil(least * 1.2 / 2**20)}` first. Nothing was uploaded."
            )


def plan_rollback(releases: Releases, function: DeployedFunction, release: str | None) -> list[Step]:
    """Serve a release again that is in the bucket; by default the one before the current."""
    chosen = release or releases.pointer().previous()
    if chosen is None:
        raise OperationError("there is no release before the current one. See `make releases`.")
    if releases.manifest(chosen) is None:
        raise OperationError(f"there is no release {chosen} in {releases.store.uri()}. See `make releases`.")
    return _plan_serving(releases, function, chosen, "rollback")


def _plan_serving(releases: Releases, function: DeployedFunction, release: str, by: str) -> list[Step]:
    seen = releases.pointer()
    verify = Step(f"read release {release} back and compare every SHA-256", partial(releases.verify, release))
    was = seen.release or "nothing (the image's own bundle is served)"
    description = f"move the pointer from {was} to {release}, if it still is there"
    moves = [] if seen.release == release else [Step(description, partial(releases.move, seen, release, by))]
    if function.schema != SCHEMA_VERSION:
        description = f"change nothing else: {function.name} reads schema {function.schema}, not {SCHEMA_VERSION}"
        return [verify, *moves, Step(description, lambda: "`make deploy` deploys the function that serves the release")]
    return [
        verify,
        Step(f"run its goldens in the deployed function {function.name}", partial(function.check, release)),
        *moves,
        Step(f"start new execution environments of {function.name}", function.refresh),
        Step(f"ask {function.name} for /api/ready", partial(function.confirm, release)),
    ]


def table(releases: Releases) -> Sequence[str]:
    """Every release, newest first, as lines for people."""
    pointer = releases.pointer()
    rows = []
    for release in releases.ids():
        manifest = releases.manifest(release)
        made = manifest.created[:19] if manifest else "(incomplete: run `make release` again)"
        moves = [move for move in pointer.history if move.release == release]
        served = f"{moves[-1].at[:19]} by {moves[-1].by}" if moves else "never"
        mark = "*" if release == pointer.release else " "
        rows.append((made, f"{mark} {release}  made {made}  last served from: {served}"))
    if not rows:
        return [f"No releases of schema {SCHEMA_VERSION} yet: the image's own bundle is served. Run `make release`."]
    return [line for _, line in sorted(rows, reverse=True)]
