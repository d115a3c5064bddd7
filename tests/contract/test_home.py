"""The home, film details and starters, for known users and visitors, over every transport."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.test_api import checked
from tests.contract.test_problems import problem

Json = dict[str, Any]
HOME, USER_HOME = "/api/home", "/api/users/{user_id}/home"
FILM, USER_FILM = "/api/films/{film_id}", "/api/users/{user_id}/films/{film_id}"
STARTERS = "/api/starters"
PERSONAL = ("top", "because", "genre", "hidden_gems")


@pytest.fixture(scope="session")
def liked(films: list[Json], scale: Json) -> list[Json]:
    """A visitor's ratings: five films, all at the maximum."""
    return [{"film_id": film["id"], "rating": scale["max"]} for film in films[:5]]


def no_film_twice(home: Json) -> None:
    ids = [home["hero"]["id"]]
    ids += [film["id"] for shelf in home["shelves"] if shelf["kind"] in PERSONAL for film in shelf["items"]]
    assert len(ids) == len(set(ids))


def test_a_user_s_home_is_one_answer(api: httpx.Client, document: Json, user: str) -> None:
    answer = api.get(USER_HOME.format(user_id=user))
    home = checked(document, USER_HOME, answer)
    assert answer.headers["cache-control"].startswith("private")
    assert home["release"] == api.get("/api/health").json()["release"]
    kinds = [shelf["kind"] for shelf in home["shelves"]]
    assert {"top", "because", "genre", "popular", "average"} <= set(kinds)
    no_film_twice(home)
    for shelf in home["shelves"]:
        assert 4 <= len(shelf["items"]) <= 20
        assert not any(film["seen"] for film in shelf["items"])
    shelf = api.get(f"/api/users/{user}/recommendations", params={"limit": 21}).json()["items"]
    assert [home["hero"], *home["shelves"][0]["items"]] == shelf
    assert api.get(USER_HOME.format(user_id=user)).content == answer.content


@pytest.mark.parametrize("n", [4, 40])
def test_shelves_have_up_to_n_films(n: int, api: httpx.Client, user: str, liked: list[Json]) -> None:
    known = api.get(USER_HOME.format(user_id=user), params={"limit": n}).json()
    visitor = api.post(HOME, json={"ratings": liked, "limit": n}).json()
    for home in (known, visitor):
        assert max(len(shelf["items"]) for shelf in home["shelves"]) == n
        no_film_twice(home)


def test_shelves_too_short_for_a_heading_are_left_out(api: httpx.Client, user: str) -> None:
    home = api.get(USER_HOME.format(user_id=user), params={"limit": 3}).json()
    assert home["hero"]
    assert home["shelves"] == []


def test_a_visitor_s_home_follows_the_ratings(
    api: httpx.Client, document: Json, liked: list[Json], scale: Json
) -> None:
    answer = api.post(HOME, json={"ratings": liked})
    home = checked(document, HOME, answer, "post")
    assert answer.headers["cache-control"] == "no-store"
    no_film_twice(home)
    given = {rating["film_id"] for rating in liked}
    because = [shelf for shelf in home["shelves"] if shelf["kind"] == "because"]
    assert 1 <= len(because) <= 3
    assert {shelf["film"]["id"] for shelf in because} <= given
    assert not given & {film["id"] for shelf in home["shelves"] for film in shelf["items"]}
    for shelf in home["shelves"]:
        if shelf["genre"]:
            assert all(shelf["genre"] in film["genres"] for film in shelf["items"])
    disliked = [{**rating, "rating": scale["min"]} for rating in liked]
    other = api.post(HOME, json={"ratings": disliked}).json()
    assert other["shelves"][0] != home["shelves"][0]


def test_what_is_not_interesting_is_nowhere(api: httpx.Client, liked: list[Json]) -> None:
    asked: Json = {"ratings": liked}
    before = api.post(HOME, json=asked).json()
    unwanted = [before["hero"]["id"], *[shelf["items"][0]["id"] for shelf in before["shelves"]], liked[0]["film_id"]]
    after = api.post(HOME, json={**asked, "exclude": unwanted}).json()
    shown = {film["id"] for shelf in after["shelves"] for film in shelf["items"]} | {after["hero"]["id"]}
    assert not shown & set(unwanted)
    assert liked[0]["film_id"] not in {shelf["film"]["id"] for shelf in after["shelves"] if shelf["film"]}
    page = api.post("/api/recommendations", json={**asked, "exclude": unwanted, "limit": 100}).json()
    assert not {film["id"] for film in page["items"]} & set(unwanted)


def test_a_newcomer_has_a_home(api: httpx.Client, document: Json) -> None:
    home = checked(document, HOME, api.post(HOME, json={"ratings": []}), "post")
    assert home["hero"]
    assert {"top", "popular", "average"} <= {shelf["kind"] for shelf in home["shelves"]}
    no_film_twice(home)


