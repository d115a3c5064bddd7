"""The account: there from the start, everything in a file, and gone when it is deleted."""

import csv
import io
import time

import httpx
import pytest

from tests.support.members import Provider, bearer
from tests.unit.function.api.members.conftest import rate, subject


def test_an_account_is_there_from_the_start(ada: httpx.Client) -> None:
    empty = {"ratings": 0, "list": 0, "not_interested": 0, "shelves": 0, "training": False}
    assert ada.get("/api/me").json() == empty
    for path in ("ratings", "list", "not-interested", "history"):
        assert ada.get(f"/api/me/{path}").json() == {"items": [], "next_cursor": None}
    assert ada.get("/api/me/shelves").json() == {"items": []}
    assert ada.get("/api/me/profile").json() == {"ratings": 0, "average": None, "genres": [], "weightiest": []}


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
