"""What everybody's ratings say of the films: which are little known, and which are the best rated."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

HEAD: Final = 0.8  # share of all ratings that the well-known films have; what is left is the long tail
TRUSTED: Final = 5  # ratings; below it even the tail is guesswork
DAMPING: Final = 25  # ratings of the usual mean added to each film's


def long_tail(counts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Films outside the head, the most rated ones that share HEAD of all ratings; but with enough to be trusted. [M]"""
    order = np.argsort(-counts, kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    tail = np.zeros(len(counts), np.bool_)
    tail[order[before >= HEAD * counts.sum()]] = True
    return tail & (counts >= TRUSTED)


def damped_averages(counts: NDArray[np.float64], averages: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean stars of each film [M] after DAMPING more ratings of the usual kind: one 5 is no triumph."""
    usual = (counts @ averages) / max(counts.sum(), 1)
    damped: NDArray[np.float64] = (counts * averages + DAMPING * usual) / (counts + DAMPING)
    return damped
