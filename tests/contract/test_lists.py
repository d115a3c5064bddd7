"""Lists in detail: filters, reasons, scores of candidates, several films or users at once, lenient requests."""

from typing import Any

import httpx
import pytest

from tests.contract.test_api import checked
from tests.contract.test_problems import problem

Json = dict[str, Any]
FILMS, SIMILAR, SIMILAR_TO = "/api/films", "/api/films/{film_id}/similar", "/api/similar"
USER, VISITOR, SCORES = "/api/users/{user_id}/recommendations", "/api/recommendations", "/api/scores"


def ids(page: Json) -> list[str]:
    return [film["id"] for film in page["items"]]


@pytest.fixture
def liked(films: list[Json], scale: Json) -> list[Json]:
    return [{"film_id": film["id"], "rating": scale["max"]} for film in films[:5]]


def test_films_are_looked_up_by_their_ids(api: httpx.Client, document: Json, films: list[Json]) -> None:
    wanted = [film["id"] for film in films[10:20]]
    page = checked(document, FILMS, api.get(FILMS, params={"ids": wanted, "sort": "popularity"}))
    assert page["items"] == films[10:20]
    first = api.get(FILMS, params={"ids": wanted, "limit": 4}).json()
    second = api.get(FILMS, params={"ids": wanted, "limit": 100, "cursor": first["next_cursor"]}).json()
    assert sorted(ids(first) + ids(second)) == sorted(wanted)
    assert api.get(FILMS, params={"ids": wanted, "exclude": wanted}).json()["total"] == 0


def test_genres_are_left_out_and_films_that_few_have_rated(
    api: httpx.Client, user: str, films: list[Json], genres: tuple[str, str], liked: list[Json]
) -> None:
    least = films[50]["count"]
    asked: Json = {"exclude_genres": [genres[0]], "min_ratings": least, "limit": 100}
    pages = [
        api.get(FILMS, params=asked).json(),
        api.get(SIMILAR.format(film_id=films[0]["id"]), params=asked).json(),
        api.get(USER.format(user_id=user), params=asked).json(),
        api.post(VISITOR, json={"ratings": liked, **asked}).json(),
    ]
    for page in pages:
        assert page["items"]
        assert all(genres[0] not in film["genres"] and film["count"] >= least for film in page["items"])


def test_similar_films_come_in_pages_and_through_filters(
    api: httpx.Client, document: Json, films: list[Json], genres: tuple[str, str]
) -> None:
    path = SIMILAR.format(film_id=films[7]["id"])
    asked: Json = {"genres": genres[0], "limit": 5}
    first = checked(document, SIMILAR, api.get(path, params=asked))
    second = api.get(path, params={**asked, "cursor": first["next_cursor"]}).json()
    assert ids(first) + ids(second) == ids(api.get(path, params={**asked, "limit": 10}).json())
    assert all(genres[0] in film["genres"] for film in first["items"])
    problem(api.get(path, params={"genres": genres[1], "cursor": first["next_cursor"]}), 400, "another query")
    other = SIMILAR.format(film_id=films[8]["id"])
    problem(api.get(other, params={**asked, "cursor": first["next_cursor"]}), 400, "another query")


def test_films_similar_to_several(api: httpx.Client, document: Json, films: list[Json]) -> None:
    seeds = [film["id"] for film in films[:3]]
    page = checked(document, SIMILAR_TO, api.get(SIMILAR_TO, params={"ids": seeds, "limit": 20}))
    assert len(page["items"]) == 20
    assert not {*ids(page)} & {*seeds}
    similarity = [film["similarity"] for film in page["items"]]
    assert similarity == sorted(similarity, reverse=True)
    one = api.get(SIMILAR_TO, params={"ids": seeds[0]}).json()
    assert one["items"] == api.get(SIMILAR.format(film_id=seeds[0])).json()["items"]
    best = page["items"][0]
    alone = [api.get(SIMILAR.format(film_id=seed), params={"limit": 100, "q": best["title"]}).json() for seed in seeds]
    near = [next(film["similarity"] for film in one["items"] if film["id"] == best["id"]) for one in alone]
    assert best["similarity"] == pytest.approx(sum(near) / 3, abs=2e-4)


