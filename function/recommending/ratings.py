"""A visitor's ratings, checked and turned into a history for the model."""

import math
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import RatingScale

History = tuple[NDArray[np.int32], NDArray[np.float32]]
"""A person's ratings: film indices [n] and stars [n], the latest last."""

TOLERANCE: Final = 1e-6  # stars: 0.1 + 0.2 is 0.3
DISLIKE: Final = 0.25  # of the scale: 2 stars of 1 to 5


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


def with_new(history: History, new: History) -> History:
    """A history, followed by `new` ratings, which replace earlier ones of the same films."""
    kept = ~np.isin(history[0], new[0])
    return np.concatenate((history[0][kept], new[0])), np.concatenate((history[1][kept], new[1]))


def history_of(
    given: Sequence[tuple[str, float]], film_index: Mapping[str, int], scale: RatingScale, *, skip_unknown: bool = False
) -> History:
    """Film indices [n] and stars [n] of the (film id, stars) pairs `given`.

    Raises RatingsError if a film is rated twice or unknown (unless `skip_unknown`), or stars are not on the scale.
    """
    known, faults = [], []
    fine: set[float] = set()  # stars that were found to be on the scale
    seen: set[str] = set()
    for position, (film, stars) in enumerate(given):
        if film not in film_index:
            if skip_unknown:
                continue
            faults.append(Fault(position, "film", f"there is no film {film!r}"))
        elif film in seen:
            faults.append(Fault(position, "film", f"film {film!r} is rated twice; keep one"))
        elif stars not in fine and (detail := off_scale(stars, scale)):
            faults.append(Fault(position, "stars", detail))
        else:
            known.append((film_index[film], stars))
            fine.add(stars)
        seen.add(film)
    if faults:
        raise RatingsError(faults)
    films = np.array([film for film, _ in known], np.int32)
    return films, np.array([stars for _, stars in known], np.float32)


def kept_history(kept: Sequence[tuple[str, float]], film_index: Mapping[str, int], scale: RatingScale) -> History:
    """Film indices [n] and stars [n] of (film id, stars) pairs that were kept, perhaps since an earlier release.

    Films that this release does not have are left out; stars are moved to the nearest on its scale.
    """
    known = [(film_index[film], nearest_on(scale, stars)) for film, stars in kept if film in film_index]
    films = np.array([film for film, _ in known], np.int32)
    return films, np.array([stars for _, stars in known], np.float32)


def off_scale(stars: float, scale: RatingScale) -> str:
    """Why `stars` are not on the scale; "" if they are."""
    if scale.min <= stars <= scale.max and abs(nearest_on(scale, stars) - stars) < TOLERANCE:
        return ""
    return f"{stars:g} is not on the scale: {scale.min:g} to {scale.max:g} in steps of {scale.step:g}"


def nearest_on(scale: RatingScale, stars: float) -> float:
    """The rating of `scale` that is nearest to `stars`; the higher one if two are."""
    if scale.step:
        stars = scale.min + math.floor((stars - scale.min) / scale.step + 0.5) * scale.step
    return min(max(stars, scale.min), scale.max)


def with_dislikes(history: History, films: Sequence[int], scale: RatingScale) -> History:
    """The `history`, with the `films` that somebody is not interested in as mild dislikes, DISLIKE of the scale.

    They come first, so that of a long history the ratings themselves count. A film that is rated keeps its rating.
    """
    others = np.setdiff1d(np.array(films, np.int32), history[0])
    dislikes = np.full(len(others), scale.min + DISLIKE * (scale.max - scale.min), np.float32)
    return np.concatenate((others, history[0])), np.concatenate((dislikes, history[1]))
