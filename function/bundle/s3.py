"""Reads objects of one S3 bucket with the standard library: a GET signed with Signature Version 4.

A function that has had a release reads it from S3 in every cold start, and importing boto3 and making its client
takes longer than everything else the function imports but FastAPI (figures: docs/operations.md). One verb with one
header set to sign is all that is needed of it here.

Protocol: "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API reference.
"""

import hashlib
import hmac
import http.client
import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote, urlsplit

T = TypeVar("T")

TIMEOUT: Final = 3.0  # seconds without a byte; Lambda's INIT phase ends after 10
ATTEMPTS: Final = 3
_EMPTY: Final = hashlib.sha256(b"").hexdigest()
_CHUNK: Final = 1 << 20


class S3Error(Exception):
    """An object that could not be read. The message names it, what is wrong, and the mend."""


class MissingError(S3Error):
    """There is no such object (or bucket)."""


class _UnsteadyError(Exception):
    """An answer worth a second attempt."""


@dataclass(frozen=True)
class Access:
    """Where and as whom to read: what Lambda puts into every function's environment."""

    region: str
    key: str
    secret: str
    token: str
    endpoint: str  # "" means AWS; else an address that speaks S3, such as http://127.0.0.1:5000

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Access":
        """Raises S3Error where the environment has no credentials or no region."""
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
        key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
        if not (region and key and secret):
            raise S3Error(
                "BUNDLE_URI is set, but there are no AWS credentials or no region in the environment. Set AWS_REGION, "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (Lambda does), or unset BUNDLE_URI."
            )
        endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL") or ""
        return cls(region, key, secret, environment.get("AWS_SESSION_TOKEN", ""), endpoint)


@dataclass(frozen=True)
class Bucket:
    """One bucket, read only."""

    name: str
    access: Access

    @classmethod
    def of(cls, name: str) -> "Bucket":
        """The bucket as the process's environment gives access to it."""
        return cls(name, Access.of(os.environ))

    def read(self, key: str) -> bytes:
        """A small object, whole. Raises MissingError, or S3Error."""
        return self._steadily(key, lambda response: response.read())

    def download(self, key: str, path: Path) -> str:
        """Write an object to `path`; returns its SHA-256 in hex. Raises MissingError, or S3Error."""

        def save(response: http.client.HTTPResponse) -> str:
            digest = hashlib.sha256()
            with path.open("wb") as file:
                while chunk := response.read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
            # What is still owed: http.client says nothing when a body ends early that is read in pieces.
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            return digest.hexdigest()

        return self._steadily(key, save)

    def _steadily(self, key: str, use: Callable[[http.client.HTTPResponse], T]) -> T:
        for attempt in range(ATTEMPTS):
            try:
                with self._get(key) as response:
                    return use(response)
            except (OSError, http.client.HTTPException, _UnsteadyError) as error:
                trouble = error
                time.sleep(0.1 * 4**attempt if attempt < ATTEMPTS - 1 else 0)
        raise S3Error(
            f"s3://{self.name}/{key}: not answered in {ATTEMPTS} attempts ({trouble}). Check that the function reaches "
            f"S3 in {self.access.region}; try again."
        ) from trouble

    @contextmanager
    def _get(self, key: str) -> Iterator[http.client.HTTPResponse]:
        secure, host, path = self._address(key)
        connection = (
            http.client.HTTPSConnection(host, timeout=TIMEOUT, context=ssl.create_default_context())
            if secure
            else http.client.HTTPConnection(host, timeout=TIMEOUT)
        )
        try:
            connection.request("GET", path, headers=sign(self.access, host, path, datetime.now(UTC)))
            response = connection.getresponse()
            if response.status != http.client.OK:
                self._refuse(key, response.status, response.read(4096).decode(errors="replace"))
            yield response
        finally:
            connection.close()

    def _address(self, key: str) -> tuple[bool, str, str]:
        """Whether to use TLS, the host, and the path, escaped as the signature wants it."""
        if self.access.endpoint:
            place = urlsplit(self.access.endpoint)
            return place.scheme == "https", place.netloc, f"/{self.name}/{quote(key, safe='/~')}"
        return True, f"{self.name}.s3.{self.access.region}.amazonaws.com", f"/{quote(key, safe='/~')}"

    def _refuse(self, key: str, status: int, said: str) -> None:
        code = said.partition("<Code>")[2].partition("</Code>")[0] or f"HTTP {status}"
        where = f"s3://{self.name}/{key}"
        if status == http.client.NOT_FOUND:
            raise MissingError(f"{where}: there is no such object ({code}).")
        if status >= http.client.INTERNAL_SERVER_ERROR or status == http.client.TOO_MANY_REQUESTS:
            raise _UnsteadyError(code)
        mend = (
            f"The bucket is in another region than {self.access.region}: deploy the function beside it."
            if status in (http.client.MOVED_PERMANENTLY, http.client.TEMPORARY_REDIRECT, http.client.BAD_REQUEST)
            else "The function's role needs s3:GetObject on the releases and s3:ListBucket on the bucket."
        )
        raise S3Error(f"{where}: refused ({code}). {mend}")


def sign(access: Access, host: str, path: str, now: datetime) -> dict[str, str]:
    """The headers of a signed GET of `path` (already escaped, no query) from `host`."""
    moment, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {"host": host, "x-amz-content-sha256": _EMPTY, "x-amz-date": moment}
    if access.token:
        headers["x-amz-security-token"] = access.token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"GET\n{path}\n\n{lines}\n{names}\n{_EMPTY}"
    scope = f"{day}/{access.region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{access.secret}".encode()
    for part in (day, access.region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={access.key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return headers