def test_a_film_for_a_user_says_why(api: httpx.Client, document: Json, user: str) -> None:
    best, *_, last = api.get(f"/api/users/{user}/recommendations", params={"limit": 50}).json()["items"]
    answer = api.get(USER_FILM.format(user_id=user, film_id=best["id"]))
    film = checked(document, USER_FILM, answer)
    assert answer.headers["cache-control"].startswith("private")
    assert {name: film[name] for name in best} == best
    assert 95 <= film["percentile"] <= 100
    assert api.get(USER_FILM.format(user_id=user, film_id=last["id"])).json()["percentile"] <= film["percentile"]
    shares = [reason["share"] for reason in film["why"]]
    raising, lowering = [share for share in shares if share > 0], [share for share in shares if share < 0]
    assert 1 <= len(raising) <= 3
    assert len(lowering) <= 2
    assert shares == sorted(raising, reverse=True) + sorted(lowering)
    assert sum(map(abs, shares)) <= 1.001
    for reason in film["why"]:
        assert api.get(USER_FILM.format(user_id=user, film_id=reason["film"]["id"])).json()["seen"]


def test_a_film_for_a_visitor_says_which_of_the_ratings_it_was(
    api: httpx.Client, document: Json, liked: list[Json]
) -> None:
    best = api.post("/api/recommendations", json={"ratings": liked, "limit": 1}).json()["items"][0]
    answer = api.post(FILM.format(film_id=best["id"]), json={"ratings": liked})
    film = checked(document, FILM, answer, "post")
    assert answer.headers["cache-control"] == "no-store"
    assert {name: film[name] for name in best} == best
    assert film["percentile"] >= 95
    assert {reason["film"]["id"] for reason in film["why"]} <= {rating["film_id"] for rating in liked}
    assert all(reason["rating"] == liked[0]["rating"] for reason in film["why"])


def test_without_ratings_nothing_is_the_reason(api: httpx.Client, films: list[Json]) -> None:
    film = api.post(FILM.format(film_id=films[3]["id"]), json={"ratings": []}).json()
    assert film["why"] == []
    assert 0 <= film["percentile"] <= 100


def test_starters_are_a_release_s_content(api: httpx.Client, document: Json) -> None:
    answer = api.get(STARTERS)
    items = checked(document, STARTERS, answer)["items"]
    assert len(items) == len({film["id"] for film in items}) == 15
    assert answer.headers["cache-control"].startswith("public, max-age=")
    assert api.get(STARTERS, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    more = api.get(STARTERS, params={"limit": 40}).json()["items"]
    assert more[:15] == items
    assert len(more) == 40


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/starters?limit=0", 422, ["limit"]),
        ("/api/starters?limit=41", 422, ["limit"]),
        ("/api/starters?colour=red", 422, ["colour"]),
        ("/api/users/nobody/home", 404, ["There is no user 'nobody'"]),
        ("/api/users/nobody/films/1", 404, ["There is no user 'nobody'"]),
    ],
)
def test_wrong_requests(path: str, status: int, words: list[str], api: httpx.Client) -> None:
    answer = api.get(path)
    if "nobody" in path and answer.status_code == 403:
        status, words = 403, ["sample profiles"]  # where only those are open
    problem(answer, status, *words)


@pytest.mark.parametrize("query", ["limit=0", "limit=41", "limit=ten", "colour=red"])
def test_wrong_parameters_of_a_home_are_named(query: str, api: httpx.Client, user: str) -> None:
    (error,) = problem(api.get(f"{USER_HOME.format(user_id=user)}?{query}"), 422)["errors"]
    assert error["parameter"] == query.partition("=")[0]


def test_there_is_no_such_film_for_anybody(api: httpx.Client, user: str) -> None:
    problem(api.get(USER_FILM.format(user_id=user, film_id="none")), 404, "There is no film 'none'")
    problem(api.post(FILM.format(film_id="none"), json={"ratings": []}), 404, "There is no film 'none'")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({}, "/ratings"),
        ({"ratings": [], "limit": 41}, "/limit"),
        ({"ratings": [], "exclude": ["FILM", "none"]}, "/exclude/1"),
        ({"ratings": [], "exclude": ["FILM"] * 501}, "/exclude"),
        ({"ratings": [], "exclude": "FILM"}, "/exclude"),
        ({"ratings": [{"film_id": "none", "rating": 5}]}, "/ratings/0/film_id"),
        ({"ratings": [{"film_id": "FILM", "rating": 999}]}, "/ratings/0/rating"),
        ({"ratings": [], "genres": ["War"]}, "/genres"),
    ],
)
def test_wrong_bodies_are_pointed_at(fields: Json, pointer: str, api: httpx.Client, films: list[Json]) -> None:
    body = json.loads(json.dumps(fields).replace('"FILM"', json.dumps(films[0]["id"])))
    assert problem(api.post(HOME, json=body), 422)["errors"][0]["pointer"] == pointer


