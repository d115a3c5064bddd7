"""A visitor's ratings become indices and stars, or every invalid one is reported."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.bundle.format import RatingScale
from function.recommending.ratings import Fault, RatingsError, history_of

INDEX = {"a": 4, "b": 0, "c": 7}
WHOLE, HALF = RatingScale(min=1, max=5, step=1), RatingScale(min=0.5, max=5, step=0.5)


def refused(given: list[tuple[str, float]], scale: RatingScale = WHOLE) -> list[Fault]:
    with pytest.raises(RatingsError) as caught:
        history_of(given, INDEX, scale)
    first = caught.value.faults[0]
    assert str(caught.value) == f"rating {first.position}: {first.detail}"
    return list(caught.value.faults)


def test_ids_become_indices_in_the_order_given() -> None:
    films, stars = history_of([("c", 5), ("a", 1), ("b", 3)], INDEX, WHOLE)
    assert (films.tolist(), stars.tolist()) == ([7, 4, 0], [5, 1, 3])
    assert [str(films.dtype), str(stars.dtype)] == ["int32", "float32"]


def test_no_ratings_are_an_empty_history() -> None:
    films, stars = history_of([], INDEX, WHOLE)
    assert films.shape == stars.shape == (0,)
    assert [str(films.dtype), str(stars.dtype)] == ["int32", "float32"]


def test_every_wrong_rating_is_pointed_at() -> None:
    assert refused([("a", 5), ("x", 3), ("b", 9), ("a", 4), ("c", 2)]) == [
        Fault(1, "film", "there is no film 'x'"),
        Fault(2, "stars", "9 is not on the scale: 1 to 5 in steps of 1"),
        Fault(3, "film", "film 'a' is rated twice; keep one"),
    ]


def test_unknown_films_can_be_skipped() -> None:
    films, stars = history_of([("x", 5), ("a", 1), ("x", 9), ("b", 3)], INDEX, WHOLE, skip_unknown=True)
    assert (films.tolist(), stars.tolist()) == ([4, 0], [1, 3])
    with pytest.raises(RatingsError) as caught:
        history_of([("x", 5), ("a", 9)], INDEX, WHOLE, skip_unknown=True)
    assert [(fault.position, fault.field) for fault in caught.value.faults] == [(1, "stars")]


@pytest.mark.parametrize("scale", [WHOLE, HALF, RatingScale(min=0, max=1, step=0.1), RatingScale(min=1, max=7, step=3)])
def test_every_step_of_a_scale_is_on_it_and_nothing_between(scale: RatingScale) -> None:
    steps = round((scale.max - scale.min) / scale.step)
    for stars in (scale.min + step * scale.step for step in range(steps + 1)):
        assert history_of([("a", min(stars, scale.max))], INDEX, scale)[1][0] == pytest.approx(stars)
    for stars in (scale.min + (step + 0.5) * scale.step for step in range(-1, steps + 1)):
        assert len(refused([("a", stars)], scale)) == 1


def test_a_scale_without_steps_takes_anything_between() -> None:
    anything = RatingScale(min=-10, max=10, step=0)
    assert history_of([("a", -3.14)], INDEX, anything)[1][0] == pytest.approx(-3.14)
    refused([("a", 10.01)], anything)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_what_is_taken_is_on_the_scale(stars: float) -> None:
    if stars in np.arange(0.5, 5.5, 0.5):
        history_of([("a", stars)], INDEX, HALF)
    elif not any(abs(stars - step) < 1e-5 for step in np.arange(0.5, 5.5, 0.5)):
        refused([("a", stars)], HALF)
