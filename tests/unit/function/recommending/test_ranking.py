"""The partial sort is the sort."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from function.recommending.ranking import diversify, top


@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=60),
    st.integers(0, 2**31),
    st.integers(0, 70),
    st.integers(0, 70),
)
def test_any_page_is_that_page_of_the_stable_sort(values: list[int], chosen: int, start: int, n: int) -> None:
    keys = np.array(values, np.float32)
    candidates = np.flatnonzero(np.random.default_rng(chosen).random(len(keys)) < 0.7)
    expected = sorted(candidates.tolist(), key=lambda index: -keys[index])  # sorted() is stable: ties by index
    assert top(keys, candidates, start, start + n).tolist() == expected[start : start + n]


@given(
    st.lists(st.floats(width=32, allow_nan=False) | st.sampled_from([0.0, -0.0, 1.5]), max_size=80),
    st.integers(1, 90),
)
def test_the_pages_together_are_the_whole_sort(values: list[float], size: int) -> None:
    keys, candidates = np.array(values, np.float32), np.arange(len(values))
    pages = [top(keys, candidates, start, start + size).tolist() for start in range(0, len(values) + 1, size)]
    assert all(len(page) == size for page in pages[:-1])
    assert [index for page in pages for index in page] == sorted(range(len(values)), key=lambda index: -keys[index])


def test_no_diversity_is_the_order_by_relevance() -> None:
    rng = np.random.default_rng(0)
    relevance, moments = rng.normal(size=(5, 30)).astype(np.float32), rng.random((30, 2)).astype(np.float32)
    keys = diversify(relevance, moments, 0.0)
    assert np.array_equal(np.argsort(-keys, 1, kind="stable"), np.argsort(-relevance, 1, kind="stable"))


def test_with_diversity_a_film_that_is_unusually_fitting_passes_one_that_fits_everybody() -> None:
    relevance = np.array([3.0, 2.9, 0.0, 0.1], np.float32)
    moments = np.array([[3.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]], np.float32)
    assert np.argmax(diversify(relevance, moments, 0.0)) == 0
    assert np.argmax(diversify(relevance, moments, 0.5)) == 1


def test_a_film_of_no_spread_is_no_sensation() -> None:
    relevance = np.array([1.0, 0.5, 1e-6], np.float32)
    moments = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 0.0]], np.float32)
    keys = diversify(relevance, moments, 1.0)
    assert np.isfinite(keys).all()
    assert np.argmin(keys) == 2
