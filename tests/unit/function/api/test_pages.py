"""Any query, followed to its last page, agrees with a brute-force NumPy implementation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from function.bundle.format import Bundle
from function.recommending.recommender import Recommender, Scores
from tests.support.demo_bundle import GENRES
from tests.support.served import FILMS, USERS, in_process

Json = dict[str, Any]
ids = st.integers(0, FILMS - 1).map(lambda code: str(10 * code + 1))
years = st.integers(1925, 2000)


@st.composite
def queries(draw: st.DrawFn) -> Json:
    """The fields of a request for recommendations, most of which are usually absent."""
    low, high = sorted((draw(years), draw(years)))
    fields: Json = {
        "limit": draw(st.integers(15, 100)),
        "genres": draw(st.lists(st.sampled_from(GENRES), max_size=3)),
        "match": draw(st.sampled_from(["any", "all"])),
        "exclude": draw(st.lists(ids, max_size=20)),
        "include_seen": draw(st.booleans()),
        "sort": draw(st.sampled_from(["relevance", "stars", "average", "year", "popularity"])),
        "min_year": low,
        "max_year": high,
    }
    return {name: fields[name] for name in sorted(draw(st.sets(st.sampled_from(list(fields)))))}


ratings = st.dictionaries(ids, st.integers(1, 5), max_size=25)
anybody = st.integers(0, USERS - 1) | ratings


@pytest.fixture(scope="module")
def api(root: Path) -> Iterator[httpx.Client]:
    with httpx.Client(transport=in_process(root), base_url="http://function") as client:
        yield client


def pages(api: httpx.Client, who: int | dict[str, int], query: Json) -> Iterator[Json]:
    """All pages of a query of user `who`, or of a visitor with the ratings `who`."""
    cursor: Json = {}
    while True:
        if isinstance(who, int):
            answer = api.get(f"/api/users/{who + 1}/recommendations", params={**query, **cursor})
        else:
            given = [{"film_id": film, "rating": stars} for film, stars in who.items()]
            answer = api.post("/api/recommendations", json={"ratings": given, **query, **cursor})
        page: Json = answer.raise_for_status().json()
        yield page
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def scores_of(recommender: Recommender, who: int | dict[str, int]) -> Scores:
    if isinstance(who, int):
        person = recommender.person(str(who + 1))
        assert person
        return recommender.scores_of_person(person)
    films = np.array([(int(film) - 1) // 10 for film in who], np.int32)
    return recommender.scores_of_visitor(films, np.array(list(who.values()), np.float32))


def reference(bundle: Bundle, scores: Scores, query: Json) -> list[int]:
    """Indices of all films that pass, in order: masks over the whole catalogue, and one stable sort."""
    films = bundle.films
    year = np.array([np.nan if film.year is None else film.year for film in films])
    passing = np.ones(len(films), np.bool_)
    if query.get("genres"):
        has = np.array([[genre in film.genres for genre in query["genres"]] for film in films])
        passing &= np.logical_and.reduce(has, 1) if query.get("match") == "all" else np.logical_or.reduce(has, 1)
    if "min_year" in query:
        passing &= year >= query["min_year"]  # False where the year is unknown
    if "max_year" in query:
        passing &= year <= query["max_year"]
    passing &= ~np.isin([film.id for film in films], query.get("exclude", []))
    if not query.get("include_seen"):
        passing &= ~scores.seen
    keys: dict[str, NDArray[Any]] = {
        "relevance": scores.relevance,
        "stars": scores.stars,
        "average": np.array([-np.inf if film.average is None else film.average for film in films]),
        "year": np.nan_to_num(year, nan=-np.inf),
        "popularity": np.array([film.count for film in films]),
    }
    order = np.argsort(-keys[query.get("sort", "relevance")], kind="stable")
    codes: list[int] = order[passing[order]].tolist()
    return codes


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(who=anybody, query=queries())
def test_the_pages_are_the_reference_s(
    api: httpx.Client, recommender: Recommender, bundle: Bundle, who: int | dict[str, int], query: Json
) -> None:
    scores = scores_of(recommender, who)
    expected = reference(bundle, scores, query)
    n: int = query.get("limit", 20)
    served: list[Json] = []
    for page in pages(api, who, query):
        assert page["total"] == len(expected)
        assert len(page["items"]) == min(n, len(expected) - len(served))  # exactly n while n exist
        served += page["items"]
    assert [film["id"] for film in served] == [bundle.films[code].id for code in expected]
    for film, code in zip(served, expected, strict=True):
        assert film["stars"] == pytest.approx(scores.stars[code], abs=6e-4)  # rounded to three digits
        assert film["relevance"] == scores.relevance[code]
        assert film["seen"] == scores.seen[code]
        assert film["title"] == bundle.films[code].title


def test_the_heads_are_keras_s_and_not_each_other(api: httpx.Client, bundle: Bundle) -> None:
    """A visitor with the ratings of a golden gets its stars and its top ten."""
    for golden in bundle.goldens:
        given = {
            str(10 * film + 1): round(stars) for film, stars in zip(golden["films"], golden["ratings"], strict=True)
        }
        query: Json = {"limit": 100, "include_seen": True}
        served = [film for page in pages(api, given, query) for film in page["items"]]
        assert [film["id"] for film in served[:10]] == [bundle.films[code].id for code in golden["top"]]
        shown = {film["id"]: film["stars"] for film in served}
        expected = [shown[bundle.films[probe].id] for probe in golden["probes"]]
        assert expected == pytest.approx(golden["stars"], abs=6e-4)
        stars = [film["stars"] for film in served]
        assert stars != sorted(stars, reverse=True)  # or the heads would be one, and this would show nothing


def test_similar_films_are_named_as_they_are(api: httpx.Client, bundle: Bundle) -> None:
    for code in (0, 17, 399):
        similarity = bundle.film_tables.vectors @ bundle.film_tables.vectors[code]
        similarity[code] = -2  # never the film itself
        expected = np.argsort(-similarity, kind="stable")[:15]
        items = api.get(f"/api/films/{bundle.films[code].id}/similar", params={"limit": 15}).json()["items"]
        assert [film["id"] for film in items] == [bundle.films[other].id for other in expected]
        assert [film["similarity"] for film in items] == pytest.approx(similarity[expected].tolist(), abs=6e-5)
