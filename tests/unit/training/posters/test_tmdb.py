"""The client against a fake TMDB: responses, refusals, limits and errors."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.support.tmdb import BROKEN, DOWN, KEY, TOKEN, TOO_MANY, Fault, TmdbServer, movie, tmdb_server
from training.posters.tmdb import ATTEMPTS, Movie, Tmdb, TmdbError, UnansweredError

STAR_WARS = Movie(11, ("Star Wars", "Star Wars"), 1977, "/p11.jpg")


@pytest.fixture
def server() -> Iterator[TmdbServer]:
    with tmdb_server(movie(11, "Star Wars", "1977-05-25"), movie(12, "Finding Nemo", "2003-05-30", None)) as server:
        yield server


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def tmdb(server: TmdbServer, slept: list[float]) -> Iterator[Tmdb]:
    with Tmdb(KEY, server.url, rate=1e6, timeout=0.3, sleep=slept.append) as tmdb:
        yield tmdb


@pytest.mark.parametrize("key", [KEY, KEY.upper().lower(), TOKEN, f" {TOKEN}\n"])
def test_both_forms_of_key_open(key: str, server: TmdbServer) -> None:
    with Tmdb(key, server.url + "/") as tmdb:
        assert tmdb.movie(11) == STAR_WARS
        assert tmdb.search("star wars", 1977) == [STAR_WARS]
    assert server.asked == ["/3/movie/11", "/3/search/movie?query=star wars&year=1977"]


@pytest.mark.parametrize("key", ["", "  "])
def test_without_a_key_nothing_is_asked(key: str, server: TmdbServer) -> None:
    with pytest.raises(TmdbError, match=r"no key for TMDB.*set TMDB_API_KEY"):
        Tmdb(key, server.url)
    assert server.asked == []


@pytest.mark.parametrize(("url", "rate"), [("api.example.org/3", 20), ("ftp://x", 20), ("http://127.0.0.1", 0)])
def test_invalid_settings_are_refused(url: str, rate: float) -> None:
    with pytest.raises(TmdbError, match=r"is not a URL|is not possible"):
        Tmdb(KEY, url, rate=rate)


def test_a_refused_key_ends_it_at_once_and_is_not_told(server: TmdbServer, slept: list[float]) -> None:
    wrong = "f" * 32
    with Tmdb(wrong, server.url, sleep=slept.append) as tmdb, pytest.raises(TmdbError) as refused:
        tmdb.movie(11)
    assert not isinstance(refused.value, UnansweredError)
    assert "refuses the key (401: Invalid API key" in str(refused.value)
    assert wrong not in str(refused.value)
    assert slept == []


def test_the_key_is_in_no_log(tmdb: Tmdb, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        tmdb.movie(11)
    assert KEY not in caplog.text


def test_what_is_not_there_is_nothing(tmdb: Tmdb) -> None:
    assert tmdb.movie(404) is None
    assert tmdb.search("no such film") == []
    assert tmdb.movie(12) == Movie(12, ("Finding Nemo", "Finding Nemo"), 2003, None)


def test_a_limit_is_waited_for(tmdb: Tmdb, server: TmdbServer, slept: list[float]) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=31), usegmt=True)
    server.faults = [TOO_MANY, Fault.error(429, 25, "over", retry_after=later), Fault.error(429, 25, "over")]
    assert tmdb.movie(11) == STAR_WARS
    assert slept[0] == 7
    assert 28 < slept[1] <= 31
    assert slept[2] == 2  # without a word of how long: by back-off


def test_a_very_long_limit_ends_it(tmdb: Tmdb, server: TmdbServer, slept: list[float]) -> None:
    server.faults = [Fault.error(429, 25, "over", retry_after="86400")]
    with pytest.raises(TmdbError, match="asks to wait 86400 seconds"):
        tmdb.movie(11)
    assert slept == []


@pytest.mark.parametrize("fault", [DOWN, BROKEN, Fault(200, b"[]"), Fault(502, b"<html>"), Fault(delay=0.6)])
def test_what_passes_is_tried_again(fault: Fault, tmdb: Tmdb, server: TmdbServer, slept: list[float]) -> None:
    server.faults = [fault, fault]
    assert tmdb.movie(11) == STAR_WARS
    assert slept == [0.5, 1]


def test_what_does_not_pass_is_given_up(tmdb: Tmdb, server: TmdbServer, slept: list[float]) -> None:
    server.for_ever = DOWN
    with pytest.raises(UnansweredError, match=r"movie/11 in 5 attempts \(status 500\)"):
        tmdb.movie(11)
    assert len(server.asked) == ATTEMPTS
    assert slept == [0.5, 1, 2, 4]


def test_out_of_reach(slept: list[float]) -> None:
    with Tmdb(KEY, "http://127.0.0.1:9", sleep=slept.append) as tmdb, pytest.raises(UnansweredError) as error:
        tmdb.movie(11)
    assert KEY not in str(error.value)


def test_another_site_is_not_taken_for_an_empty_one(tmdb: Tmdb, server: TmdbServer) -> None:
    server.faults = [Fault(302, headers={"location": "/login"})]
    with pytest.raises(TmdbError, match=r"Is 127\.0\.0\.1 the right address"):
        tmdb.movie(11)


@pytest.mark.parametrize(
    "path",
    [
        "/../x.jpg",
        "//evil.example/x.jpg",
        "https://evil.example/x.jpg",
        "/x.svg",
        "/x.jpg?y",
        "x.jpg",
        5,
        "/a b.jpg",
        "",
    ],
)
def test_only_paths_of_posters_are_taken(path: object, tmdb: Tmdb, server: TmdbServer) -> None:
    server.movies[0]["poster_path"] = path
    found = tmdb.movie(11)
    assert found is not None
    assert found.poster_path is None


@pytest.mark.parametrize("body", [b'{"results": null}', b'{"results": [5, {"id": "x"}, {}]}', b"{}"])
def test_odd_results_are_none(body: bytes, tmdb: Tmdb, server: TmdbServer) -> None:
    server.faults = [Fault(body=body)]
    assert tmdb.search("x") == []


def test_odd_fields_are_unknown(tmdb: Tmdb, server: TmdbServer) -> None:
    server.faults = [Fault(body=b'{"id": 3, "title": null, "release_date": "soon"}')]
    assert tmdb.movie(3) == Movie(3, (), 0, None)


def test_it_asks_no_faster_than_it_may(server: TmdbServer) -> None:
    started = time.monotonic()
    with Tmdb(KEY, server.url, rate=25) as tmdb:
        for _ in range(6):
            tmdb.movie(11)
    assert time.monotonic() - started >= 5 / 25
