"""What a member is recommended, and the shelves that they save."""

import httpx
import pytest

from tests.unit.function.api.members.conftest import rate


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
