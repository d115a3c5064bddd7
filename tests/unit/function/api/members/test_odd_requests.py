"""Odd requests are refused, and change nothing."""

import json
from collections.abc import Callable
from itertools import product

import httpx
import pytest

from function.api.middleware import BULK
from tests.unit.function.api.members.conftest import operations, rate, ratings


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("put", "/ratings/{}", b"", 422),
        ("put", "/ratings/{}", b"not json", 400),
        ("put", "/ratings/{}", b"\xff\xfe", 400),
        ("put", "/ratings/{}", '{"rating": 4}'.encode("utf-16"), 400),
        ("put", "/ratings/{}", b"[" * 60_000, 400),
        ("put", "/ratings/{}", b'{"rating": NaN}', 422),
        ("put", "/ratings/{}", b'{"rating": 1e999}', 422),
        ("put", "/ratings/{}", b'{"rating": true}', 422),
        ("put", "/ratings/{}", b'{"rating": 4.5}', 422),
        ("put", "/ratings/{}", b'{"rating": 6}', 422),
        ("put", "/ratings/{}", b'{"rating": 4, "rated_at": -1}', 422),
        ("put", "/ratings/{}", b'{"rating": 4, "rated_at": 1' + b"0" * 400 + b"}", 422),
        ("put", "/ratings/{}", b'{"rating": 4, "user": "bob"}', 422),
        ("put", "/ratings/{}", b'{"rating": 4}'.ljust(64 * 1024 + 1), 413),
        ("put", "/ratings/none", b'{"rating": 4}', 404),
        ("put", "/list/none", b"", 404),
        ("post", "/merge", b'{"ratings": [{"film_id": "1", "rating": 9}]}', 422),
        ("post", "/merge", b'{"ratings": [' + b'{"film_id": "1", "rating": 3},' * 5_000 + b"{}]}", 422),
        ("post", "/merge", b"{}".ljust(2 * 1024 * 1024 + 1), 413),
        ("post", "/import", b'{"source": "myspace", "rows": []}', 422),
        ("post", "/import", b'{"source": "imdb", "rows": [{"rating": 1e308}]}', 200),
        ("post", "/shelves", b'{"name": ""}', 422),
        ("put", "/consent", b'{"training": "yes"}', 422),
        ("post", "/undo/x", b"", 404),
        ("get", "/ratings?cursor=xyz", b"", 400),
        ("get", "/ratings?cursor=MTA", b"", 400),
        ("get", "/ratings?limit=1001", b"", 422),
        ("get", "/ratings?user=bob", b"", 422),
        ("get", "/history?cursor=ImFjY291bnQi", b"", 400),
        ("patch", "/ratings/{}", b"", 405),
        ("get", "/nothing", b"", 404),
    ],
)
def test_wrong_requests_are_refused_and_change_nothing(
    method: str, path: str, body: bytes, status: int, ada: httpx.Client, ids: list[str]
) -> None:
    rate(ada, ids[0], 2)
    headers = {"content-type": "application/json"}
    answer = ada.request(method, "/api/me" + path.format(ids[0]), content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert ratings(ada) == {ids[0]: 2}


@pytest.mark.parametrize("header", ['"x"', "7", 'W/"7"', '"1", "2"', "*"])
def test_a_condition_that_cannot_be_read_is_refused(header: str, ada: httpx.Client, ids: list[str]) -> None:
    answer = ada.put(f"/api/me/ratings/{ids[0]}", json={"rating": 4}, headers={"if-match": header})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "if-match")


ODD_BODIES = {
    "nothing": b"",
    "no JSON": b"not json",
    "bad UTF-8": b'{"name": "\xff\xfe"}',
    "deeply nested lists": b"[" * 60_000,
    "deeply nested objects": b'{"a":' * 12_000,
    "too large": b"{}".ljust(64 * 1024 + 1),
    "far too large": b"{}".ljust(2 * 1024 * 1024 + 1),
    "a list": b"[]",
    "a number": b"1e999",
    "null": b"null",
}
ODD_VALUES = {
    "NaN": "NaN",
    "infinite": "-Infinity",
    "a huge number": "1e999",
    "a huge integer": "1" + "0" * 400,
    "more digits than Python reads": "9" * 5_000,
    "deeply nested": "[" * 500 + "]" * 500,
    "half a character": r'"\ud800"',
    "an object": '{"$ne": null}',
}


def test_no_operation_takes_an_odd_body(
    ada: httpx.Client, ids: list[str], record_property: Callable[[str, object], None]
) -> None:
    """Each odd body, and each odd value in each field of a good body, of every operation with a body."""
    rate(ada, ids[0], 2)
    shelf = ada.post("/api/me/shelves", json={"name": "x"}).json()["id"]
    cases = 0
    for operation in [each for each in operations(ada) if each.takes]:
        good = operation.send(ada, film=ids[1], shelf_id=shelf)
        assert good.is_success, (operation, good.text)
        before = ada.get("/api/me/export").json()
        odd = dict(ODD_BODIES)
        if operation.path in BULK:  # an empty merge is 64 KiB of spaces, too
            del odd["too large"]
        fields = {name: json.dumps(value) for name, value in (operation.body or {}).items()}
        for field, (name, value) in product(operation.takes, ODD_VALUES.items()):
            body = ", ".join(f'"{key}": {text}' for key, text in {**fields, field: value}.items())
            odd[f"{field} is {name}"] = f"{{{body}}}".encode()
        address = operation.path.format(film_id=ids[1], user_id="1", shelf_id=shelf)
        for name, content in odd.items():
            headers = {"content-type": "application/json"}
            answer = ada.request(operation.method, address, content=content, headers=headers)
            assert 400 <= answer.status_code < 500, (operation, name, answer.text)
            cases += 1
        assert ada.get("/api/me/export").json() == before, operation
    record_property("cases", cases)
