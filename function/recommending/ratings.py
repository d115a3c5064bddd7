"""A visitor's ratings, checked and turned into a history for the model."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import RatingScale


class Fault(NamedTuple):  # not a dataclass, which every cold start would compile methods for
    """An invalid rating: its position among those given, the wrong field, and why."""

    position: int
    field: Literal["film", "stars"]
    detail: str


class RatingsError(ValueError):
    """Invalid ratings; `faults` has all of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"rating {faults[0].position}: {faults[0].detail}")
        self.faults = faults


def history_of(
    given: Sequence[tuple[str, float]], film_index: Mapping[str, int], scale: RatingScale
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Film indices [n] and stars [n] of the (film id, stars) pairs `given`.

    Raises RatingsError if a film is unknown or rated twice, or stars are not on the scale.
    """
    faults = []
    seen: set[str] = set()
    for index, (film, stars) in enumerate(given):
        if film not in film_index:
            faults.append(Fault(index, "film", f"there is no film {film!r}"))
        elif film in seen:
            faults.append(Fault(index, "film", f"film {film!r} is rated twice; keep one"))
        elif not _on_scale(stars, scale):
            detail = f"{stars:g} is not on the scale: {scale.min:g} to {scale.max:g} in steps of {scale.step:g}"
            faults.append(Fault(index, "stars", detail))
        seen.add(film)
    if faults:
        raise RatingsError(faults)
    films = np.array([film_index[film] for film, _ in given], np.int32)
    return films, np.array([stars for _, stars in given], np.float32)


def _on_scale(stars: float, scale: RatingScale) -> bool:
    if not scale.min <= stars <= scale.max:
        return False
    steps = (stars - scale.min) / scale.step if scale.step else 0.0
    return abs(steps - round(steps)) < 1e-6
