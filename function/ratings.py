"""A visitor's ratings, checked and turned into a history the model can encode."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import numpy as np
from numpy.typing import NDArray

from function.bundle import RatingScale
from function.problems import Detail, Problem


def history_of(
    given: Sequence[tuple[str, float]], film_codes: Mapping[str, int], scale: RatingScale
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Film codes [n] and stars [n] of the (film id, stars) pairs `given`.

    Raises Problem 422, with a JSON pointer for each, where a film is unknown or rated twice, or stars are off scale.
    """
    errors = []
    seen: set[str] = set()
    for place, (film, stars) in enumerate(given):
        if film not in film_codes:
            errors.append(Detail(pointer=f"/ratings/{place}/film_id", detail=f"there is no film {film!r}"))
        elif film in seen:
            errors.append(Detail(pointer=f"/ratings/{place}/film_id", detail=f"film {film!r} is rated twice; keep one"))
        elif not _on_scale(stars, scale):
            detail = f"{stars:g} is not on the scale: {scale.min:g} to {scale.max:g} in steps of {scale.step:g}"
            errors.append(Detail(pointer=f"/ratings/{place}/rating", detail=detail))
        seen.add(film)
    if errors:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{errors[0].pointer}: {errors[0].detail}", errors)
    films = np.array([film_codes[film] for film, _ in given], np.int32)
    return films, np.array([stars for _, stars in given], np.float32)


def _on_scale(stars: float, scale: RatingScale) -> bool:
    if not scale.min <= stars <= scale.max:
        return False
    steps = (stars - scale.min) / scale.step if scale.step else 0.0
    return abs(steps - round(steps)) < 1e-6
