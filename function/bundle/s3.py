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
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote, urlsplit

T = TypeVar("T")

START_SECONDS: Final = 8.0  # for all that a start reads, retries included; Lambda's INIT phase ends after 10
TIMEOUT: Final = 3.0  # seconds without a byte
ATTEMPTS: Final = 3
_EMPTY: Final = hashlib.sha256(b"").hexdigest()
_CHUNK: Final = 1 << 20


class S3Error(Exception):
    """An object that could not be read. The message names it, what is wrong, and how to fix it."""


class MissingError(S3Error):
    """There is no such object (or bucket)."""


class DiskError(Exception):
    """An object that could not be kept here. The message names the file, what is wrong, and how to fix it."""


class _TransientError(Exception):
    """An answer worth a second attempt."""


@dataclass(frozen=True)
class Credentials:
    """Where and as whom to read: what Lambda puts into every function's environment."""

    region: str
    key: str
    secret: str
    token: str
    endpoint: str  # "" means AWS; else an address that speaks S3, such as http://127.0.0.1:5000

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Credentials":
        """Raises S3Error if the environment has no credentials or no region."""
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
    """One bucket, read only, until a deadline."""

    name: str
    credentials: Credentials
    seconds: float
    deadline: float  # of time.monotonic(): after it nothing is tried again, and nothing is waited for

    @classmethod
    def of(cls, name: str, seconds: float = START_SECONDS) -> "Bucket":
        """The bucket as the process's environment gives access to it, for so many seconds from now on."""
        return cls(name, Credentials.of(os.environ), seconds, time.monotonic() + seconds)

    def read(self, key: str, part: tuple[int, int] | None = None) -> bytes:
        """A small object, whole, or the `part` (start, size) of any. Raises MissingError, or S3Error."""
        return self._with_retries(key, lambda response: response.read(), part)

    def download(self, key: str, path: Path) -> str:
        """Write an object to `path`; returns its SHA-256 in hex. Raises MissingError, S3Error, or DiskError."""

        def save(response: http.client.HTTPResponse) -> str:
            digest, size = hashlib.sha256(), 0
            with _writing(path), path.open("wb") as file:
                while chunk := self._next_chunk(response):
                    digest.update(chunk)
                    size += file.write(chunk)
            missing = int(response.headers.get("content-length", size)) - size
            if missing:  # http.client says nothing when a body that is read in pieces ends early
                raise http.client.IncompleteRead(b"", missing)
            return digest.hexdigest()

        return self._with_retries(key, save)

    def _next_chunk(self, response: http.client.HTTPResponse) -> bytes:
        if self._seconds_left() <= 0:
            raise _TransientError("it is too slow")
        try:
            return response.read1(_CHUNK)  # what is there: `read` would wait for the whole chunk, past the deadline
        except OSError as error:  # the network's; in `save` an OSError is the disk's
            raise _TransientError(str(error)) from error

    def _with_retries(
        self, key: str, use: Callable[[http.client.HTTPResponse], T], part: tuple[int, int] | None = None
    ) -> T:
        trouble: Exception | None = None
        attempts = 0
        while attempts < ATTEMPTS and self._seconds_left() > 0:
            attempts += 1
            try:
                with self._get(key, part) as response:
                    return use(response)
            except (OSError, http.client.HTTPException, _TransientError) as error:
                trouble = error
                if attempts < ATTEMPTS:
                    time.sleep(max(0.0, min(0.1 * 4 ** (attempts - 1), self._seconds_left())))
        raise S3Error(
            f"s3://{self.name}/{key}: not read in {attempts} attempts and {self.seconds:g} s "
            f"({trouble or 'no time was left'}). Check that the function reaches S3 in {self.credentials.region}, and "
            "that the release is not too large; try again."
        ) from trouble

    def _seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    @contextmanager
    def _get(self, key: str, part: tuple[int, int] | None) -> Iterator[http.client.HTTPResponse]:
        secure, host, path = self._address(key)
        timeout = max(0.001, min(TIMEOUT, self._seconds_left()))
        connection = (
            http.client.HTTPSConnection(host, timeout=timeout, context=ssl.create_default_context())
            if secure
            else http.client.HTTPConnection(host, timeout=timeout)
        )
        with closing(connection):
            headers = sign(self.credentials, host, path, datetime.now(UTC))
            if part:  # which need not be signed
                headers["range"] = f"bytes={part[0]}-{part[0] + part[1] - 1}"
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as response:
                if response.status != (http.client.PARTIAL_CONTENT if part else http.client.OK):
                    self._refuse(key, response.status, response.read(4096).decode(errors="replace"))
                yield response

    def _address(self, key: str) -> tuple[bool, str, str]:
        """Whether to use TLS, the host, and the path, escaped as the signature wants it."""
        if self.credentials.endpoint:
            endpoint = urlsplit(self.credentials.endpoint)
            return endpoint.scheme == "https", endpoint.netloc, f"/{self.name}/{quote(key, safe='/~')}"
        return True, f"{self.name}.s3.{self.credentials.region}.amazonaws.com", f"/{quote(key, safe='/~')}"

    def _refuse(self, key: str, status: int, said: str) -> None:
        code = _element(said, "Code") or f"HTTP {status}"
        where = f"s3://{self.name}/{key}"
        if status == http.client.NOT_FOUND:
            raise MissingError(f"{where}: there is no such object ({code}).")
        if status >= http.client.INTERNAL_SERVER_ERROR or code in _TRANSIENT or status == _TOO_MANY:
            raise _TransientError(code)
        raise S3Error(f"{where}: refused ({code}). {self._hint(code, status, _element(said, 'Region'))}")

    def _hint(self, code: str, status: int, region: str) -> str:
        if code in _ELSEWHERE or status in (http.client.MOVED_PERMANENTLY, http.client.TEMPORARY_REDIRECT):
            where = f"in {region}" if region else "in another region"
            return f"The bucket is {where}, not in {self.credentials.region}: deploy the function beside it."
        if code in _BAD_CREDENTIALS:
            return (
                "The credentials are expired or not valid. In Lambda `make release` starts new execution environments, "
                "which get new ones; elsewhere sign in again."
            )
        if code == "RequestTimeTooSkewed":
            return "The clock of this machine is wrong: set it."
        if status == http.client.FORBIDDEN:
            return "The function's role needs s3:GetObject on the releases and s3:ListBucket on the bucket."
        return "See this code in the Amazon S3 API reference, Error responses."


# Codes of "Error responses" in the Amazon S3 API reference.
_TOO_MANY: Final = http.client.TOO_MANY_REQUESTS
_TRANSIENT: Final = frozenset({"RequestTimeout", "SlowDown"})
_ELSEWHERE: Final = frozenset({"AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect"})
_BAD_CREDENTIALS: Final = frozenset(
    {"ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
)


def _element(xml: str, name: str) -> str:
    return xml.partition(f"<{name}>")[2].partition(f"</{name}>")[0]


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskError(
            f"{path}: cannot be written ({error.strerror}). Where the disk is full, give the function more: "
            "PARAMETERS=EphemeralStorage=1024 with `make deploy`."
        ) from error


def sign(credentials: Credentials, host: str, path: str, now: datetime) -> dict[str, str]:
    """The headers of a signed GET of `path` (already escaped, no query) from `host`."""
    moment, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {"host": host, "x-amz-content-sha256": _EMPTY, "x-amz-date": moment}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"GET\n{path}\n\n{lines}\n{names}\n{_EMPTY}"
    scope = f"{day}/{credentials.region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret}".encode()
    for part in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return headers
