"""The routes below /api/me: what is kept, for whom, and what is refused."""

import csv
import io
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from function.api.app import create_app
from function.members.account import CHANGES_PER_MINUTE
from function.members.sqlite import SqliteStore
from function.members.store import BusyError
from function.settings import Settings, SignIn
from tests.support.members import CLIENT, Provider, bearer, members_api
from tests.support.served import InProcess
from tests.unit.function.api.conftest import subject

Json = dict[str, Any]


@pytest.fixture(scope="module")
def ids(members: httpx.Client) -> list[str]:
    """The hundred most rated films."""
    films = members.get("/api/films", params={"sort": "popularity", "limit": 100}).json()["items"]
    return [film["id"] for film in films]


def rate(client: httpx.Client, film: str, rating: float = 4, **more: Any) -> Json:
    answer = client.put(f"/api/me/ratings/{film}", json={"rating": rating, **more})
    assert answer.status_code == 200, answer.text
    rated: Json = answer.json()
    return rated


def ratings(client: httpx.Client) -> dict[str, float]:
    items = client.get("/api/me/ratings", params={"limit": 1000}).raise_for_status().json()["items"]
    return {item["film_id"]: item["rating"] for item in items}


def test_without_sign_in_there_is_nobody(root: Path) -> None:
    with httpx.Client(transport=InProcess(create_app(Settings(bundle_dir=root))), base_url="http://function") as client:
        for path in ("/api/me", "/api/me/ratings"):
            answer = client.get(path, headers=bearer("x"))
            assert (answer.status_code, answer.json()["detail"][:26]) == (404, "Sign-in is not set up here")
        assert client.get("/api/mean").json()["detail"].startswith("There is nothing at this address")
        assert not [path for path in client.get("/api/openapi.json").json()["paths"] if path.startswith("/api/me")]


def test_without_a_token_nothing_is_told(members: httpx.Client) -> None:
    document = members.get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        for method in operations if path.startswith("/api/me") else ():
            address = path.format(film_id="1", shelf_id="x", undo="x")
            for headers in ({}, bearer("x.y.z"), {"authorization": "Basic eDp5"}):
                answer = members.request(method, address, headers=headers, json={})
                assert answer.status_code == 401, (method, path, answer.text)
                assert answer.headers["www-authenticate"].startswith("Bearer")
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["cache-control"] == "no-store"


def test_the_document_says_that_members_sign_in(members: httpx.Client) -> None:
    document = members.get("/api/openapi.json").json()
    assert document["components"]["securitySchemes"]["signIn"]["scheme"] == "bearer"
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert ("security" in operation) is path.startswith("/api/me"), path
            if "security" in operation:
                assert {"401", "403", "503"} <= set(operation["responses"])


def test_an_account_is_there_from_the_start(ada: httpx.Client) -> None:
    empty = {"ratings": 0, "list": 0, "not_interested": 0, "shelves": 0, "training": False}
    assert ada.get("/api/me").json() == empty
    for path in ("ratings", "list", "not-interested", "history"):
        assert ada.get(f"/api/me/{path}").json() == {"items": [], "next_cursor": None}
    assert ada.get("/api/me/shelves").json() == {"items": []}
    assert ada.get("/api/me/profile").json() == {"ratings": 0, "average": None, "genres": [], "weightiest": []}


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


def test_members_see_and_change_only_their_own(ada: httpx.Client, bob: httpx.Client, ids: list[str]) -> None:
    rate(ada, ids[0])
    shelf = ada.post("/api/me/shelves", json={"name": "mine"}).json()["id"]
    undo = ada.post("/api/me/merge", json={"list": ids[:3]}).json()["undo"]
    before = ada.get("/api/me/export").json()
    for method, path in (
        ("get", f"ratings/{ids[0]}"),
        ("get", f"shelves/{shelf}"),
        ("get", f"shelves/{shelf}/today"),
        ("put", f"shelves/{shelf}"),
        ("delete", f"shelves/{shelf}"),
        ("post", f"undo/{undo}"),
    ):
        answer = bob.request(method, f"/api/me/{path}", json={"name": "bob's"} if method == "put" else None)
        assert answer.status_code == 404, path
    assert bob.delete(f"/api/me/ratings/{ids[0]}").status_code == 204
    assert bob.delete("/api/me").status_code == 204
    assert ada.get("/api/me/export").json() == before
    assert bob.get("/api/me").status_code == 401


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


