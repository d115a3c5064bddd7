"""Facts about films from everybody's ratings: the long tail, and damped averages."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

HEAD_SHARE: Final = 0.8  # of all ratings; films beyond it are the long tail
MIN_RATINGS: Final = 5  # of a film in the tail
DAMPING: Final = 25  # ratings of the mean added to each film's


def long_tail(counts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which films are outside the head, the most rated films that hold HEAD_SHARE of all ratings. [M]"""
    order = np.argsort(-counts, kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    tail = np.zeros(len(counts), np.bool_)
    tail[order[before >= HEAD_SHARE * counts.sum()]] = True
    return tail & (counts >= MIN_RATINGS)


def damped_averages(counts: NDArray[np.float64], averages: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean stars of each film [M] after DAMPING more ratings of the overall mean: a single 5 does not lead."""
    mean = (counts @ averages) / max(counts.sum(), 1)
    damped: NDArray[np.float64] = (counts * averages + DAMPING * mean) / (counts + DAMPING)
    return damped
