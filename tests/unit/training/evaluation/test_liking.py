"""Lists are judged by what was liked on them, and by what should not have been on them."""

import numpy as np
import pytest

from training.data.dataset import Dataset, Interactions
from training.data.synthetic import synthetic
from training.evaluation.liking import liked_ndcg, regrets


class Fixed:
    """Films 0, 1, 2 … for everybody; predicted are 5 stars for films of an even index and 1 star for the others."""

    name = "fixed"

    def __init__(self, films: int) -> None:
        self.films = films

    def relevance(self, users: np.ndarray) -> np.ndarray:
        return np.tile(-np.arange(self.films, dtype=np.float32), (len(users), 1))

    def stars(self, _users: np.ndarray, films: np.ndarray) -> np.ndarray:
        return np.where(films % 2 == 0, 5, 1).astype(np.float32)


@pytest.fixture(scope="module")
def small() -> Dataset:
    return synthetic(users=3, films=30, ratings=40)


def rows(*triples: tuple[int, int, float]) -> Interactions:
    users, films, ratings = zip(*triples, strict=True)
    return Interactions(np.array(users, np.int32), np.array(films, np.int32), np.array(ratings, np.float32))


def test_only_what_was_liked_counts(small: Dataset) -> None:
    seen, held_out = rows((0, 29, 3), (1, 29, 3)), rows((0, 0, 4), (0, 1, 2), (1, 1, 5), (2, 3, 1))
    metrics, intervals = liked_ndcg(Fixed(small.n_films).relevance, small, seen, held_out)
    assert metrics["liked_ndcg"] == pytest.approx((1 + 1 / np.log2(3)) / 2)
    low, high = intervals["liked_ndcg"]
    assert low <= metrics["liked_ndcg"] <= high
    assert liked_ndcg(Fixed(small.n_films).relevance, small, seen, rows((0, 0, 3))) == ({}, {})


def test_what_lists_should_not_show(small: Dataset) -> None:
    seen, held_out = rows((0, 29, 3), (1, 0, 3)), rows((0, 0, 4), (0, 1, 2), (0, 2, 3), (1, 25, 1), (2, 3, 1))
    fixed = Fixed(small.n_films)
    found = regrets(fixed.relevance, fixed.stars, small, seen, held_out)
    assert found["bad_hits"] == pytest.approx(2 / 4)
    assert found["below_mean"] == pytest.approx((5 + 5) / 20)  # films 0..9 and 1..10; nothing is known of user 2
    assert set(regrets(fixed.relevance, None, small, seen, held_out)) == {"bad_hits"}