def test_a_merge_keeps_the_later_rating_and_can_be_undone(ada: httpx.Client, ids: list[str]) -> None:
    rate(ada, ids[0], 2, rated_at=2000)
    rate(ada, ids[1], 2, rated_at=2000)
    rate(ada, ids[2], 2, rated_at=2000)
    ada.put(f"/api/me/list/{ids[0]}")
    given = [
        {"film_id": ids[0], "rating": 5, "rated_at": 3000},
        {"film_id": ids[1], "rating": 5, "rated_at": 1000},
        {"film_id": ids[2], "rating": 2, "rated_at": 3000},
        {"film_id": ids[3], "rating": 4},
        {"film_id": "no film", "rating": 4},
    ]
    body = {"ratings": given, "list": [ids[0], ids[4], "no film"], "not_interested": [ids[5]]}
    merged = ada.post("/api/me/merge", json=body).raise_for_status().json()
    assert merged["merged"] == 4
    assert merged["conflicts"] == [
        {
            "film_id": ids[0],
            "kept": {"rating": 5, "rated_at": 3000},
            "other": {"rating": 2, "rated_at": 2000},
        },
        {
            "film_id": ids[1],
            "kept": {"rating": 2, "rated_at": 2000},
            "other": {"rating": 5, "rated_at": 1000},
        },
    ]
    assert ratings(ada) == {ids[0]: 5, ids[1]: 2, ids[2]: 2, ids[3]: 4}
    rate(ada, ids[3], 1)  # since then: the undoing keeps it
    undo = f"/api/me/undo/{merged['undo']}"
    assert ada.post(undo).json() == {"restored": 3, "kept": 1}
    assert ratings(ada) == {ids[0]: 2, ids[1]: 2, ids[2]: 2, ids[3]: 1}
    facts = ada.get("/api/me").json()
    assert (facts["ratings"], facts["list"], facts["not_interested"]) == (4, 1, 0)
    assert ada.post(undo).status_code == 404
    assert ada.post("/api/me/merge", json={}).json() == {"merged": 0, "conflicts": [], "undo": None}


def test_five_thousand_rows_are_imported_in_one_go(ada: httpx.Client, members: httpx.Client) -> None:
    films: list[Json] = []
    cursor: str | None = None
    while len(films) < 400:
        page = members.get("/api/films", params={"limit": 100, **({"cursor": cursor} if cursor else {})}).json()
        films, cursor = films + page["items"], page["next_cursor"]
    known = [film for film in films if film["year"]]
    rows = [
        {"title": film["title"].upper().replace("THE ", ""), "year": film["year"] + number % 3 - 1, "rating": 4.5}
        for number, film in enumerate(known)
    ]
    rows += [{"title": f"Nothing like it {number}", "year": 1990, "rating": 3} for number in range(5000 - len(rows))]
    answer = ada.post("/api/me/import", json={"source": "letterboxd", "rows": rows})
    report = answer.raise_for_status().json()
    assert report["matched"] == report["merged"] == report["matched_by"]["title"] == len(known)
    assert len(report["unmatched"]) == 5000 - len(known)
    assert {row["reason"] for row in report["unmatched"]} == {"no such film"}
    assert ratings(ada) == {film["id"]: 5 for film in known}
    assert ada.post(f"/api/me/undo/{report['undo']}").json()["restored"] == len(known)
    assert ratings(ada) == {}
    assert ada.post("/api/me/import", json={"source": "imdb", "rows": [*rows, rows[0]]}).status_code == 422


def test_an_export_can_be_imported_by_somebody_else(ada: httpx.Client, bob: httpx.Client, ids: list[str]) -> None:
    for number, film in enumerate(ids[:9]):
        rate(ada, film, 1 + number % 5, rated_at=1000 + number)
    ada.put(f"/api/me/list/{ids[20]}")
    shelf = ada.post("/api/me/shelves", json={"name": "war films", "filters": {"genres": ["War"]}}).json()
    ada.get("/api/me/home")
    everything = ada.get("/api/me/export")
    assert everything.headers["content-disposition"] == 'attachment; filename="my-films.json"'
    assert everything.json()["shelves"] == [shelf]
    assert [entry["film_id"] for entry in everything.json()["list"]] == [ids[20]]
    assert len(everything.json()["history"]) == 1
    rows = list(csv.DictReader(io.StringIO(ada.get("/api/me/export", params={"format": "csv"}).text)))
    sent = [
        {"film_id": row["film_id"], "rating": float(row["rating"]), "rated_at": int(row["rated_at"])} for row in rows
    ]
    report = bob.post("/api/me/import", json={"source": "export", "rows": sent}).json()
    assert (report["matched"], report["matched_by"]["film_id"]) == (9, 9)
    assert bob.get("/api/me/export").json()["ratings"] == everything.json()["ratings"]


