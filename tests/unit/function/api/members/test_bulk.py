"""Many ratings at once: the merge, the import, and undoing either."""

import httpx

from tests.unit.function.api.members.conftest import Json, rate, ratings


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
