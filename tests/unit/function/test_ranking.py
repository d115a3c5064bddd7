"""The partial sort is the sort."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from function.ranking import top


@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=60),
    st.integers(0, 2**31),
    st.integers(0, 70),
    st.integers(0, 70),
)
def test_any_page_is_that_page_of_the_stable_sort(values: list[int], chosen: int, start: int, n: int) -> None:
    keys = np.array(values, np.float32)
    candidates = np.flatnonzero(np.random.default_rng(chosen).random(len(keys)) < 0.7)
    expected = sorted(candidates.tolist(), key=lambda code: -keys[code])  # sorted() is stable: ties by code
    assert top(keys, candidates, start, start + n).tolist() == expected[start : start + n]


@given(
    st.lists(st.floats(width=32, allow_nan=False) | st.sampled_from([0.0, -0.0, 1.5]), max_size=80),
    st.integers(1, 90),
)
def test_the_pages_together_are_the_whole_sort(values: list[float], size: int) -> None:
    keys, candidates = np.array(values, np.float32), np.arange(len(values))
    pages = [top(keys, candidates, start, start + size).tolist() for start in range(0, len(values) + 1, size)]
    assert all(len(page) == size for page in pages[:-1])
    assert [code for page in pages for code in page] == sorted(range(len(values)), key=lambda code: -keys[code])
