"""Posters: looked up by id, or by title and year; stored, resumed, refreshed, expired, and added to the bundle."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.tmdb import DOWN, KEY, Fault, TmdbServer, movie, tmdb_server
from training.cli import Train, main
from training.data.dataset import Catalog, Dataset
from training.data.errors import DataError
from training.data.synthetic import synthetic
from training.export.bundle import catalog_films
from training.posters.lookup import (
    Lookup,
    default_path,
    find,
    fresh_posters,
    look_up,
    normalised,
    read_entries,
    titles_of,
)
from training.posters.tmdb import Tmdb, TmdbError

ROOT = Path(__file__).parents[4]
NOW = date(2026, 6, 1)


def catalog(*films: tuple[str, int, int]) -> Catalog:
    """A catalog of (title, year, TMDB id)."""
    titles, years, tmdb_ids = zip(*films, strict=True)
    return Catalog(
        ids=tuple(f"f{index}" for index in range(len(films))),
        titles=titles,
        years=np.array(years, np.int32),
        genres=((),) * len(films),
        tmdb_ids=np.array(tmdb_ids, np.int64),
        imdb_ids=("",) * len(films),
    )


def dataset(*films: tuple[str, int, int]) -> Dataset:
    made = synthetic(users=5, films=len(films), ratings=10)
    return replace(made, catalog=catalog(*films))


def days_ago(days: int) -> str:
    return str(NOW - timedelta(days=days))


def entry(path: str | None, tmdb_id: int | None, days: int) -> dict[str, Any]:
    return {"poster_path": path, "tmdb_id": tmdb_id, "date": days_ago(days)}


def quiet(label: str, done: int, steps: int) -> None:
    assert 0 <= done <= steps


@pytest.fixture
def server() -> Iterator[TmdbServer]:
    with tmdb_server() as server:
        yield server


@pytest.fixture
def tmdb(server: TmdbServer) -> Iterator[Tmdb]:
    with Tmdb(KEY, server.url, rate=1e6, sleep=lambda _: None) as tmdb:
        yield tmdb


def found(tmdb: Tmdb, title: str, year: int, tmdb_id: int = 0) -> int | None:
    movie = find(tmdb, catalog((title, year, tmdb_id)), 0)
    return movie.id if movie else None


def test_a_known_id_is_asked_for_and_nothing_else(tmdb: Tmdb, server: TmdbServer) -> None:
    server.movies = [movie(603, "The Matrix", "1999-03-31")]
    assert found(tmdb, "Whatever", 1950, 603) == 603
    assert server.asked == ["/3/movie/603"]


def test_an_id_that_is_gone_leaves_the_title(tmdb: Tmdb, server: TmdbServer) -> None:
    server.movies = [movie(603, "The Matrix", "1999-03-31")]
    assert found(tmdb, "The Matrix", 1999, 99) == 603


@pytest.mark.parametrize(("released", "expected"), [(1994, None), (1995, 7), (1996, 7), (1997, 7), (1998, None)])
def test_a_year_may_be_one_off(released: int, expected: int | None, tmdb: Tmdb, server: TmdbServer) -> None:
    server.movies = [movie(7, "Il Postino", f"{released}-09-22")]
    assert found(tmdb, "Il Postino", 1996) == expected


def test_the_nearest_year_wins(tmdb: Tmdb, server: TmdbServer) -> None:
    server.movies = [movie(1, "Emma", "1995-01-01"), movie(2, "Emma", "1996-08-02"), movie(3, "Emma", "1997-01-01")]
    assert found(tmdb, "Emma", 1996) == 2


def test_another_film_of_the_year_is_not_taken(tmdb: Tmdb, server: TmdbServer) -> None:
    server.movies = [movie(1, "Heat Wave", "1995-01-01"), movie(2, "Dead Heat", "1995-12-15")]
    assert found(tmdb, "Heat", 1995) is None
    server.movies.append(movie(3, "Heat", "1995-12-15"))
    assert found(tmdb, "Heat", 1995) == 3


@pytest.mark.parametrize(
    ("shown", "title", "original"),
    [
        ("Il Postino (The Postman)", "The Postman", "Il Postino"),
        ("Die xue shuang xiong (The Killer)", "The Killer", "喋血雙雄"),
        ("L'Avventura (a.k.a. The Adventure)", "The Adventure", "Avventura"),
        ("AMÉLIE", "Amélie", "Le Fabuleux Destin d'Amélie Poulain"),
        ("Twelve Monkeys!", "Twelve Monkeys", ""),
    ],
)
def test_titles_match_in_all_spellings(shown: str, title: str, original: str, tmdb: Tmdb, server: TmdbServer) -> None:
    server.movies = [movie(5, title, "1994-01-01", original=original)]
    # The server searches for parts of titles, as they are; punctuation is what TMDB itself overlooks.
    server.movies[0]["title"] = title + "!" if shown.endswith("!") else title
    assert found(tmdb, shown, 1994) == 5


def test_without_a_year_only_a_single_film_is_sure(tmdb: Tmdb, server: TmdbServer) -> None:
    server.movies = [movie(1, "Emma", "1996-08-02"), movie(4, "Emmanuelle", "1974-06-26")]
    assert found(tmdb, "Emma", 0) == 1
    server.movies.append(movie(2, "Emma", "2020-02-13"))
    assert found(tmdb, "Emma", 0) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Birdcage", "Birdcage"),
        ("Fast, Cheap & Out of Control", "Fast Cheap and out of Control"),
        ("Schindler's List", "Schindler’s List"),  # noqa: RUF001
        ("Star Trek: First Contact", "Star Trek - First Contact"),
        ("Amélie", "Amelie"),
    ],
)
def test_normalised(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


def test_titles_in_brackets() -> None:
    assert titles_of("Il Postino (The Postman)") == ["Il Postino", "The Postman"]
    assert titles_of("Heat") == ["Heat"]
    assert titles_of("()") == ["()"]


FILMS = (("The Matrix", 1999, 603), ("Heat", 1995, 0), ("Unheard Of", 1990, 0), ("No Poster", 2000, 0))
MOVIES = (
    movie(603, "The Matrix", "1999-03-31"),
    movie(949, "Heat", "1995-12-15"),
    movie(9, "No Poster", "2000-1", None),
)


def test_everything_is_kept_with_its_date(tmdb: Tmdb, server: TmdbServer, tmp_path: Path) -> None:
    server.movies = list(MOVIES)
    path = tmp_path / "deep" / "posters.json"
    assert look_up(dataset(*FILMS), tmdb, path, now=NOW, progress=quiet) == Lookup(asked=4, unanswered=0, posters=2)
    assert json.loads(path.read_text()) == {
        "f0": entry("/p603.jpg", 603, 0),
        "f1": entry("/p949.jpg", 949, 0),
        "f2": entry(None, None, 0),
        "f3": entry(None, 9, 0),
    }
    assert [file.name for file in path.parent.iterdir()] == ["posters.json"]
    server.asked.clear()
    assert look_up(dataset(*FILMS), tmdb, path, now=NOW, progress=quiet) == Lookup(0, 0, 2)
    assert server.asked == []


def test_what_is_old_is_asked_again_by_its_id(tmdb: Tmdb, server: TmdbServer, tmp_path: Path) -> None:
    server.movies = [movie(949, "Heat", "1995-12-15", "/new.jpg")]
    path = tmp_path / "posters.json"
    path.write_text(json.dumps({"f0": entry("/p603.jpg", 603, 150), "f1": entry("/old.jpg", 949, 151)}))
    look_up(dataset(*FILMS[:2]), tmdb, path, now=NOW, progress=quiet)
    assert server.asked == ["/3/movie/949"]
    assert fresh_posters(path, now=NOW) == {"f0": "/p603.jpg", "f1": "/new.jpg"}


def test_what_has_expired_is_not_given_out_and_not_kept(tmdb: Tmdb, server: TmdbServer, tmp_path: Path) -> None:
    path = tmp_path / "posters.json"
    path.write_text(
        json.dumps({"f0": entry("/a.jpg", 1, 180), "f1": entry("/b.jpg", 2, 181), "x": entry("/c.jpg", 3, 181)})
    )
    assert fresh_posters(path, now=NOW) == {"f0": "/a.jpg"}
    server.for_ever = DOWN
    assert look_up(dataset(*FILMS[:2]), tmdb, path, now=NOW, progress=quiet).unanswered == 2
    assert list(read_entries(path)) == ["f0"]


def test_one_film_without_an_answer_does_not_stop_the_others(tmdb: Tmdb, server: TmdbServer, tmp_path: Path) -> None:
    server.movies = list(MOVIES)
    server.faults = [DOWN] * 5
    path = tmp_path / "posters.json"
    assert look_up(dataset(*FILMS), tmdb, path, now=NOW, progress=quiet) == Lookup(4, 1, 1)
    assert look_up(dataset(*FILMS), tmdb, path, now=NOW, progress=quiet) == Lookup(1, 0, 2)


def test_three_in_a_row_do_and_what_was_found_stays(tmdb: Tmdb, server: TmdbServer, tmp_path: Path) -> None:
    server.movies = list(MOVIES)
    path = tmp_path / "posters.json"
    server.faults = [Fault(body=json.dumps(MOVIES[0]).encode()), *[DOWN] * 15]
    with pytest.raises(TmdbError, match="did not answer"):
        look_up(dataset(*FILMS), tmdb, path, now=NOW, progress=quiet)
    assert list(read_entries(path)) == ["f0"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"f0": 5}',
        '{"f0": {}}',
        '{"f0": {"poster_path": 5, "tmdb_id": 1, "date": "2026-01-01"}}',
        '{"f0": {"poster_path": null, "tmdb_id": 1, "date": "soon"}}',
    ],
)
def test_an_invalid_file_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "posters.json"
    path.write_text(content)
    with pytest.raises(DataError, match=r"posters\.json: not a posters file.*Delete it"):
        read_entries(path)


def test_films_of_the_bundle_have_posters() -> None:
    films = catalog_films(dataset(*FILMS), {"f1": "/p949.jpg", "gone": "/x.jpg"})
    assert [film.poster for film in films] == [None, "/p949.jpg", None, None]
    assert {film.poster for film in catalog_films(dataset(*FILMS))} == {None}


def test_the_file_is_named_after_the_data() -> None:
    assert default_path("ml-100k") == Path("artifacts/posters/ml-100k.json")
    assert default_path("../my films").parent == Path("artifacts/posters")


# The command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The flags for a user's own files with 60 films."""
    (tmp_path / "films.csv").write_text(
        "film,title,year,tmdb\n" + "".join(f"{film},Film {film},1990,{film}\n" for film in range(1, 61))
    )
    (tmp_path / "ratings.csv").write_text(
        "user,film,rating\n" + "".join(f"u{film % 7},{film},{film % 5 + 1}\n" for film in range(1, 61))
    )
    return ["--ratings", str(tmp_path / "ratings.csv"), "--films", str(tmp_path / "films.csv")]


