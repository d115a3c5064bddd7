"""What a newcomer is asked to rate: films that many know and that lie far apart. Knows no HTTP."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 40
KNOWN: Final = 0.25  # of the catalogue, the most rated films; many enough to choose from:
AT_LEAST: Final = 50


def choose_starters(counts: NDArray[np.float64], vectors: NDArray[np.float32], n: int = MOST) -> list[int]:
    """The most rated film, then again and again the one farthest from those chosen, of which many know it.

    Farthest-point sampling (Gonzalez 1985), each distance weighed by how known a film is. counts [M], vectors [M, K] of
    length 1. The first k of a longer list are the list for k.
    """
    pool = np.argsort(-counts, kind="stable")[: max(AT_LEAST, int(KNOWN * len(counts)))]
    known = np.sqrt(counts[pool] / max(counts.max(initial=0), 1))
    distance = np.full(len(pool), 1.0)
    chosen: list[int] = []
    left = np.ones(len(pool), np.bool_)
    for _ in range(min(n, len(pool))):
        best = int(np.argmax(np.where(left, distance * known, -1.0)))
        chosen.append(int(pool[best]))
        left[best] = False
        distance = np.minimum(distance, 1 - vectors[pool] @ vectors[pool[best]])
    return chosen
