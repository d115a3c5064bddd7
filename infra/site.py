"""The page in its bucket: a visitor never meets an index.html whose files are not there.

Hashed assets go first and are never changed; index.html goes last, so it is the switch from the old page to the new.
Only when CloudFront has forgotten the old one are the files removed that nothing names any more.
"""

import hashlib
import json
import mimetypes
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from infra.aws import BATCH, OperationError
from infra.headers import IMMUTABLE, cache_control
from infra.plan import Step

INDEX: Final = "index.html"
NOT_FOUND: Final = "404.html"
CONFIG: Final = "site-config.json"
# By name, as mimetypes asks the machine it runs on, and some give .js as text/plain.
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


def site_config(sign_in: Mapping[str, Any] | None = None, *, api: str = "/api") -> bytes:
    """`site-config.json`: where the page finds the API, and how members sign in, if they can (docs/sign-in.md).

    CloudFront has the API on the page's own origin, below /api.
    """
    return json.dumps({"api": api, **({"signIn": sign_in} if sign_in else {})}).encode()


def cognito(issuer: str, client: str) -> dict[str, str] | None:
    """`signIn` of a stack, whose members are in a Cognito user pool; None where nobody can sign in."""
    scope = "openid email aws.cognito.signin.user.admin"  # the last lets members delete their own sign-in
    return {"issuer": issuer, "clientId": client, "scope": scope, "signOut": "cognito"} if issuer else None


def read_site(dist: Path) -> dict[str, bytes]:
    """The built page with its configuration, by path, in the order of publication.

    Raises OperationError if the page is not built.
    """
    if not (dist / INDEX).is_file():
        raise OperationError(f"{dist / INDEX}: the page is not built. Run `make web` first.")
    files = {path.relative_to(dist).as_posix(): path.read_bytes() for path in dist.rglob("*") if path.is_file()}
    files[CONFIG] = site_config()
    return {name: files[name] for name in sorted(files, key=_turn)}


def _turn(name: str) -> tuple[int, str]:
    return (2 if name == INDEX else int(cache_control(name) != IMMUTABLE), name)


@dataclass(frozen=True)
class Site:
    """The bucket of the page and the distribution before it."""

    s3: Any
    cloudfront: Any
    bucket: str
    distribution: str

    def plan(self, files: Mapping[str, bytes]) -> list[Step]:
        """Publish `files` (read_site); those that the bucket has just so are left alone."""
        there = self._etags()
        fresh = {name: raw for name, raw in files.items() if there.get(name) != hashlib.md5(raw).hexdigest()}  # noqa: S324 (S3's ETag)
        stale = sorted(set(there) - set(files))
        steps = [Step(f"put {name} ({cache_control(name)})", partial(self._put, name, fresh[name])) for name in fresh]
        # Always: an earlier publication may have been interrupted before this step.
        steps.append(Step(f"have CloudFront {self.distribution} forget the old page", self._invalidate))
        if stale:
            steps.append(Step(f"remove what no page names: {', '.join(stale)}", partial(self._remove, stale)))
        return steps

    def _etags(self) -> dict[str, str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {found["Key"]: found["ETag"].strip('"') for page in pages for found in page.get("Contents", [])}

    def _put(self, name: str, raw: bytes) -> None:
        kind = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self.s3.put_object(Bucket=self.bucket, Key=name, Body=raw, ContentType=kind, CacheControl=cache_control(name))

    def _invalidate(self) -> None:
        made = self.cloudfront.create_invalidation(
            DistributionId=self.distribution,
            # One path, however many files: that is how invalidations are billed.
            InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": str(time.time_ns())},
        )
        self.cloudfront.get_waiter("invalidation_completed").wait(
            DistributionId=self.distribution,
            Id=made["Invalidation"]["Id"],
            WaiterConfig={"Delay": 5, "MaxAttempts": 120},
        )

    def _remove(self, names: list[str]) -> None:
        for start in range(0, len(names), BATCH):
            batch = [{"Key": name} for name in names[start : start + BATCH]]
            refused = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True}).get("Errors")
            if refused:
                raise OperationError(f"s3://{self.bucket}/{refused[0]['Key']} was not removed: {refused[0]['Message']}")
