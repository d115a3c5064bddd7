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
