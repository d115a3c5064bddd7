"""Ranking: a stable partial sort, personalisation, and diversity within a list."""

import numpy as np
from numpy.typing import NDArray


def top(keys: NDArray[np.floating], candidates: NDArray[np.integer], start: int, stop: int) -> NDArray[np.integer]:
    """Ranks start..stop of `candidates` [C], film indices in rising order, by descending keys [M]; ties by index.

    Only the requested part and its ties are sorted: O(C + n log n) with n = stop. Pages of any size make up the same
    ranking.
    """
    chosen = keys[candidates]
    stop = min(stop, len(candidates))
    if start >= stop:
        return candidates[:0]
    if stop < len(candidates):
        edge = np.partition(chosen, len(chosen) - stop)[len(chosen) - stop]  # the key of the last rank
        kept = (chosen >= edge).nonzero()[0]  # and its ties, of which the first come first
        candidates, chosen = candidates[kept], chosen[kept]
    ranked: NDArray[np.integer] = candidates[(-chosen).argsort(kind="stable")[start:stop]]
    return ranked


def ranks(keys: NDArray[np.floating]) -> NDArray[np.float64]:
    """The rank of each film by `keys` [M], scaled from 0, the lowest, to 1."""
    ranks = np.empty(len(keys))
    ranks[np.argsort(keys, kind="stable")] = np.arange(len(keys)) / max(len(keys) - 1, 1)
    return ranks


def personalise(relevance: NDArray[np.float32], moments: NDArray[np.float32], weight: float) -> NDArray[np.floating]:
    """Keys [..., M] that favour films unusually relevant to this person over those relevant to everybody.

    `moments` [M, 2] are the mean and standard deviation of each film's relevance over the known users. The keys mix two
    z-scores: of the person's own scores, and of the film's scores among all users. `weight` is that of the second, from
    0, the plain ranking, to 1. Standardisation as collaborative filtering applies it to ratings (Herlocker et al.,
    SIGIR 1999), applied to scores. Costs and effects are in docs/model-card.md.
    """
    own = (relevance - relevance.mean(-1, keepdims=True)) / np.maximum(relevance.std(-1, keepdims=True), 1e-9)
    # Without a minimum, a film whose relevance hardly varies would get huge z-scores.
    spread = np.maximum(moments[:, 1], max(0.1 * float(np.median(moments[:, 1])), 1e-9))
    keys: NDArray[np.floating] = (1 - weight) * own + weight * (relevance - moments[:, 0]) / spread
    return keys


def diversify(
    keys: NDArray[np.floating], vectors: NDArray[np.float32], diversity: float, n: int
) -> NDArray[np.integer]:
    """The first n of P films, as indices [n], so that each is also unlike those before it.

    Maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998): each next film has the largest
    (1 - diversity) * key - diversity * (largest similarity to the films chosen before), with `keys` [P] scaled to 0..1
    and similarity the cosine of `vectors` [P, K], rows of length 1. Ties by index. The first k of a longer list are the
    list for k.
    """
    low, high = keys.min(initial=np.inf), keys.max(initial=-np.inf)
    relevance = (keys - low) / max(float(high - low), 1e-9)
    nearest = np.zeros(len(keys))  # the first film has none before it
    remaining = np.ones(len(keys), np.bool_)
    chosen: list[int] = []
    for _ in range(min(n, len(keys))):
        marginal = np.where(remaining, (1 - diversity) * relevance - diversity * nearest, -np.inf)
        best = int(np.argmax(marginal))
        similarity = vectors @ vectors[best]
        nearest = np.maximum(nearest, similarity) if chosen else similarity
        chosen.append(best)
        remaining[best] = False
    return np.array(chosen, np.intp)
