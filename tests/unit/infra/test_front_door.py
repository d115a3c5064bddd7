"""The visit at the end of a deploy: success, and errors."""

import logging
from collections.abc import Iterable, Iterator
from threading import Thread
from typing import Any

import httpx
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from infra.aws import OperationError
from infra.front_door import FrontDoor
from infra.headers import IMMUTABLE, REVALIDATE, SECURITY_HEADERS, content_security_policy

FILES = {"assets/index-1.js": b"export {}", "404.html": b"Page not found", "index.html": b"Films"}
RELEASE = "3f9a1c2b7d40"
PAGE = {**SECURITY_HEADERS, "cache-control": REVALIDATE}
JSON = {"content-type": "application/json", "cache-control": "no-store"}


class Site:
    """The responses of a working site, by path; tests change some."""

    def __init__(self) -> None:
        self.answers = {
            "/": httpx.Response(200, headers=PAGE, content=FILES["index.html"]),
            "/assets/index-1.js": httpx.Response(
                200, headers={**PAGE, "cache-control": IMMUTABLE}, content=FILES["assets/index-1.js"]
            ),
            "/no/such/page": httpx.Response(404, headers=PAGE, content=FILES["404.html"]),
            "/api": httpx.Response(404, headers={"content-type": "application/problem+json"}),
            "/api/health": httpx.Response(200, headers=JSON, json={"release": RELEASE}),
            "/api/recommendations": httpx.Response(200, headers=JSON, json={"items": [1, 2, 3]}),
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self.answers[environ["PATH_INFO"]]
        start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.headers.items()))
        return [answer.content]


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def front_door(site: Site) -> Iterator[FrontDoor]:
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    listener = make_server("127.0.0.1", 0, site, threaded=True, request_handler=WSGIRequestHandler)
    thread = Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    yield FrontDoor(f"http://127.0.0.1:{listener.server_port}")
    listener.shutdown()
    listener.server_close()
    thread.join(10)


def test_a_page_may_connect_to_the_user_pool_and_to_nothing_else(site: Site, front_door: FrontDoor) -> None:
    pool = "https://cognito-idp.eu-west-1.amazonaws.com"
    pages = "https://5a1c-films.auth.eu-west-1.amazoncognito.com"
    site.answers["/"].headers["content-security-policy"] = content_security_policy(pool, pages)
    assert RELEASE in front_door.check(FILES, RELEASE)
    site.answers["/"].headers["content-security-policy"] = content_security_policy(pool, pages, "https://evil.example")
    with pytest.raises(OperationError, match="content-security-policy"):
        front_door.check(FILES, RELEASE)


def test_a_site_in_good_order_passes(front_door: FrontDoor) -> None:
    output = front_door.check(FILES, RELEASE)
    assert output == f"{front_door.url} serves the page and release {RELEASE}, headers as in infra/headers.py"


@pytest.mark.parametrize(
    ("path", "answer", "output"),
    [
        (
            "/",
            httpx.Response(200, headers=PAGE, content=b"old"),
            "/: expected the file that was published, found other",
        ),
        ("/", httpx.Response(200, headers=SECURITY_HEADERS), "/: expected cache-control: no-cache, found None"),
        ("/", httpx.Response(200, headers={"cache-control": "no-cache"}), "/: expected content-security-policy: defa"),
        (
            "/",
            httpx.Response(403, content=b"<Error>AccessDenied"),
            "expected status 200, found 403 (<Error>AccessDenied)",
        ),
        ("/assets/index-1.js", httpx.Response(200, headers=PAGE), "expected cache-control: public, max-age=31536000"),
        ("/no/such/page", httpx.Response(200, headers=PAGE), "/no/such/page: expected status 404, found 200"),
        ("/api", httpx.Response(403, content=b"<Error/>"), "/api: expected status 404, found 403 (<Error/>)"),
        ("/api/health", httpx.Response(500, content=b"no"), "/api/health: expected status 200, found 500 (no)"),
        (
            "/api/health",
            httpx.Response(200, headers=JSON, json={"release": "0"}),
            f"expected release {RELEASE}, found 0",
        ),
        ("/api/recommendations", httpx.Response(200, headers=JSON, json={"items": []}), "expected 3 films, found []"),
        ("/api/recommendations", httpx.Response(200, json={}), "expected cache-control: no-store, found None"),
    ],
)
def test_anything_else_is_named(
    path: str, answer: httpx.Response, output: str, site: Site, front_door: FrontDoor
) -> None:
    site.answers[path] = answer
    with pytest.raises(OperationError) as wrong:
        front_door.check(FILES, RELEASE)
    assert output in str(wrong.value)
    assert "run the same command again" in str(wrong.value)


def test_a_new_function_may_take_a_moment(site: Site, front_door: FrontDoor) -> None:
    ready = site.answers["/api/health"]
    starting = iter([httpx.Response(503), httpx.Response(504)])

    class Answers(dict[str, httpx.Response]):
        def __getitem__(self, path: str) -> httpx.Response:
            return next(starting, ready) if path == "/api/health" else super().__getitem__(path)

    site.answers = Answers(site.answers)
    assert "serves the page" in front_door.check(FILES, RELEASE)


def test_a_site_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.front_door._RETRIES", 0)
    with pytest.raises(OperationError, match=r"http://127\.0\.0\.1:1/: no answer"):
        FrontDoor("http://127.0.0.1:1").check(FILES, RELEASE)


def test_https_needs_a_redirect_and_hsts(site: Site, front_door: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS itself is left to the client library; the tests use HTTP."""
    ask = FrontDoor._ask
    plain = front_door.url
    secure = FrontDoor(plain.replace("http://", "https://"))
    monkeypatch.setattr(
        FrontDoor, "_ask", lambda self, method, path, *rest, **more: ask(front_door, method, path, *rest)
    )
    with pytest.raises(OperationError, match="/ over HTTP: expected a redirect to HTTPS, found status 200"):
        secure.check(FILES, RELEASE)
    monkeypatch.setattr(FrontDoor, "_check_https", lambda self: None)
    with pytest.raises(OperationError, match="expected strict-transport-security, found none"):
        secure.check(FILES, RELEASE)