def test_without_a_key_the_command_says_so(
    files: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TMDB_API_KEY", raising=False)
    assert main(["posters", *files]) == 1
    assert "error: no key for TMDB" in capsys.readouterr().err


def test_a_refused_key_is_not_told(
    files: list[str], tmp_path: Path, server: TmdbServer, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", "f" * 32)
    assert main(["posters", *files, "--base-url", server.url, "--out", str(tmp_path / "posters.json")]) == 1
    output = capsys.readouterr().err
    assert "TMDB refuses the key (401" in output
    assert "f" * 32 not in output


def test_killed_and_resumed(files: list[str], tmp_path: Path, server: TmdbServer) -> None:
    server.movies = [movie(film, f"Film {film}", "1990-01-01") for film in range(1, 61)]
    server.delay = 0.02
    path = tmp_path / "posters.json"
    command = [sys.executable, "-m", "training", "posters", *files, "--base-url", server.url, "--out", str(path)]
    environment = {**os.environ, "TMDB_API_KEY": KEY}
    process = subprocess.Popen(
        [*command, "--rate", "100"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while len(server.asked) < 33 and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    kept = read_entries(path)
    assert 20 <= len(kept) < 60  # whole, whenever it was killed
    server.asked.clear()
    server.delay = 0
    done = subprocess.run(
        [*command, "--rate", "1000"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"60 of 60 films have a poster; {60 - len(kept)} were looked up." in done.stderr
    assert sorted(server.asked) == sorted(f"/3/movie/{film}" for film in range(1, 61) if str(film) not in kept)
    assert KEY not in done.stderr + path.read_text()


def test_train_refuses_a_missing_posters_file(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *files, "--posters", str(tmp_path / "none.json"), "--out", str(tmp_path)]) == 1
    assert "none.json: no such file" in capsys.readouterr().err


def test_new_posters_are_a_reason_to_train_again() -> None:
    some = {"1": "/a.jpg"}
    assert len({Train()._fingerprint("data", posters) for posters in ({}, some, {"1": "/b.jpg"})}) == 3
    assert Train()._fingerprint("data", dict(some)) == Train()._fingerprint("data", some)
