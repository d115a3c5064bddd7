"""The partial sort agrees with a full sort, and re-ranking with the formula of its paper."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from function.recommending.ranking import diversify, personalise, top


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


def test_no_personalisation_is_the_order_by_relevance() -> None:
    rng = np.random.default_rng(0)
    relevance, moments = rng.normal(size=(5, 30)).astype(np.float32), rng.random((30, 2)).astype(np.float32)
    keys = personalise(relevance, moments, 0.0)
    assert np.array_equal(np.argsort(-keys, 1, kind="stable"), np.argsort(-relevance, 1, kind="stable"))


def test_with_personalisation_an_unusually_relevant_film_passes_one_that_is_relevant_to_everybody() -> None:
    relevance = np.array([3.0, 2.9, 0.0, 0.1], np.float32)
    moments = np.array([[3.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]], np.float32)
    assert np.argmax(personalise(relevance, moments, 0.0)) == 0
    assert np.argmax(personalise(relevance, moments, 0.5)) == 1


def test_a_film_of_no_spread_is_no_sensation() -> None:
    relevance = np.array([1.0, 0.5, 1e-6], np.float32)
    moments = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 0.0]], np.float32)
    keys = personalise(relevance, moments, 1.0)
    assert np.isfinite(keys).all()
    assert np.argmin(keys) == 2


def plain_mmr(keys: list[float], vectors: np.ndarray, diversity: float, n: int) -> list[int]:
    """Carbonell & Goldstein's formula, film by film."""
    span = max(max(keys) - min(keys), 1e-9)
    chosen: list[int] = []
    while len(chosen) < min(n, len(keys)):

        def marginal(film: int) -> float:
            nearest = max((float(vectors[film] @ vectors[other]) for other in chosen), default=0.0)
            return (1 - diversity) * (keys[film] - min(keys)) / span - diversity * nearest

        chosen.append(max((film for film in range(len(keys)) if film not in chosen), key=marginal))
    return chosen


@given(st.integers(1, 25), st.integers(0, 2**31), st.floats(0, 1), st.integers(0, 30))
def test_diversity_is_maximal_marginal_relevance(films: int, seed: int, diversity: float, n: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(films, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    keys = rng.normal(size=films)
    assert diversify(keys, vectors, diversity, n).tolist() == plain_mmr(keys.tolist(), vectors, diversity, n)


def test_a_short_list_is_the_head_of_a_longer_one() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(50, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    keys = rng.normal(size=50).astype(np.float32)
    assert diversify(keys, vectors, 0.5, 7).tolist() == diversify(keys, vectors, 0.5, 50)[:7].tolist()
    assert diversify(keys, vectors, 0.0, 50).tolist() == np.argsort(-keys).tolist()
    assert diversify(keys[:0], vectors[:0], 0.5, 5).tolist() == []
