"""Complete API Gateway events, through Lambda's runtime client in the emulator."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.rie import emulated_function, event_v1, event_v2, response_of


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("emulator") / "log"


@pytest.fixture(scope="module")
def url(log: Path, root: Path) -> Iterator[str]:
    with emulated_function(root, log) as url:
        yield url


def invoke(url: str, event: dict[str, Any]) -> httpx.Response:
    return response_of(httpx.post(url, json=event, timeout=60).json())


def test_http_api_event(url: str) -> None:
    answer = invoke(url, event_v2("GET", "/api/films", "genres=Drama&genres=War&match=all&limit=3"))
    assert answer.status_code == 200
    assert all({"Drama", "War"} <= set(film["genres"]) for film in answer.json()["items"])
    assert answer.headers["etag"]


def test_http_api_event_with_a_base64_body(url: str) -> None:
    body = json.dumps({"ratings": [{"film_id": "11", "rating": 5}], "limit": 4}).encode()
    answer = invoke(
        url, event_v2("POST", "/api/recommendations", headers={"content-type": "application/json"}, body=body)
    )
    assert len(answer.json()["items"]) == 4


def test_http_api_event_with_a_text_body(url: str) -> None:
    """API Gateway sends JSON as text, and only binary bodies in base64."""
    body = '{"ratings": [{"film_id": "11", "rating": 5}], "limit": 4}'
    event = event_v2("POST", "/api/recommendations", headers={"content-type": "application/json"})
    assert len(invoke(url, {**event, "body": body, "isBase64Encoded": False}).json()["items"]) == 4


def test_rest_api_event_with_a_base64_body(url: str) -> None:
    body = base64.b64encode(b'{"ratings": [{"film_id": "11", "rating": 5}], "limit": 4}').decode()
    event = event_v1("POST", "/api/recommendations", headers={"Content-Type": "application/json"}, body=body)
    assert len(invoke(url, {**event, "isBase64Encoded": True}).json()["items"]) == 4


@pytest.mark.parametrize("event", [event_v1, event_v2])
def test_headers_go_in_and_out(url: str, event: Callable[..., dict[str, Any]]) -> None:
    first = invoke(url, event("GET", "/api/genres"))
    again = invoke(url, event("GET", "/api/genres", headers={"if-none-match": first.headers["etag"]}))
    assert (again.status_code, again.content) == (304, b"")
    correlated = invoke(url, event("GET", "/api/health", headers={"x-correlation-id": "shop-42"}))
    assert correlated.headers["x-correlation-id"] == "shop-42"


@pytest.mark.parametrize("event", [event_v1, event_v2])
@pytest.mark.parametrize(("path", "status"), [("/api/genres", 200), ("/api/nothing", 404), ("/api/films/none", 404)])
def test_json_leaves_as_text(url: str, event: Callable[..., dict[str, Any]], path: str, status: int) -> None:
    """A REST API would pass base64 on as it is."""
    raw = httpx.post(url, json=event("GET", path), timeout=60).json()
    assert raw["statusCode"] == status
    assert raw["isBase64Encoded"] is False
    assert json.loads(raw["body"])


@pytest.mark.parametrize("event", [event_v1, event_v2])
def test_head_events(url: str, event: Callable[..., dict[str, Any]]) -> None:
    raw = httpx.post(url, json=event("HEAD", "/api/genres"), timeout=60).json()
    assert (raw["statusCode"], raw["body"]) == (200, "")
    assert raw["headers"]["etag"]


@pytest.mark.parametrize("event", [event_v1, event_v2])
def test_a_wrong_request_is_a_problem(url: str, event: Callable[..., dict[str, Any]]) -> None:
    answer = invoke(url, event("GET", "/api/films", "genres=Nope&limit=3"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["instance"] == "/api/films"


def test_rest_api_event_with_repeated_parameters(url: str) -> None:
    answer = invoke(url, event_v1("GET", "/api/users/5/recommendations", "genres=Drama&genres=War&match=all&limit=2"))
    assert len(answer.json()["items"]) == 2
    assert all({"Drama", "War"} <= set(film["genres"]) for film in answer.json()["items"])


def test_rest_api_event_with_a_text_body(url: str) -> None:
    body = json.dumps({"ratings": [{"film_id": "11", "rating": 9}]})
    answer = invoke(
        url, event_v1("POST", "/api/recommendations", headers={"Content-Type": "application/json"}, body=body)
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == "/ratings/0/rating"


def test_both_events_get_the_same_answer(url: str) -> None:
    path, query = "/api/users/5/recommendations", "limit=7&include_seen=true&sort=stars"
    assert invoke(url, event_v1("GET", path, query)).json() == invoke(url, event_v2("GET", path, query)).json()


def test_a_path_with_escapes(url: str) -> None:
    assert invoke(url, event_v2("GET", "/api/films/%C3%A9")).status_code == 404


def test_a_request_is_one_line_of_log_without_the_person(url: str, log: Path) -> None:
    invoke(url, event_v2("GET", "/api/users/5/recommendations", "limit=3"))
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    last = [line for line in lines if line.get("route")][-1]
    assert last["route"] == "/api/users/{user_id}/recommendations"
    assert last["status"] == 200
    assert "192.0.2.1" not in json.dumps(last)
    assert "/users/5" not in json.dumps(last)
