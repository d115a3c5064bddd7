"""Rows: the head of a list is scored again, whatever the filters, and pages stay parts of one ranking."""

from pathlib import Path

import numpy as np
import pytest

from function.bundle.format import Bundle, BundleError
from function.bundle.interpreter import Model
from function.bundle.people import Person
from function.bundle.rows import HEAD, rows_bytes, rows_of
from function.recommending.recommender import Filters, Recommender
from tests.support.rows import with_rows


@pytest.fixture(scope="module")
def rows(bundle: Bundle) -> tuple[np.ndarray, np.ndarray]:
    """Numbers that 16 bits hold exactly."""
    rng = np.random.default_rng(0)
    shape = len(bundle.films), bundle.manifest.model.dimensions
    return rng.integers(-8, 8, shape).astype(np.float32), rng.normal(size=shape[0]).astype(np.float32)


@pytest.mark.parametrize("filters", [Filters(), Filters(genres=(2,))])
def test_the_head_is_ranked_by_the_rows(
    filters: Filters, bundle: Bundle, rows: tuple[np.ndarray, np.ndarray], people: list[Person], tmp_path: Path
) -> None:
    found = with_rows(bundle, rows_bytes(*rows), tmp_path)
    recommender = Recommender(found, Model(found.model))
    scores = recommender.scores_of_vector(people[0].vector, people[0].films)
    passing = ~scores.seen
    if filters.genres:
        passing &= recommender.genres[:, filters.genres[0]]
    candidates = np.flatnonzero(passing)
    head = candidates[np.argsort(-scores.relevance[candidates], kind="stable")[:HEAD]]
    keys = scores.relevance.copy()
    keys[head] = rows[0][head] @ people[0].vector + rows[1][head]
    expected = candidates[np.argsort(-keys[candidates], kind="stable")].tolist()

    def page(start: int, n: int) -> list[int]:
        return recommender.recommend(scores, filters, sort="relevance", include_seen=False, start=start, n=n).films

    assert page(0, len(candidates)) == expected
    assert [film for start in range(0, 60, 20) for film in page(start, 20)] == expected[:60]


def test_a_bundle_without_rows_ranks_by_the_model(recommender: Recommender, people: list[Person]) -> None:
    scores = recommender.scores_of_person(people[0])
    assert recommender.relevance(scores, ~scores.seen) is scores.relevance


def test_rows_of_another_shape_are_refused(bundle: Bundle, rows: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    fewer = with_rows(bundle, rows_bytes(rows[0][:-1], rows[1][:-1]), tmp_path)
    with pytest.raises(BundleError, match=r"rows\.npy: \(399,\)"):
        rows_of(fewer)
    damaged = with_rows(bundle, b"nothing", tmp_path)
    with pytest.raises(BundleError, match=r"rows\.npy: does not decode"):
        rows_of(damaged)
