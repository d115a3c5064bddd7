"""What a visitor meets, asked from outside at the end of each deploy: the page and the API through CloudFront."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from urllib3.util import Retry

from infra.aws import OperationError
from infra.headers import IMMUTABLE, REVALIDATE, SECURITY_HEADERS
from infra.site import INDEX, NOT_FOUND

HSTS: Final = "strict-transport-security"
PROBLEM: Final = "application/problem+json"
# The name of a new distribution may take a minute to be known everywhere; a new function starts cold. The one POST here
# only reads, so it may be repeated as well.
_RETRIES: Final = Retry(
    total=8, backoff_factor=0.5, status_forcelist=[502, 503, 504], allowed_methods=None, raise_on_status=False
)
# Where the members of a stack sign in: the page may connect there as well.
_SIGN_IN: Final = re.compile(
    r" https://cognito-idp\.[\w-]+\.amazonaws\.com https://[\w-]+\.auth\.[\w-]+\.amazoncognito\.com"
)
_TIMEOUT: Final = urllib3.Timeout(connect=5, read=30)


@dataclass(frozen=True)
class FrontDoor:
    """A site by its address, such as https://d111.cloudfront.net."""

    url: str

    def check(self, files: Mapping[str, bytes], release: str) -> str:
        """Raises OperationError unless the page is `files` and the API serves `release`; returns a remark."""
        self._check_https()
        self._check_file("/", files[INDEX], REVALIDATE)
        if asset := next((name for name in files if name.startswith("assets/")), None):
            self._check_file(f"/{asset}", files[asset], IMMUTABLE)
        if NOT_FOUND in files:
            self._check_file("/no/such/page", files[NOT_FOUND], REVALIDATE, HTTPStatus.NOT_FOUND)
        health = self._json("GET", "/api/health")
        if health.get("release") != release:
            raise self._wrong("/api/health", f"release {release}", f"{health.get('release')}")
        films = self._json("POST", "/api/recommendations", {"ratings": [], "limit": 3}).get("items")
        if not films or len(films) != 3:
            raise self._wrong("/api/recommendations", "3 films", f"{films}")
        self._expect("GET", "/api", HTTPStatus.NOT_FOUND, {"content-type": PROBLEM})
        return f"{self.url} serves the page and release {release}, headers as in infra/headers.py"

    def _check_https(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https":
            return
        answer = self._ask("GET", "/", base=f"http://{parts.netloc}")
        if not answer.headers.get("location", "").startswith("https://"):
            raise self._wrong("/ over HTTP", "a redirect to HTTPS", f"status {answer.status}")

    def _check_file(self, path: str, content: bytes, caching: str, status: int = HTTPStatus.OK) -> None:
        answer = self._expect("GET", path, status, {**SECURITY_HEADERS, "cache-control": caching})
        if answer.data != content:
            raise self._wrong(path, "the file that was published", f"other content ({len(answer.data)} bytes)")
        if self.url.startswith("https") and HSTS not in answer.headers:
            raise self._wrong(path, HSTS, "none")

    def _json(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        headers = {"cache-control": "no-store", "content-type": "application/json"}
        answer = self._expect(method, path, HTTPStatus.OK, headers, body)
        found: dict[str, Any] = answer.json()
        return found

    def _expect(
        self, method: str, path: str, status: int, headers: Mapping[str, str], body: Any = None
    ) -> urllib3.BaseHTTPResponse:
        answer = self._ask(method, path, body)
        if answer.status != status:
            raise self._wrong(
                path, f"status {status:d}", f"{answer.status} ({answer.data[:200].decode(errors='replace')})"
            )
        for name, value in headers.items():
            if _SIGN_IN.sub("", answer.headers.get(name, "")) != value:
                raise self._wrong(path, f"{name}: {value}", str(answer.headers.get(name)))
        return answer

    def _ask(self, method: str, path: str, body: Any = None, base: str | None = None) -> urllib3.BaseHTTPResponse:
        url = f"{base or self.url}{path}"
        sent = None if body is None else json.dumps(body)
        headers = {"content-type": "application/json"}
        try:
            with urllib3.PoolManager() as pool:
                return pool.request(
                    method, url, body=sent, headers=headers, redirect=False, retries=_RETRIES, timeout=_TIMEOUT
                )
        except urllib3.exceptions.HTTPError as error:
            raise OperationError(
                f"{url}: no answer ({error}). The stack stands; run the same command again."
            ) from error

    def _wrong(self, path: str, expected: str, found: str) -> OperationError:
        return OperationError(
            f"{self.url}{path}: expected {expected}, found {found}. The stack and the page are deployed: see the "
            "function's log, then run the same command again."
        )
