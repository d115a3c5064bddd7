"""Every endpoint of the API."""

import unicodedata
from typing import Any

import httpx
import jsonschema
import pytest

Json = dict[str, Any]


def checked(document: Json, path: str, response: httpx.Response, method: str = "get") -> Any:
    """The body of a response, validated against the OpenAPI document."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    schema = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(response.json(), {**schema, "components": document["components"]})
    return response.json()


def test_the_document_is_valid_and_covers_every_endpoint(document: Json) -> None:
    assert document["openapi"].startswith("3.1")
    assert {(method, path) for path, methods in document["paths"].items() for method in methods} == {
        ("get", "/api/health"),
        ("get", "/api/ready"),
        ("get", "/api/release"),
        ("get", "/api/genres"),
        ("get", "/api/map"),
        ("get", "/api/users"),
        ("get", "/api/films"),
        ("get", "/api/starters"),
        ("get", "/api/similar"),
        ("get", "/api/films/{film_id}"),
        ("post", "/api/films/{film_id}"),
        ("get", "/api/films/{film_id}/similar"),
        ("get", "/api/users/{user_id}/recommendations"),
        ("post", "/api/users/{user_id}/recommendations"),
        ("post", "/api/recommendations"),
        ("post", "/api/scores"),
        ("get", "/api/users/{user_id}/home"),
        ("post", "/api/home"),
        ("get", "/api/users/{user_id}/films/{film_id}"),
    }
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_operation_has_an_id_of_its_own_and_a_tag(document: Json) -> None:
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(name.isidentifier() for name in ids)
    assert {tag for operation in operations for tag in operation["tags"]} == {
        "service",
        "catalogue",
        "recommendations",
        "personal",
    }
    assert all(len(operation["tags"]) == 1 for operation in operations)


def test_every_list_has_a_cap(document: Json) -> None:
    for name, schema in document["components"]["schemas"].items():
        if schema.get("additionalProperties") is False:  # a request's body
            for field, facts in schema["properties"].items():
                assert facts.get("type") != "array" or facts["maxItems"] <= 500, (name, field)
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                facts = parameter["schema"]
                assert facts.get("type") != "array" or facts["maxItems"] <= 500, parameter
                if parameter["name"] == "limit":
                    assert facts["maximum"] <= 100


def test_health_tells_the_release(api: httpx.Client, document: Json) -> None:
    answer = api.get("/api/health")
    assert checked(document, "/api/health", answer)["status"] == "ok"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["release"] == api.get("/api/release").json()["release"]


def test_ready_runs_the_goldens(api: httpx.Client, document: Json) -> None:
    ready = checked(document, "/api/ready", api.get("/api/ready"))
    assert ready["goldens"] > 0
    assert ready["max_star_error"] <= 1e-4
    assert ready["top10_agreement"] == 1


def test_release_tells_the_scale(api: httpx.Client, document: Json) -> None:
    scale = checked(document, "/api/release", api.get("/api/release"))["scale"]
    assert scale["min"] + scale["step"] <= scale["max"]


def test_genres_count_their_films(api: httpx.Client, document: Json) -> None:
    for genre in checked(document, "/api/genres", api.get("/api/genres"))["genres"][:3]:
        page = api.get("/api/films", params={"genres": genre["name"], "limit": 1}).json()
        assert page["total"] == genre["films"]


@pytest.mark.usefixtures("user")
def test_users_are_samples_with_different_tastes(api: httpx.Client, document: Json) -> None:
    users = checked(document, "/api/users", api.get("/api/users", params={"limit": 5}))["users"]
    assert len(users) == 5
    assert len({user["favourite_genres"][0] for user in users}) == 5


def test_films_are_searched_without_case_and_accents(api: httpx.Client, document: Json, films: list[Json]) -> None:
    film = next((film for film in films if not film["title"].isascii()), films[0])
    decomposed = unicodedata.normalize("NFKD", film["title"])
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    page = checked(document, "/api/films", api.get("/api/films", params={"q": plain.swapcase(), "limit": 100}))
    assert film in page["items"]
    assert all(film["title"] in found["title"] for found in page["items"])


def test_a_search_is_no_pattern(api: httpx.Client) -> None:
    assert api.get("/api/films", params={"q": ".*"}).json()["total"] == 0
    assert api.get("/api/films", params={"q": "["}).status_code == 200


@pytest.mark.parametrize("match", ["any", "all"])
def test_films_are_filtered_by_genres_and_years(
    match: str, api: httpx.Client, films: list[Json], genres: tuple[str, str]
) -> None:
    wanted = set(genres)
    year = next(film["year"] for film in films if wanted <= set(film["genres"]) and film["year"])
    years = range(year - 5, year + 6)
    parameters: Json = {"genres": genres, "match": match, "min_year": years[0], "max_year": years[-1], "limit": 100}
    page = api.get("/api/films", params=parameters).json()
    assert page["items"]
    for film in page["items"]:
        assert wanted <= set(film["genres"]) if match == "all" else wanted & set(film["genres"])
        assert film["year"] in years


@pytest.mark.parametrize("sort", ["title", "year", "average", "popularity"])
def test_films_come_in_the_order_asked_for(sort: str, api: httpx.Client) -> None:
    films = api.get("/api/films", params={"sort": sort, "limit": 50}).json()["items"]
    key = {"title": "title", "year": "year", "average": "average", "popularity": "count"}[sort]
    values = [film[key] for film in films]
    if sort != "title":
        assert values == sorted(values, reverse=True)


def test_pages_lead_through_all_films_of_a_genre_once(api: httpx.Client, genres: tuple[str, str]) -> None:
    seen: list[str] = []
    cursor = None
    asked: Json = {"genres": genres[0], "limit": 90}
    while True:
        page = api.get("/api/films", params={**asked, **({"cursor": cursor} if cursor else {})}).json()
        seen += [film["id"] for film in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == len(set(seen)) == page["total"]


def test_one_film_and_its_like(api: httpx.Client, document: Json, films: list[Json]) -> None:
    film = films[7]
    assert checked(document, "/api/films/{film_id}", api.get(f"/api/films/{film['id']}")) == film
    answer = api.get(f"/api/films/{film['id']}/similar", params={"limit": 9})
    items = checked(document, "/api/films/{film_id}/similar", answer)["items"]
    assert len(items) == 9
    assert film["id"] not in {other["id"] for other in items}
    similarity = [other["similarity"] for other in items]
    assert similarity == sorted(similarity, reverse=True)
    assert similarity[0] <= 1


USER = "/api/users/{user_id}/recommendations"


def test_a_user_gets_exactly_n_unseen_films_by_relevance(
    api: httpx.Client, document: Json, user: str, scale: Json
) -> None:
    for n in (1, 20, 100):
        page = checked(document, USER, api.get(USER.format(user_id=user), params={"limit": n}))
        assert len(page["items"]) == n
        assert not any(film["seen"] for film in page["items"])
        relevance = [film["relevance"] for film in page["items"]]
        assert relevance == sorted(relevance, reverse=True)
        assert all(scale["min"] <= film["stars"] <= scale["max"] for film in page["items"])
    # Relevance orders and stars are shown: were they swapped, the stars would fall as the list goes on.
    stars = [film["stars"] for film in page["items"]]
    assert stars != sorted(stars, reverse=True)


def test_filters_leave_exactly_n_while_n_exist(
    api: httpx.Client, user: str, films: list[Json], genres: tuple[str, str]
) -> None:
    excluded = [film["id"] for film in films[:60]]
    parameters: Json = {"limit": 15, "genres": genres[0], "exclude": excluded}
    items = api.get(USER.format(user_id=user), params=parameters).json()["items"]
    assert len(items) == 15
    assert all(genres[0] in film["genres"] and film["id"] not in excluded for film in items)


def test_seen_films_come_back_on_request(api: httpx.Client, user: str) -> None:
    without = api.get(USER.format(user_id=user)).json()["total"]
    page = api.get(USER.format(user_id=user), params={"include_seen": True, "limit": 100}).json()
    assert page["total"] > without
    assert any(film["seen"] for film in page["items"])


def test_a_user_s_pages_lead_to_the_end(api: httpx.Client, user: str, genres: tuple[str, str]) -> None:
    parameters: Json = {"limit": 77, "genres": genres}
    seen: list[str] = []
    while True:
        page = api.get(USER.format(user_id=user), params=parameters).json()
        seen += [film["id"] for film in page["items"]]
        if page["next_cursor"] is None:
            break
        parameters["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == page["total"]


VISITOR = "/api/recommendations"


def test_a_visitor_is_served_from_their_ratings(
    api: httpx.Client, document: Json, films: list[Json], scale: Json
) -> None:
    ratings = [{"film_id": film["id"], "rating": scale["max"]} for film in films[:4]]
    answer = api.post(VISITOR, json={"ratings": ratings, "limit": 30})
    items = checked(document, VISITOR, answer, "post")["items"]
    assert answer.headers["cache-control"] == "no-store"
    assert len(items) == 30
    assert not {film["id"] for film in items} & {rating["film_id"] for rating in ratings}
    turned = [{**rating, "rating": scale["min"]} for rating in ratings]
    others = api.post(VISITOR, json={"ratings": turned, "limit": 30}).json()["items"]
    assert [film["id"] for film in others] != [film["id"] for film in items]


def test_a_visitor_without_ratings_gets_a_shelf_too(api: httpx.Client) -> None:
    assert len(api.post(VISITOR, json={"ratings": []}).json()["items"]) == 20


def test_a_visitor_s_pages_follow_each_other(
    api: httpx.Client, films: list[Json], genres: tuple[str, str], scale: Json
) -> None:
    ratings = [{"film_id": films[3]["id"], "rating": scale["max"]}]
    asked: Json = {"ratings": ratings, "limit": 50, "genres": genres[:1], "match": "all"}
    first = api.post(VISITOR, json=asked).json()
    second = api.post(VISITOR, json={**asked, "cursor": first["next_cursor"]}).json()
    both = [film["id"] for film in first["items"] + second["items"]]
    assert len(both) == len(set(both)) == min(100, first["total"])


def test_what_a_release_holds_is_cached_by_its_content(api: httpx.Client) -> None:
    for path in ("/api/genres", "/api/films?limit=3", "/api/release", "/api/users"):
        first = api.get(path)
        assert first.headers["cache-control"].startswith("public, max-age=")
        again = api.get(path, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == first.headers["etag"]
        assert api.get(path, headers={"if-none-match": '"other"'}).content == first.content


def test_what_is_about_a_person_is_not_for_shared_caches(api: httpx.Client, user: str) -> None:
    assert api.get(USER.format(user_id=user)).headers["cache-control"].startswith("private")