def test_wrong_bodies_of_a_film(api: httpx.Client, films: list[Json], liked: list[Json]) -> None:
    path = FILM.format(film_id=films[0]["id"])
    assert problem(api.post(path, json={}), 422)["errors"][0]["pointer"] == "/ratings"
    assert problem(api.post(path, json={"ratings": liked[:1] * 501}), 422)["errors"][0]["pointer"] == "/ratings"
    problem(api.post(path, content=b"not json", headers={"content-type": "application/json"}), 400)
    problem(api.post(path, content=b" " * 70_000, headers={"content-type": "application/json"}), 413)


def test_a_visitor_s_exclusions_are_pointed_at(api: httpx.Client, films: list[Json]) -> None:
    answer = api.post("/api/recommendations", json={"ratings": [], "exclude": [films[0]["id"], "none", "nothing"]})
    errors = problem(answer, 422, "there is no film 'none'")["errors"]
    assert [error["pointer"] for error in errors] == ["/exclude/1", "/exclude/2"]


def test_a_refused_method_hears_of_all_that_are_possible(api: httpx.Client) -> None:
    answer = api.put(FILM.format(film_id="1"))
    problem(answer, 405, "PUT")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_the_description_in_words_has_every_endpoint(document: Json) -> None:
    described = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    for path, methods in document["paths"].items():
        for method in methods:
            asked = f"`{method.upper()} {re.sub(r'{[a-z_]+}', '{id}', path)}`"
            assert asked in described, asked


def test_the_map_has_films_at_places(api: httpx.Client, document: Json) -> None:
    answer = api.get("/api/map")
    points = checked(document, "/api/map", answer)["points"]
    assert answer.headers["cache-control"].startswith("public")
    assert len(points) > 50
    assert all(-1 <= point["x"] <= 1 and -1 <= point["y"] <= 1 for point in points)
    film = api.get(f"/api/films/{points[0]['film_id']}").json()
    assert (film["title"], film["genres"][:1]) == (points[0]["title"], [points[0]["genre"]])


@pytest.mark.parametrize("knob", ["personalisation", "diversity"])
def test_a_knob_changes_the_order_and_pages_stay_whole(knob: str, api: httpx.Client, user: str) -> None:
    address = f"/api/users/{user}/recommendations"

    def ids(**asked: Any) -> list[str]:
        return [film["id"] for film in api.get(address, params={"limit": 30, **asked}).json()["items"]]

    plain, turned = ids(), ids(**{knob: 0.6})
    assert ids(**{knob: 0}) == plain
    assert turned != plain
    assert ids(**{knob: 0.6}, sort="stars") == ids(sort="stars")
    first = api.get(address, params={"limit": 15, knob: 0.6}).json()
    second = api.get(address, params={"limit": 15, knob: 0.6, "cursor": first["next_cursor"]}).json()
    assert [film["id"] for page in (first, second) for film in page["items"]] == turned
    assert api.get(address, params={knob: 1.01}).status_code == 422
    other = api.get(address, params={"limit": 15, knob: 0.5, "cursor": first["next_cursor"]})
    assert other.status_code == 400


def test_recommendations_can_be_searched_by_title(api: httpx.Client, user: str) -> None:
    address = f"/api/users/{user}/recommendations"
    everything = api.get(address, params={"limit": 100}).json()["items"]
    word = max(everything[0]["title"].split(), key=len).lower()
    found = api.get(address, params={"q": word, "limit": 100}).json()["items"]
    assert found[0] == everything[0]
    assert all(word in film["title"].lower() for film in found)
    expected = [film["id"] for film in everything if word in film["title"].lower()]
    assert [film["id"] for film in found][: len(expected)] == expected


def test_not_interested_hides_and_teaches(api: httpx.Client, films: list[Json]) -> None:
    """It is a dislike: hidden, and as a rating of a quarter up the scale for all other films."""
    scale = api.get("/api/release").json()["scale"]
    asked: Json = {"ratings": [{"film_id": films[1]["id"], "rating": scale["max"]}], "limit": 100}
    film = api.post("/api/recommendations", json=asked).json()["items"][0]["id"]
    after = api.post("/api/recommendations", json={**asked, "not_interested": [film]}).json()["items"]
    excluded = api.post("/api/recommendations", json={**asked, "exclude": [film]}).json()["items"]
    assert film not in [item["id"] for item in after]
    assert [item["stars"] for item in after] != [item["stars"] for item in excluded]
    home = api.post(HOME, json={"ratings": asked["ratings"], "not_interested": [film]}).json()
    assert film not in [item["id"] for shelf in home["shelves"] for item in shelf["items"]]
    assert home["hero"]["id"] != film
