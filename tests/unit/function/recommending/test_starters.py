"""Starters: well-known films, spread over the space."""

import numpy as np
import pytest

from function.recommending.recommender import Recommender
from function.recommending.starters import choose_starters


def test_starters_are_known_and_spread(recommender: Recommender) -> None:
    chosen = list(recommender.starters)
    assert len(chosen) == len(set(chosen)) == 40
    counts, vectors = recommender.counts, recommender.bundle.film_tables.vectors
    assert chosen[0] == counts.argmax()
    assert counts[chosen].min() >= np.sort(counts)[-100]  # of the most rated quarter of 400
    first = vectors[chosen[:15]]
    most = vectors[np.argsort(-counts, kind="stable")[:15]]

    def nearest(rows: np.ndarray) -> float:
        return float((rows @ rows.T - 2 * np.eye(len(rows))).max(1).mean())

    assert nearest(first) < nearest(most)


def test_every_beginning_is_the_shorter_list(recommender: Recommender) -> None:
    counts, vectors = recommender.counts, recommender.bundle.film_tables.vectors
    assert choose_starters(counts, vectors, 7) == list(recommender.starters[:7])


@pytest.mark.parametrize("films", [1, 3, 60])
def test_small_catalogues_have_what_there_is(films: int) -> None:
    vectors = np.ones((films, 1), np.float32)  # all the same film to the model
    chosen = choose_starters(np.arange(films, dtype=np.float64), vectors)
    assert len(chosen) == len(set(chosen)) == min(films, 40)
    assert choose_starters(np.zeros(films), vectors)[0] == 0
