"""The growth benchmark: ratings shaped like MovieLens, timed stages that add up, a table that agrees with the JSON."""

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import growth
from benchmarks.instruments import facts, growth_data, stages
from benchmarks.instruments.stages import Watch
from benchmarks.tables import growth as growth_tables
from benchmarks.tables.document import put
from training.data.dataset import Interactions
from training.data.own import load_files

RATINGS = 20_000


@pytest.fixture(scope="module")
def rows() -> Interactions:
    return growth_data.draw(RATINGS)[0]


# The ratings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratings", [1000, 7919, RATINGS])
def test_the_number_of_ratings_is_exact_and_no_pair_repeats(ratings: int) -> None:
    rows, genres = growth_data.draw(ratings)
    n_users, n_films = growth_data.size(ratings)
    assert len(rows) == ratings
    assert len(genres) == n_films
    assert rows.films.min() >= 0
    assert rows.films.max() < n_films
    np.testing.assert_array_equal(np.unique(rows.users), np.arange(n_users))
    assert len(set(zip(rows.users.tolist(), rows.films.tolist(), strict=True))) == ratings


def test_numbers_of_users_and_films_follow_movielens() -> None:
    assert growth_data.size(1_000_000) == (6040, 3900)
    assert growth_data.size(32_000_000) == (200_948, 84_432)
    users, films = growth_data.size(20_000_000)
    assert users == pytest.approx(138_000, rel=0.02)
    assert films == pytest.approx(27_000, rel=0.02)