def test_a_saved_shelf_stays_as_it_was(ada: httpx.Client, ids: list[str]) -> None:
    rate(ada, ids[0], 5)
    answer = ada.post("/api/me/shelves", json={"name": "short", "filters": {"genres": ["Drama"], "limit": 5}})
    shelf = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/me/shelves/{shelf['id']}")
    assert len(shelf["films"]) == 5
    assert shelf["filters"] == {"genres": ["Drama"], "limit": 5}
    assert ada.get(f"/api/me/shelves/{shelf['id']}/today").json()["new_ids"] == []
    seen = shelf["films"][0]["id"]
    rate(ada, seen, 1)
    today = ada.get(f"/api/me/shelves/{shelf['id']}/today").json()
    assert seen not in {film["id"] for film in today["films"]}
    assert today["new_ids"]
    assert ada.get(f"/api/me/shelves/{shelf['id']}").json() == shelf
    renamed = ada.put(
        f"/api/me/shelves/{shelf['id']}", json={"name": "shorter"}, headers={"if-match": answer.headers["etag"]}
    )
    assert renamed.json()["name"] == "shorter"
    stale = ada.delete(f"/api/me/shelves/{shelf['id']}", headers={"if-match": answer.headers["etag"]})
    assert (stale.status_code, stale.json()["current"]["name"]) == (412, "shorter")
    assert ada.delete(f"/api/me/shelves/{shelf['id']}").status_code == 204
    assert ada.get("/api/me/shelves").json() == {"items": []}
    wrong = ada.post("/api/me/shelves", json={"name": "x", "filters": {"genres": ["Opera"]}})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/filters/genres/0")


def test_a_member_is_recommended_what_a_visitor_with_the_same_ratings_is(
    ada: httpx.Client, members: httpx.Client, ids: list[str]
) -> None:
    for number, film in enumerate(ids[:8]):
        rate(ada, film, 1 + number % 5, rated_at=1000 + number)
    hidden = members.post("/api/home", json={"ratings": []}).json()["hero"]["id"]
    ada.put(f"/api/me/not-interested/{hidden}")
    given = [{"film_id": film, "rating": 1 + number % 5} for number, film in enumerate(ids[:8])]
    home = members.post("/api/home", json={"ratings": given, "not_interested": [hidden]}).json()
    for _ in range(2):  # the second time from the vector that is kept
        assert ada.get("/api/me/home").json() == home
    asked = {"limit": 9, "reasons": True}
    page = members.post("/api/recommendations", json={"ratings": given, "not_interested": [hidden], **asked}).json()
    mine = ada.get("/api/me/recommendations", params=asked).json()
    assert (mine["items"], mine["total"]) == (page["items"], page["total"])
    following = ada.get("/api/me/recommendations", params={**asked, "cursor": mine["next_cursor"]}).json()
    assert not {film["id"] for film in mine["items"]} & {film["id"] for film in following["items"]}
    film = members.post(f"/api/films/{ids[30]}", json={"ratings": given, "not_interested": [hidden]}).json()
    assert ada.get(f"/api/me/films/{ids[30]}").json() == film
    profile = ada.get("/api/me/profile").json()
    assert profile["ratings"] == 8
    assert sum(one["share"] for one in profile["weightiest"]) == pytest.approx(1, abs=1e-3)
    assert {one["film"]["id"] for one in profile["weightiest"]} <= set(ids[:8])
    items = ada.get("/api/me/history", params={"limit": 2}).json()
    assert len(items["items"]) == 2
    rest = ada.get("/api/me/history", params={"cursor": items["next_cursor"]}).json()
    assert [len(items["items"]) + len(rest["items"]), rest["next_cursor"]] == [3, None]


def test_a_deleted_account_is_gone(
    ada: httpx.Client, members: httpx.Client, provider: Provider, ids: list[str], request: pytest.FixtureRequest
) -> None:
    rate(ada, ids[0])
    ada.post("/api/me/shelves", json={"name": "x"}).raise_for_status()
    assert ada.delete("/api/me").status_code == 204
    assert ada.delete("/api/me").status_code == 204
    for method, path in (("get", ""), ("get", "/ratings"), ("get", "/export"), ("put", f"/ratings/{ids[0]}")):
        refused = ada.request(method, f"/api/me{path}", json={"rating": 3})
        assert (refused.status_code, refused.json()["detail"][:24]) == (401, "This account was deleted")
    later = int(time.time()) + 3
    again = provider.token(subject("ada", request), auth_time=later)
    answer = members.get("/api/me", headers=bearer(again))
    assert (answer.status_code, answer.json()["ratings"], answer.json()["shelves"]) == (200, 0, 0)


