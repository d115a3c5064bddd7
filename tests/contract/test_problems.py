"""Invalid requests get a 4xx that says what is wrong, where, and how to fix it (RFC 9457), and never a 5xx."""

from typing import Any

import httpx
import jsonschema
import pytest

Json = dict[str, Any]
VISITOR = "/api/recommendations"


def problem(response: httpx.Response, status: int, *words: str) -> Json:
    """The problem document in a response."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: Json = response.json()
    assert document["status"] == status
    assert {"type", "title", "detail", "instance"} <= document.keys()
    assert document["detail"]
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers
    for word in words:
        assert word in document["detail"]
    return document


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/nothing", 404, ["/api/openapi.json"]),
        ("/api", 404, ["/api/openapi.json"]),
        ("/nothing", 404, []),
        ("/api/genres/", 404, []),
        ("/api/films/%FF%00", 404, ["There is no film"]),
        ("/api/films/none", 404, ["There is no film 'none'", "/api/films?q="]),
        ("/api/films/none/similar", 404, ["There is no film"]),
        ("/api/users/nobody/recommendations", 404, ["There is no user 'nobody'"]),
        ("/api/films?genres=Nope", 422, ["there is no genre 'Nope'", "/api/genres"]),
        ("/api/films?limit=0", 422, ["limit"]),
        ("/api/films?limit=101", 422, ["limit"]),
        ("/api/films?limit=ten", 422, ["limit"]),
        ("/api/films?limit=NaN", 422, ["limit"]),
        ("/api/films?min_year=Infinity", 422, ["min_year"]),
        ("/api/films/1/similar?limit=0", 422, ["limit"]),
        ("/api/films?genres=", 422, ["genres"]),
        ("/api/films?limit=99999999999999999999999999", 422, ["limit"]),
        ("/api/films?sort=best", 422, ["sort"]),
        ("/api/films?match=some", 422, ["match"]),
        ("/api/films?min_year=1990&max_year=1980", 422, ["min_year 1990 is after max_year 1980"]),
        ("/api/films?min_year=-5", 422, ["min_year"]),
        ("/api/films?exclude_genres=Nope", 422, ["exclude_genres: there is no genre 'Nope'"]),
        ("/api/films?min_ratings=-1", 422, ["min_ratings"]),
        ("/api/films?ids=none", 422, ["ids: there is no film 'none'"]),
        ("/api/films?" + "ids=1&" * 101, 422, ["ids"]),
        ("/api/similar", 422, ["ids"]),
        ("/api/similar?ids=none", 422, ["ids: there is no film 'none'"]),
        ("/api/similar?" + "ids=1&" * 21, 422, ["ids"]),
        ("/api/films/none/similar?colour=red", 422, ["colour"]),
        ("/api/films?q=" + "x" * 101, 422, ["q"]),
        ("/api/films?" + "genres=a&" * 7_000, 422, ["genres"]),
        ("/api/films?cursor=%20%F0%9F%98%80", 400, ["not a cursor"]),
        ("/api/films?cursor=bm90aGluZw", 400, ["not a cursor"]),
        ("/api/films?cursor=" + "A" * 5000, 422, ["cursor"]),
        ("/api/users?limit=1000", 422, ["limit"]),
    ],
)
def test_wrong_requests(path: str, status: int, words: list[str], api: httpx.Client) -> None:
    answer = api.get(path)
    if api.base_url.host == "function":
        problem(answer, status, *words)
    elif "nobody" in path:
        assert answer.status_code in (403, 404)  # 403 where only the samples are open
        problem(answer, answer.status_code)
    elif len(path) > 8000 or not path.startswith("/api"):
        assert 400 <= answer.status_code < 500  # what stands before the function refuses it by itself
    else:
        problem(answer, status, *words)


def test_unknown_parameters_are_refused_everywhere(api: httpx.Client, document: Json, user: str) -> None:
    """Caches use the query string as key, so ignored parameters could bypass them."""
    operations = [(method, path) for path, methods in document["paths"].items() for method in methods]
    for method, path in [*operations, ("get", "/api/openapi.json")]:
        address = path.format(film_id="none", user_id=user) + "?colour=red"
        answer = api.request(method, address, json={"ratings": []} if method == "post" else None)
        (error,) = [error for error in problem(answer, 422)["errors"] if error.get("parameter") == "colour"]
        assert error["detail"] == "there is no such parameter", path


@pytest.mark.parametrize("name", ["limit", "exclude", "include_seen", "min_year", "cursor", "sort"])
def test_wrong_parameters_of_a_user_s_shelf_are_named(name: str, api: httpx.Client, user: str) -> None:
    answer = api.get(f"/api/users/{user}/recommendations", params={name: "wrong"})
    assert answer.status_code in (400, 422)
    document = problem(answer, answer.status_code)
    assert document["errors"][0]["parameter"] == name


def test_a_cursor_is_good_for_its_own_query_only(api: httpx.Client, user: str) -> None:
    cursor = api.get("/api/films", params={"limit": 5}).json()["next_cursor"]
    problem(api.get("/api/films", params={"sort": "year", "cursor": cursor}), 400, "another query")
    problem(api.get(f"/api/users/{user}/recommendations", params={"cursor": cursor}), 400, "another query")
    assert api.get("/api/films", params={"limit": 9, "cursor": cursor}).status_code == 200  # another size is no matter


def test_a_cursor_of_another_release_is_gone(api: httpx.Client) -> None:
    problem(api.get("/api/films", params={"cursor": "MDEyMzQ1Njc4OWFiLjAxMjM0NTY3ODlhYi41"}), 410, "new release")


def test_wrong_methods(api: httpx.Client) -> None:
    answer = api.put("/api/genres")
    problem(answer, 405, "PUT is not possible here")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"not json", 400),
        (b"\xff\xfe\xfa", 400),
        ('{"ratings": []}'.encode("utf-16"), 400),
        (b"[" * 60_000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"text"', 422),
        (b"{}", 422),
        (b'{"ratings": 5}', 422),
        (b'{"ratings": [5]}', 422),
        (b'{"ratings": [{"film_id": 5, "rating": 4}]}', 422),
        (b'{"ratings": [{"film_id": "1", "rating": "four"}]}', 422),
        (b'{"ratings": [{"film_id": "1", "rating": "4"}]}', 422),
        (b'{"ratings": [{"film_id": "1", "rating": true}]}', 422),
        (b'{"ratings": [{"film_id": "1", "rating": null}]}', 422),
        (b'{"ratings": [{"film_id": "1"}]}', 422),
        (b'{"ratings": [{"film_id": "1", "rating": 4, "when": 0}]}', 422),
        (b'{"ratings": [], "limit": NaN}', 422),
        (b'{"ratings": [], "limit": 1' + b"0" * 5_000 + b"}", 400),
        (b'{"ratings": [], "genres": "Drama"}', 422),
        (b'{"ratings": [], "min_year": 1990, "max_year": 1980}', 422),
        (b'{"ratings": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", 400),
        (b'{"a":' * 10_000 + b"0" + b"}" * 10_000, 400),
        (b'{"ratings": [{"film_id": "1", "rating": NaN}]}', 422),
        (b'{"ratings": [{"film_id": "1", "rating": 1e999}]}', 422),
        (b'{"ratings": [{"film_id": "\\ud800", "rating": 4}]}', 422),
        (b'{"ratings": [], "limit": 0}', 422),
        (b'{"ratings": [], "colour": "red"}', 422),
        (b'{"ratings": [], "exclude": ["none"]}', 422),
        (b'{"ratings": [], "genres": [' + b'"a",' * 9_999 + b'"a"]}', 422),
        (b" " * 70_000, 413),
    ],
)
def test_wrong_bodies(body: bytes, status: int, api: httpx.Client) -> None:
    problem(api.post(VISITOR, content=body, headers={"content-type": "application/json"}), status)


def test_a_wrong_rating_is_pointed_at(api: httpx.Client, films: list[Json], scale: Json) -> None:
    one, two = (film["id"] for film in films[:2])
    low, high, step = scale["min"], scale["max"], scale["step"]
    between = low + step / 3
    for film, rating, pointer, words in (
        ("none", low, "/ratings/1/film_id", "there is no film 'none'"),
        (one, low, "/ratings/1/film_id", "rated twice"),
        (two, high + 1, "/ratings/1/rating", f"{low:g} to {high:g} in steps of {step:g}"),
        (two, between, "/ratings/1/rating", "is not on the scale"),
    ):
        given = [{"film_id": one, "rating": high}, {"film_id": film, "rating": rating}]
        (error,) = problem(api.post(VISITOR, json={"ratings": given}), 422)["errors"]
        assert error["pointer"] == pointer
        assert words in error["detail"]


def test_too_many_ratings_and_too_many_faults(api: httpx.Client) -> None:
    problem(api.post(VISITOR, json={"ratings": [{"film_id": "1", "rating": 5}] * 501}), 422, "/ratings")
    document = problem(api.post(VISITOR, json={"ratings": [{"film_id": "none", "rating": 5}] * 500}), 422)
    assert len(document["errors"]) == 20


def test_problems_are_what_the_document_says(api: httpx.Client, document: Json, user: str) -> None:
    schema = {**document["components"]["schemas"]["ProblemDocument"], "components": document["components"]}
    shelf = f"/api/users/{user}/recommendations"
    for answer in (api.get("/api/films?limit=0&sort=best"), api.get("/api/films/none"), api.get(shelf + "?limit=0")):
        jsonschema.validate(answer.json(), schema)
    described = {path: set(method) for path, methods in document["paths"].items() for method in methods.values()}
    assert all("responses" in members for members in described.values())
    for methods in document["paths"].values():
        for method in methods.values():
            for status, response in method["responses"].items():
                assert status == "200" or "application/problem+json" in response["content"]


@pytest.mark.parametrize("sent", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_of_another_type_is_told_the_right_one(sent: str | None, api: httpx.Client) -> None:
    headers = {"content-type": sent} if sent else {}
    document = problem(api.post(VISITOR, content=b'{"ratings": []}', headers=headers), 422, "Content-Type")
    assert document["errors"][0]["pointer"] == ""  # the whole body (RFC 6901)


def test_a_pointer_is_escaped(api: httpx.Client) -> None:
    (error,) = problem(api.post(VISITOR, json={"ratings": [], "a/b~c": 1}), 422)["errors"]
    assert error["pointer"] == "/a~1b~0c"


def test_a_body_may_have_64_kib_and_no_more(api: httpx.Client) -> None:
    headers = {"content-type": "application/json"}
    body = b'{"ratings": []}'
    assert api.post(VISITOR, content=body.ljust(64 * 1024), headers=headers).status_code == 200
    problem(api.post(VISITOR, content=body.ljust(64 * 1024 + 1), headers=headers), 413, "64 KiB")


def test_the_caps_themselves_are_possible(
    api: httpx.Client, films: list[Json], genres: tuple[str, str], scale: Json
) -> None:
    ids = [film["id"] for film in films]
    asked = {
        "ratings": [{"film_id": film, "rating": scale["max"]} for film in ids],
        "exclude": ids * 5,
        "genres": genres[:1] * 50,
    }
    assert api.post(VISITOR, json=asked).status_code == 200
    for name, value in {"exclude": ids * 5 + ids[:1], "genres": genres[:1] * 51}.items():
        document = problem(api.post(VISITOR, json={**asked, name: value}), 422)
        assert document["errors"][0]["pointer"] == f"/{name}"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/films", VISITOR])
def test_other_methods_are_not_possible(method: str, path: str, api: httpx.Client) -> None:
    answer = api.request(method, path)
    problem(answer, 405, method)
    assert answer.headers["allow"] == ("OPTIONS, POST" if path == VISITOR else "GET, HEAD, OPTIONS")


def test_options_tell_the_methods_of_the_document(api: httpx.Client, document: Json) -> None:
    for path, operations in document["paths"].items():
        methods = {method.upper() for method in operations}
        expected = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        address = path.replace("{film_id}", "starters").replace("{user_id}", "home")
        answer = api.options(address)
        assert (answer.status_code, answer.content) == (204, b"")
        refused = api.delete(address)
        problem(refused, 405, "DELETE")
        for response in (answer, refused):
            assert set(response.headers["allow"].split(", ")) == expected, path
    problem(api.options("/api/nothing"), 404)


def test_head_answers_like_get_without_a_body(api: httpx.Client, document: Json, user: str, films: list[Json]) -> None:
    for path in (path for path, operations in document["paths"].items() if "get" in operations):
        address = path.format(film_id=films[0]["id"], user_id=user)
        if path == "/api/similar":
            address += f"?ids={films[0]['id']}"
        got, head = api.get(address), api.head(address)
        assert (head.status_code, head.content) == (got.status_code, b"") == (200, b""), path
        for name in ("content-type", "cache-control", "etag"):
            assert head.headers.get(name) == got.headers.get(name), path
    assert api.head("/api/films/none").status_code == 404
    assert api.head(VISITOR).status_code == 405
