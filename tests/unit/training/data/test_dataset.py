"""The data classes, and the synthetic data of other tests."""

import dataclasses

import numpy as np
import pytest

from training.data.dataset import Catalog, Interactions
from training.data.synthetic import synthetic

CATALOG = Catalog(
    ids=("7", "9"),
    titles=("A", "B"),
    years=np.array([1999, 0], np.int32),
    genres=(("War", "Drama"), ()),
    tmdb_ids=np.array([603, 0]),
    imdb_ids=("tt0133093", ""),
)


def test_genres_are_sorted_and_their_codes_are_places() -> None:
    assert len(CATALOG) == 2
    assert CATALOG.genre_names == ("Drama", "War")
    assert CATALOG.multi_hot().tolist() == [[1, 1], [0, 0]]
    assert CATALOG.multi_hot().dtype == np.float32


@pytest.mark.parametrize("timestamps", [None, np.array([5, 6, 7])])
def test_take_by_position_and_by_mask(timestamps: np.ndarray | None) -> None:
    rows = Interactions(
        np.array([0, 1, 2], np.int32), np.array([3, 4, 5], np.int32), np.array([1, 2, 3], np.float32), timestamps
    )
    by_position, by_mask = rows.take(np.array([0, 2])), rows.take(np.array([True, False, True]))
    for taken in (by_position, by_mask):
        assert len(taken) == 2
        assert taken.users.tolist() == [0, 2]
        assert taken.films.tolist() == [3, 5]
        assert taken.ratings.tolist() == [1, 3]
        assert (taken.timestamps is None) == (timestamps is None)
    if by_mask.timestamps is not None:
        assert by_mask.timestamps.tolist() == [5, 7]


def test_every_column_is_in_the_hash() -> None:
    dataset = synthetic()
    rows, catalog = dataset.interactions, dataset.catalog
    assert rows.timestamps is not None
    others = [
        dataclasses.replace(dataset, user_ids=("other", *dataset.user_ids[1:])),
        dataclasses.replace(dataset, catalog=dataclasses.replace(catalog, titles=("other", *catalog.titles[1:]))),
        dataclasses.replace(dataset, catalog=dataclasses.replace(catalog, years=catalog.years + np.int32(1))),
        dataclasses.replace(dataset, catalog=dataclasses.replace(catalog, genres=(("Other",), *catalog.genres[1:]))),
        dataclasses.replace(dataset, interactions=dataclasses.replace(rows, ratings=rows.ratings[::-1])),
        dataclasses.replace(dataset, interactions=dataclasses.replace(rows, timestamps=rows.timestamps + 1)),
        dataclasses.replace(dataset, interactions=dataclasses.replace(rows, timestamps=None)),
    ]
    hashes = {dataset.sha256, *(other.sha256 for other in others)}
    assert len(hashes) == 1 + len(others)
    assert dataclasses.replace(dataset, name="renamed").sha256 == dataset.sha256


@pytest.mark.parametrize("step", [0.5, 1.0])
def test_made_up_data_is_whole_and_repeatable(step: float) -> None:
    dataset = synthetic(users=50, films=60, ratings=1000, seed=3, step=step)
    rows = dataset.interactions
    assert dataset.sha256 == synthetic(users=50, films=60, ratings=1000, seed=3, step=step).sha256
    assert dataset.sha256 != synthetic(users=50, films=60, ratings=1000, seed=4, step=step).sha256
    assert 700 < len(rows) <= 1000
    assert set(rows.users.tolist()) == set(range(dataset.n_users))
    assert len(set(zip(rows.users.tolist(), rows.films.tolist(), strict=True))) == len(rows)
    assert set((rows.ratings / step).tolist()) <= set(range(1, round(5 / step) + 1))
    assert dataset.n_films - 1 not in rows.films  # one film nobody has seen
    assert all(dataset.catalog.genres)


def test_made_up_ratings_can_be_learned() -> None:
    """Films differ, and genres add information; otherwise tests of a model would prove nothing."""
    dataset = synthetic(users=200, films=100, ratings=8000)
    rows, hot = dataset.interactions, dataset.catalog.multi_hot()
    train = np.arange(len(rows)) % 4 > 0
    seen, held_out = rows.take(train), rows.take(~train)
    mean = seen.ratings.mean()
    films = mean + np.bincount(seen.films, seen.ratings - mean, 100) / (np.bincount(seen.films, minlength=100) + 5)
    tastes = np.zeros((2, dataset.n_users, hot.shape[1]))  # sums of what is left, and how many
    np.add.at(tastes[0], seen.users, hot[seen.films] * (seen.ratings - films[seen.films])[:, None])
    np.add.at(tastes[1], seen.users, hot[seen.films])
    liked = (hot[held_out.films] * (tastes[0] / (tastes[1] + 5))[held_out.users]).sum(1)
    by_mean, by_film, by_taste = (
        np.abs(guess - held_out.ratings).mean()
        for guess in (mean, films[held_out.films], films[held_out.films] + liked)
    )
    assert by_film < 0.97 * by_mean
    assert by_taste < 0.95 * by_film
