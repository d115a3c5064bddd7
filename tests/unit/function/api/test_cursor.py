"""A cursor is valid for its query and release only; others are rejected."""

from base64 import urlsafe_b64encode
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.api.cursor import decode_cursor, encode_cursor, query_hash
from function.api.problems import Problem
from function.api.requests import FilmsQuery, RatedQuery

RELEASE = "3f9a1c2b7d40"
QUERY = query_hash("films", FilmsQuery(genres=["Drama"]))


def refused(cursor: str, release: str = RELEASE, query: str = QUERY) -> Problem:
    with pytest.raises(Problem) as caught:
        decode_cursor(cursor, release, query)
    assert [error.parameter for error in caught.value.errors] == ["cursor"]
    return caught.value


@given(st.integers(0, 2**31 - 1))
def test_it_leads_back_to_its_place(start: int) -> None:
    cursor = encode_cursor(RELEASE, QUERY, start)
    assert decode_cursor(cursor, RELEASE, QUERY) == start
    assert cursor.replace("-", "").replace("_", "").isalnum()  # needs no escapes in an address


def test_none_is_the_beginning() -> None:
    assert decode_cursor(None, RELEASE, QUERY) == 0


def test_another_release_and_another_query_are_told_apart() -> None:
    cursor = encode_cursor(RELEASE, QUERY, 20)
    gone = refused(cursor, release="000000000000")
    assert gone.status == HTTPStatus.GONE
    assert "start again without a cursor" in gone.detail
    other = refused(cursor, query=query_hash("films", FilmsQuery()))
    assert other.status == HTTPStatus.BAD_REQUEST
    assert "another query" in other.detail


@given(st.text(max_size=200) | st.binary(max_size=80).map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_what_is_none_is_refused(garbage: str) -> None:
    assert refused(garbage).status in (HTTPStatus.BAD_REQUEST, HTTPStatus.GONE)


@pytest.mark.parametrize("offset", ["", "-1", "x", "1.5", str(2**31), "9" * 5000])
def test_an_invalid_offset_is_refused(offset: str) -> None:
    cursor = urlsafe_b64encode(f"{RELEASE}.{QUERY}.{offset}".encode()).decode()
    assert "not a cursor" in refused(cursor).detail


def test_the_size_of_a_page_is_not_part_of_the_query_and_all_else_is() -> None:
    query: dict[str, Any] = {"genres": ["Drama"], "match": "any", "min_year": None, "sort": "stars", "limit": 20}

    def hashed(about: str = "user 7", **change: Any) -> str:
        return query_hash(about, RatedQuery(ratings=[], **{**query, **change}))

    assert hashed(limit=5, cursor="x") == hashed()
    changes: list[dict[str, Any]] = [
        {"about": "user 8"},
        {"genres": ["War"]},
        {"match": "all"},
        {"min_year": 1950},
        {"sort": "year"},
    ]
    hashes = {hashed(**change) for change in changes}
    assert len(hashes | {hashed()}) == len(changes) + 1
