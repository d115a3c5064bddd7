"""Ranking: a stable partial sort, and re-ranking by personalisation."""

import numpy as np
from numpy.typing import NDArray


def top(keys: NDArray[np.floating], candidates: NDArray[np.integer], start: int, stop: int) -> NDArray[np.integer]:
    """Ranks start..stop of `candidates` [C], film indices in rising order, by descending keys [M]; ties by index.

    Only the requested part is sorted: O(C + n log n) with n = stop. Pages of any size make up the same ranking.
    """
    chosen = keys[candidates]
    stop = min(stop, len(candidates))
    if start >= stop:
        return candidates[:0]
    if stop < len(candidates):
        edge = np.partition(chosen, len(chosen) - stop)[len(chosen) - stop]  # the key of the last rank
        above, ties = np.flatnonzero(chosen > edge), np.flatnonzero(chosen == edge)
        kept = np.sort(np.concatenate((above, ties[: stop - len(above)])))
        candidates, chosen = candidates[kept], chosen[kept]
    return candidates[np.argsort(-chosen, kind="stable")][start:stop]


def diversify(relevance: NDArray[np.float32], moments: NDArray[np.float32], diversity: float) -> NDArray[np.floating]:
    """Keys [..., M] that favour films unusually relevant to this person over those relevant to everybody.

    `moments` [M, 2] are the mean and standard deviation of each film's relevance over the known users. The keys mix two
    z-scores: of the person's own scores, and of the film's scores among all users. `diversity` is the weight of the
    second, from 0, the plain ranking, to 1. Standardisation as collaborative filtering applies it to ratings
    (Herlocker et al., SIGIR 1999), applied to scores. Costs and effects are in docs/model-card.md.
    """
    own = (relevance - relevance.mean(-1, keepdims=True)) / np.maximum(relevance.std(-1, keepdims=True), 1e-9)
    # Without a minimum, a film whose relevance hardly varies would get huge z-scores.
    spread = np.maximum(moments[:, 1], max(0.1 * float(np.median(moments[:, 1])), 1e-9))
    keys: NDArray[np.floating] = (1 - diversity) * own + diversity * (relevance - moments[:, 0]) / spread
    return keys