def test_a_known_user_with_new_ratings(
    api: httpx.Client, document: Json, user: str, films: list[Json], scale: Json
) -> None:
    path = USER.format(user_id=user)
    plain = api.get(path, params={"limit": 50}).json()
    answer = api.post(path, json={"ratings": [], "limit": 50})
    assert checked(document, USER, answer, "post")["items"] == plain["items"]
    assert answer.headers["cache-control"] == "no-store"
    new = [{"film_id": film, "rating": scale["min"]} for film in ids(plain)[:5]]
    page = api.post(path, json={"ratings": new, "limit": 50}).json()
    assert not {*ids(page)} & {*ids(plain)[:5]}  # rated now
    assert page["total"] == plain["total"] - 5
    assert page["items"] != plain["items"][5:50]
    following = api.post(path, json={"ratings": new, "limit": 50, "cursor": page["next_cursor"]}).json()
    assert not {*ids(page)} & {*ids(following)}
    problem(api.post(path, json={"ratings": [{"film_id": "none", "rating": scale["max"]}]}), 422, "'none'")
    seen = api.get(path, params={"include_seen": True, "limit": 100}).json()["items"]
    rated = next(film["id"] for film in seen if film["seen"])
    again = api.post(path, json={"ratings": [{"film_id": rated, "rating": scale["max"]}]})
    assert again.json()["total"] == plain["total"]  # a film that was rated before is not another one


def test_lists_tell_reasons_and_support_on_demand(
    api: httpx.Client, document: Json, user: str, liked: list[Json]
) -> None:
    path = USER.format(user_id=user)
    plain = api.get(path, params={"limit": 5}).json()["items"]
    assert not {"why", "support"} & plain[0].keys()
    asked = checked(document, USER, api.get(path, params={"limit": 5, "reasons": True}))["items"]
    for film, detailed in zip(plain, asked, strict=True):
        assert {name: detailed[name] for name in film} == film
        alone = api.get(f"/api/users/{user}/films/{film['id']}").json()
        assert (detailed["why"], detailed["support"]) == (alone["why"], alone["support"])
        assert detailed["support"]["film_ratings"] == film["count"]
        raising = sum(reason["share"] > 0 for reason in detailed["why"])
        assert 0 < raising <= min(3, detailed["support"]["contributing_ratings"])
        assert len(detailed["why"]) - raising <= 2  # reasons against it
    visitor = api.post(VISITOR, json={"ratings": liked, "reasons": True}).json()["items"]
    assert {reason["film"]["id"] for film in visitor for reason in film["why"]} <= {one["film_id"] for one in liked}
    assert all(film["support"]["contributing_ratings"] <= len(liked) for film in visitor)


def test_candidates_are_scored_for_several_people_at_once(
    api: httpx.Client, document: Json, user: str, films: list[Json], liked: list[Json]
) -> None:
    candidates = [film["id"] for film in films[:30]]
    people: list[Json] = [{"user_id": user}, {"ratings": liked}, {"user_id": user, "ratings": liked}, {}]
    answer = api.post(SCORES, json={"films": candidates, "people": people})
    scored = checked(document, SCORES, answer, "post")["people"]
    assert answer.headers["cache-control"] == "no-store"
    lists = [
        api.get(USER.format(user_id=user), params={"include_seen": True, "limit": 100}).json(),
        api.post(VISITOR, json={"ratings": liked, "include_seen": True, "limit": 100}).json(),
        api.post(USER.format(user_id=user), json={"ratings": liked, "include_seen": True, "limit": 100}).json(),
        api.post(VISITOR, json={"ratings": [], "limit": 100}).json(),
    ]
    for person, page in zip(scored, lists, strict=True):
        assert sorted(item["film_id"] for item in person["items"]) == sorted(candidates)
        relevance = [item["relevance"] for item in person["items"]]
        assert relevance == sorted(relevance, reverse=True)
        expected = {film["id"]: film for film in page["items"]}
        for item in person["items"]:
            if film := expected.get(item["film_id"]):
                assert {name: film[name] for name in ("stars", "relevance", "seen")} == {
                    name: item[name] for name in ("stars", "relevance", "seen")
                }
    assert any(item["seen"] for item in scored[1]["items"])


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"films": []}, "/films"),
        ({"films": ["FILM"] * 501}, "/films"),
        ({"films": ["FILM", "none"]}, "/films/1"),
        ({"people": []}, "/people"),
        ({"people": [{}] * 21}, "/people"),
        ({"people": [{}, {"ratings": [{"film_id": "none", "rating": 1}]}]}, "/people/1/ratings/0/film_id"),
        ({"people": [{"name": "Anna"}]}, "/people/0/name"),
        ({"genres": ["War"]}, "/genres"),
    ],
)
def test_wrong_scores_are_pointed_at(fields: Json, pointer: str, api: httpx.Client, films: list[Json]) -> None:
    def real(value: Any) -> Any:
        return [films[0]["id"] if film == "FILM" else film for film in value] if isinstance(value, list) else value

    body = {"films": [films[0]["id"]], "people": [{}], **{name: real(value) for name, value in fields.items()}}
    assert problem(api.post(SCORES, json=body), 422)["errors"][0]["pointer"] == pointer


