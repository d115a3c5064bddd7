"""A visitor's ratings, checked and turned into a history the model can encode."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import RatingScale


@dataclass(frozen=True)
class Fault:
    """What is wrong with one rating: its place in what was given, which half of it, and why."""

    place: int
    half: Literal["film", "stars"]
    detail: str


class RatingsError(ValueError):
    """Ratings that are no history; `faults` has every wrong one."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"rating {faults[0].place}: {faults[0].detail}")
        self.faults = faults


def history_of(
    given: Sequence[tuple[str, float]], film_codes: Mapping[str, int], scale: RatingScale
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Film codes [n] and stars [n] of the (film id, stars) pairs `given`.

    Raises RatingsError where a film is unknown or rated twice, or stars are off the scale.
    """
    faults = []
    seen: set[str] = set()
    for place, (film, stars) in enumerate(given):
        if film not in film_codes:
            faults.append(Fault(place, "film", f"there is no film {film!r}"))
        elif film in seen:
            faults.append(Fault(place, "film", f"film {film!r} is rated twice; keep one"))
        elif not _on_scale(stars, scale):
            detail = f"{stars:g} is not on the scale: {scale.min:g} to {scale.max:g} in steps of {scale.step:g}"
            faults.append(Fault(place, "stars", detail))
        seen.add(film)
    if faults:
        raise RatingsError(faults)
    films = np.array([film_codes[film] for film, _ in given], np.int32)
    return films, np.array([stars for _, stars in given], np.float32)


def _on_scale(stars: float, scale: RatingScale) -> bool:
    if not scale.min <= stars <= scale.max:
        return False
    steps = (stars - scale.min) / scale.step if scale.step else 0.0
    return abs(steps - round(steps)) < 1e-6
