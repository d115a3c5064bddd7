"""The comparison of `make bench-check`."""

import pytest

from benchmarks.check import TOLERANCE, compare
from benchmarks.requests import HELLO


def times(**ratios: float) -> dict[str, dict[str, float]]:
    return {HELLO: {"ratio": 1.0}, **{name: {"ratio": ratio} for name, ratio in ratios.items()}}


def test_only_what_grew_by_more_than_the_tolerance_is_slower() -> None:
    now = times(top=2.0 * (1 + TOLERANCE) - 0.01, home=4.0 * (1 + TOLERANCE) + 0.01, health=0.5)
    found = compare(times(top=2.0, home=4.0, health=1.0), now)
    assert {one.name: one.slower for one in found} == {"top": False, "home": True, "health": False}


def test_figures_of_other_requests_are_no_yardstick() -> None:
    with pytest.raises(ValueError, match=r"other requests \(home, top\)"):
        compare(times(top=2.0), times(home=2.0))