def test_nobody_else_s_scores_are_told(api: httpx.Client, films: list[Json]) -> None:
    answer = api.post(SCORES, json={"films": [films[0]["id"]], "people": [{"user_id": "nobody"}]})
    assert answer.status_code in (403, 404)  # 403 where only the samples are open
    problem(answer, answer.status_code)


def test_a_batch_of_the_largest_size_is_answered(api: httpx.Client, films: list[Json], liked: list[Json]) -> None:
    body = {"films": [film["id"] for film in films] * 5, "people": [{"ratings": liked}] * 20}
    people = api.post(SCORES, json=body).json()["people"]
    assert [len(person["items"]) for person in people] == [len(films)] * 20  # each film once


def test_lenient_requests_name_what_is_unknown_and_go_on(
    api: httpx.Client, document: Json, user: str, films: list[Json], liked: list[Json]
) -> None:
    known, lenient = films[0]["id"], {"lenient": True}
    ratings = [{"film_id": "gone", "rating": liked[0]["rating"]}, *liked]
    body: Json = {"ratings": ratings, "exclude": ["none", known, "gone"], **lenient}
    strict = {"ratings": liked, "exclude": [known]}
    for path in (VISITOR, "/api/home", USER.format(user_id=user)):
        answer = api.post(path, json=body).json()
        assert answer == {**api.post(path, json=strict).json(), "unknown_ids": ["gone", "none"], **cursor_of(answer)}
        assert problem(api.post(path, json={**body, "lenient": False}), 422)["errors"][0]["pointer"]
    answer = api.post(f"/api/films/{known}", json={"ratings": ratings, **lenient}).json()
    assert answer["unknown_ids"] == ["gone"]
    page = api.get(FILMS, params={"ids": ["none", known], **lenient}).json()
    assert (ids(page), page["unknown_ids"]) == ([known], ["none"])
    assert api.get(FILMS, params={"ids": "none", **lenient}).json()["total"] == 0
    page = api.get(SIMILAR_TO, params={"ids": [known, "none"], **lenient}).json()
    assert page["unknown_ids"] == ["none"]
    assert page["items"] == api.get(SIMILAR_TO, params={"ids": known}).json()["items"]
    nothing = checked(document, SIMILAR_TO, api.get(SIMILAR_TO, params={"ids": "none", **lenient}))
    assert (nothing["items"], nothing["total"], nothing["unknown_ids"]) == ([], 0, ["none"])
    page = api.get(USER.format(user_id=user), params={"exclude": "none", **lenient}).json()
    assert page["unknown_ids"] == ["none"]
    scored = api.post(SCORES, json={"films": ["none", known], "people": [{"ratings": ratings}], **lenient}).json()
    assert scored["unknown_ids"] == ["none", "gone"]
    assert [item["film_id"] for item in scored["people"][0]["items"]] == [known]


def cursor_of(answer: Json) -> Json:
    """Cursors differ by request."""
    return {"next_cursor": answer["next_cursor"]} if "next_cursor" in answer else {}
