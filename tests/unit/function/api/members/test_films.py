"""Ratings and lists: kept, changed by one device at a time, and each change once."""

import time

import httpx
import pytest

from tests.unit.function.api.members.conftest import Json, rate, ratings


def test_ratings_are_kept_changed_and_taken_back(ada: httpx.Client, ids: list[str]) -> None:
    before = int(time.time())
    first = rate(ada, ids[0], 4)
    assert before <= first["rated_at"] <= time.time()
    assert rate(ada, ids[1], 2, rated_at=1_000_000_000)["rated_at"] == 1_000_000_000
    assert rate(ada, ids[0], 5)["version"] > first["version"]
    assert ada.get(f"/api/me/ratings/{ids[0]}").json()["rating"] == 5
    assert [item["film_id"] for item in ada.get("/api/me/ratings").json()["items"]] == ids[:2]
    assert ada.get("/api/me").json()["ratings"] == 2
    assert ada.delete(f"/api/me/ratings/{ids[0]}").status_code == 204
    assert ada.delete(f"/api/me/ratings/{ids[0]}").status_code == 204
    assert ada.get(f"/api/me/ratings/{ids[0]}").status_code == 404
    assert (ratings(ada), ada.get("/api/me").json()["ratings"]) == ({ids[1]: 2}, 1)


@pytest.mark.parametrize("collection", ["list", "not-interested"])
def test_lists_are_kept(ada: httpx.Client, ids: list[str], collection: str) -> None:
    for film in ids[:3]:
        assert ada.put(f"/api/me/{collection}/{film}").json()["film_id"] == film
    assert ada.delete(f"/api/me/{collection}/{ids[0]}").status_code == 204
    items = ada.get(f"/api/me/{collection}").json()["items"]
    assert {item["film_id"] for item in items} == set(ids[1:3])
    assert ada.get("/api/me").json()[collection.replace("-", "_")] == 2


def test_pages_lead_through_all_ratings_once(ada: httpx.Client, ids: list[str]) -> None:
    given = [{"film_id": film, "rating": 3, "rated_at": 1000 + number // 3} for number, film in enumerate(ids)]
    ada.post("/api/me/merge", json={"ratings": given}).raise_for_status()
    seen: list[Json] = []
    cursor: str | None = None
    while True:
        page = ada.get("/api/me/ratings", params={"limit": 7, **({"cursor": cursor} if cursor else {})}).json()
        seen += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
        if len(seen) == 21:  # what is deleted meanwhile moves nothing
            ada.delete(f"/api/me/ratings/{seen[20]['film_id']}")
    assert len({item["film_id"] for item in seen}) == len(seen) == len(ids)
    assert [item["rated_at"] for item in seen] == sorted((item["rated_at"] for item in seen), reverse=True)


def test_of_two_devices_the_second_is_told_what_the_first_wrote(ada: httpx.Client, ids: list[str]) -> None:
    path = f"/api/me/ratings/{ids[0]}"
    first = ada.put(path, json={"rating": 3})
    tag = first.headers["etag"]
    assert ada.put(path, json={"rating": 4}, headers={"if-match": tag}).status_code == 200
    for method in ("put", "delete"):
        refused = ada.request(method, path, json={"rating": 1}, headers={"if-match": tag})
        assert refused.status_code == 412
        assert refused.json()["current"]["rating"] == 4
    missing = ada.put(f"/api/me/ratings/{ids[1]}", json={"rating": 1}, headers={"if-match": '"99"'})
    assert (missing.status_code, "current" in missing.json()) == (412, False)
    assert ada.put(f"/api/me/list/{ids[1]}", headers={"if-match": '"0"'}).status_code == 200
    assert ada.put(f"/api/me/list/{ids[1]}", headers={"if-match": '"0"'}).status_code == 412
    assert ratings(ada) == {ids[0]: 4}


def test_what_was_sent_twice_happened_once(ada: httpx.Client, ids: list[str]) -> None:
    path, key = f"/api/me/ratings/{ids[0]}", {"idempotency-key": "one"}
    first = ada.put(path, json={"rating": 3}, headers=key)
    rate(ada, ids[0], 5)
    again = ada.put(path, json={"rating": 3}, headers=key)
    assert (again.status_code, again.json()) == (200, first.json())
    assert ratings(ada) == {ids[0]: 5}
    other = ada.put(path, json={"rating": 4}, headers=key)
    assert (other.status_code, other.json()["errors"][0]["parameter"]) == (422, "Idempotency-Key")
    shelves = [ada.post("/api/me/shelves", json={"name": "x"}, headers={"idempotency-key": "two"}) for _ in range(3)]
    assert len({shelf.json()["id"] for shelf in shelves}) == 1
    assert ada.get("/api/me").json()["shelves"] == 1
    for _ in range(2):
        assert ada.delete(path, headers={"idempotency-key": "three"}).status_code == 204
    assert ratings(ada) == {}


def test_tags_tell_that_nothing_changed(ada: httpx.Client, ids: list[str]) -> None:
    rate(ada, ids[0])
    paths = ("", "/ratings", f"/ratings/{ids[0]}", "/list", "/not-interested", "/shelves", "/home", "/recommendations")
    for path in paths:
        got = ada.get(f"/api/me{path}")
        assert got.headers["cache-control"] == "no-store"
        same = ada.get(f"/api/me{path}", headers={"if-none-match": got.headers["etag"]})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", got.headers["etag"])
        rate(ada, ids[0], 5 if got.headers["etag"].startswith('"1') else 3)
        assert ada.get(f"/api/me{path}", headers={"if-none-match": got.headers["etag"]}).status_code == 200, path