def test_too_many_changes_in_a_minute_are_refused(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("function.members.account.CHANGES_PER_MINUTE", 3)
    provider = Provider()
    with members_api(root, f"sqlite:///{tmp_path}/m.sqlite3", provider) as api:
        headers = bearer(provider.token())
        film = api.get("/api/films").json()["items"][0]["id"]
        codes = [api.put(f"/api/me/list/{film}", headers=headers).status_code for _ in range(5)]
        assert codes in ([200] * 3 + [429] * 2, [200] * 5)  # a minute may begin in between
        assert api.get("/api/me", headers=headers).status_code == 200
    assert CHANGES_PER_MINUTE >= 100


def test_a_store_that_does_not_answer_is_503(
    ada: httpx.Client, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise BusyError("secret words")

    rate(ada, ids[0])
    monkeypatch.setattr(SqliteStore, "write", busy)
    answer = ada.put(f"/api/me/ratings/{ids[0]}", json={"rating": 1})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "secret" not in answer.text
    monkeypatch.undo()
    assert ratings(ada) == {ids[0]: 4}


def test_a_provider_that_does_not_answer_is_503(root: Path, tmp_path: Path) -> None:
    sign_in = SignIn("https://identity.example", "http://127.0.0.1:9/jwks", CLIENT)
    app = create_app(Settings(bundle_dir=root, store=f"sqlite:///{tmp_path}/m.sqlite3", sign_in=sign_in))
    with httpx.Client(transport=InProcess(app), base_url="http://function") as client:
        assert client.get("/api/me", headers=bearer(Provider().token())).status_code == 503


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("put", "/ratings/{}", b"", 422),
        ("put", "/ratings/{}", b"not json", 400),
        ("put", "/ratings/{}", b"\xff\xfe", 400),
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


def test_answers_are_what_the_document_says(ada: httpx.Client, ids: list[str]) -> None:
    document = ada.get("/api/openapi.json").json()
    rate(ada, ids[0])
    shelf = ada.post("/api/me/shelves", json={"name": "x"}).json()["id"]
    ada.put(f"/api/me/list/{ids[3]}")
    checked = 0
    for path, operations in document["paths"].items():
        if not path.startswith("/api/me") or "get" not in operations or path.endswith("/export"):
            continue
        answer = ada.get(path.format(film_id=ids[0], shelf_id=shelf))
        schema = operations["get"]["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), {**schema, "components": document["components"]})
        checked += 1
    assert checked >= 12


def test_options_tell_the_methods_of_the_document(ada: httpx.Client) -> None:
    document = ada.get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        methods = {method.upper() for method in operations}
        expected = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        answer = ada.options(path.replace("{", "").replace("}", ""))
        assert set(answer.headers["allow"].split(", ")) == expected, path


def test_a_visitor_s_request_loads_nothing_of_members(root: Path, tmp_path: Path) -> None:
    code = (
        "import sys, httpx; from function.api.app import create_app; from tests.support.served import InProcess\n"
        "client = httpx.Client(transport=InProcess(create_app()), base_url='http://function')\n"
        "client.get('/api/health').raise_for_status()\n"
        "client.post('/api/home', json={'ratings': []}).raise_for_status()\n"
        "print(*{name for name in sys.modules if name.startswith(('function.members', 'function.api.members.', 'jwt',"
        " 'sqlite3', 'boto', 'cryptography'))}, '.')\n"
        "assert client.get('/api/me').status_code == 401\n"
        "print(*{name.split('.')[0] for name in sys.modules} & {'jwt', 'sqlite3', 'boto3', 'cryptography'}, '.')"
    )
    settings = {
        "BUNDLE_DIR": str(root),
        "STORE": f"sqlite:///{tmp_path}/m.sqlite3",
        "SIGN_IN_ISSUER": "https://identity.example",
        "SIGN_IN_JWKS": "https://identity.example/jwks",
        "SIGN_IN_CLIENT": CLIENT,
    }
    folder = Path(__file__).parents[4]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=settings, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [".", "."], done.stdout
