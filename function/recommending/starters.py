"""Films for a newcomer to rate: well known and unlike each other. No HTTP here."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from function.bundle.directions import Directions

MAX_STARTERS: Final = 40
POOL_SHARE: Final = 0.25  # of the catalogue, the most rated films
MIN_POOL, MAX_POOL = 50, 5000


def choose_starters(
    counts: NDArray[np.float64], vectors: Directions | NDArray[np.float32], n: int = MAX_STARTERS
) -> list[int]:
    """The most rated film, then each time the well-known film that is farthest from those chosen.

    Farthest-point sampling (Gonzalez 1985), distances weighted by the square root of a film's ratings. counts [M],
    vectors [M, K] of length 1. The first k films of a longer list are the list for k.
    """
    size = min(max(MIN_POOL, int(POOL_SHARE * len(counts))), MAX_POOL)
    pool = np.argsort(-counts, kind="stable")[:size]
    rows = vectors[pool]
    known = np.sqrt(counts[pool] / max(counts.max(initial=0), 1))
    distance = np.full(len(pool), 1.0)
    chosen: list[int] = []
    remaining = np.ones(len(pool), np.bool_)
    for _ in range(min(n, len(pool))):
        best = int(np.argmax(np.where(remaining, distance * known, -1.0)))
        chosen.append(int(pool[best]))
        remaining[best] = False
        distance = np.minimum(distance, 1 - rows @ rows[best])
    return chosen