def test_activity_and_popularity_have_long_tails(rows: Interactions) -> None:
    by_user, by_film = (np.sort(np.bincount(indices))[::-1] for indices in (rows.users, rows.films))
    assert by_user.min() >= growth_data.MIN_RATINGS
    assert by_film[: len(by_film) // 10].sum() > 0.35 * RATINGS
    # With few ratings the mean is near the minimum, so the tail shows only in a larger set.
    more = np.bincount(growth_data.draw(150_000)[0].users)
    assert more.mean() > 1.15 * np.median(more)
    assert by_film.mean() > 1.5 * np.median(by_film)


def test_the_same_seed_gives_the_same_ratings(rows: Interactions) -> None:
    again, other = growth_data.draw(RATINGS)[0], growth_data.draw(RATINGS, seed=1)[0]
    for name in ("users", "films", "ratings", "timestamps"):
        np.testing.assert_array_equal(getattr(again, name), getattr(rows, name))
    assert not np.array_equal(other.films, rows.films)


def test_users_have_favourite_genres() -> None:
    rows, genres = growth_data.draw(100_000)
    n_users = int(rows.users.max()) + 1
    watched = np.zeros((n_users, len(growth_data.GENRES)))
    np.add.at(watched, (rows.users, genres[rows.films]), 1)
    favourite = (watched.max(1) / watched.sum(1)).mean()
    drawn = np.random.default_rng(0).permutation(genres[rows.films])
    mixed = np.zeros_like(watched)
    np.add.at(mixed, (rows.users, drawn), 1)
    assert favourite > 1.2 * (mixed.max(1) / mixed.sum(1)).mean()


def test_the_files_load_like_a_user_s_own(tmp_path: Path, rows: Interactions) -> None:
    found = growth_data.write(tmp_path, RATINGS)
    dataset = load_files(tmp_path / "ratings.parquet", tmp_path / "films.parquet")
    assert (len(dataset.interactions), dataset.n_users, dataset.n_films) == tuple(found.values())
    np.testing.assert_array_equal(dataset.interactions.users, rows.users)
    np.testing.assert_array_equal(dataset.interactions.films, rows.films)
    assert (dataset.scale.min, dataset.scale.max, dataset.scale.step) == (0.5, 5, 0.5)
    assert set(dataset.catalog.genre_names) <= set(growth_data.GENRES)
    assert dataset.interactions.timestamps is not None


# The stages ---------------------------------------------------------------------------------------------------------


def test_seconds_of_a_stage_exclude_nested_stages() -> None:
    times = iter([0.0, 1.0, 3.0, 7.0, 15.0, 31.0])
    watch = Watch(lambda: next(times))
    with watch.stage("outer"), watch.stage("inner"):
        pass
    seconds = {name: found["seconds"] for name, found in watch.finish().items()}
    assert seconds == {stages.REST: 1 + 16, "outer": 2 + 8, "inner": 4}


def test_everything_within_an_evaluation_counts_as_evaluation() -> None:
    watch = Watch()
    fit = watch.watched(lambda towers: towers, "the towers")
    with watch.stage(stages.EVALUATION):
        assert fit("both") == "both"
    assert "the towers" not in watch.stages
    fit("both")
    assert "the towers" in watch.finish()


def test_peak_memory_is_per_stage() -> None:
    watch = Watch()
    with watch.stage("large"):
        np.ones(64 * 2**17).sum()  # 64 MB
    with watch.stage("small"):
        pass
    found = watch.finish()
    assert found["large"]["peak_mb"] >= 64
    assert found["small"]["peak_mb"] <= found["large"]["peak_mb"]


def test_every_timed_function_exists() -> None:
    for module, name, stage in stages.PARTS:
        owner: Any = importlib.import_module(module)
        for part in name.split("."):
            owner = getattr(owner, part)
        assert callable(owner)
        assert stage in growth_tables.STAGES
    assert {stages.REST, stages.EVALUATION, stages.RELEVANCE} <= growth_tables.STAGES


# The table ----------------------------------------------------------------------------------------------------------


def run(ratings: int, data: str = "generated", **more: Any) -> dict[str, Any]:
    return {
        "data": data,
        "ratings": ratings,
        "users": ratings // 100,
        "films": ratings // 1000,
        "seconds": ratings / 10_000,
        "peak_mb": 1024 * (ratings / 1e6) ** 0.5,
        "bundle_mb": 12.3,
        "stages": {
            "reading": {"seconds": 4.26, "peak_mb": 500.0},
            "the towers": {"seconds": 50.4, "peak_mb": 1024 * (ratings / 1e6) ** 0.5},
            stages.REST: {"seconds": 0.0, "peak_mb": 1.0},
        },
        **more,
    }


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Two sizes and a known data set; one of them was measured twice."""
    monkeypatch.setattr(facts, "RESULTS", tmp_path)
    monkeypatch.setattr(growth, "RESULTS", tmp_path)
    growth.add(run(4_000_000))
    growth.add(run(1_000_000, "ml-1m", fetch={"seconds": 1.0, "how": "downloaded"}))
    growth.add(run(1_000_000, seconds=1.0))
    found = growth.add(run(1_000_000))
    assert found == json.loads((tmp_path / "growth.json").read_text())
    return found


def test_a_run_replaces_the_earlier_one(result: dict[str, Any]) -> None:
    kept = [(run["data"], run["ratings"], run["seconds"]) for run in result["runs"]]
    assert kept == [("generated", 1_000_000, 100), ("generated", 4_000_000, 400), ("ml-1m", 1_000_000, 100)]


def test_exponents_are_those_of_power_laws(result: dict[str, Any]) -> None:
    assert growth_tables.exponent([1e6, 5e6, 2e7], [3, 15, 60]) == pytest.approx(1)
    assert growth_tables.exponent([1e6, 5e6, 2e7], [3, 75, 1200]) == pytest.approx(2)
    assert growth_tables.growth(result) == (
        "From 1,000,000 to 4,000,000 ratings, time grows as ratings^1.00 and memory as ratings^0.50."
    )
    assert growth_tables.growth({"runs": result["runs"][:1]}) == ""


def test_the_table_agrees_with_the_results(result: dict[str, Any]) -> None:
    head, rule, small, _, known, _, note = growth_tables.table(result).splitlines()
    assert head.count("|") == rule.count("|") == small.count("|") == known.count("|")
    assert small == (
        "| 1,000,000 | 10,000 | 1,000 | **100** | 4.3 | 0.0 | 50 | 0.0 | 0.0 | 0.0 | **1.0** | the towers | 12 |"
    )
    assert known.startswith("| 1,000,000 (ml-1m) |")
    assert "The archive of ml-1m was downloaded." in note


def test_the_plot_is_deterministic(result: dict[str, Any]) -> None:
    svg = growth_tables.plot(result)
    assert "Peak memory, GB" in svg
    assert svg == growth_tables.plot(result)


def test_the_page_has_the_block() -> None:
    put(growth_tables.PAGE.read_text(), "growth", "")
