"""Orders: a stable partial sort, and what makes lists less alike."""

import numpy as np
from numpy.typing import NDArray


def top(keys: NDArray[np.floating], candidates: NDArray[np.integer], start: int, stop: int) -> NDArray[np.integer]:
    """The places start..stop of `candidates` [C], film codes in rising order, by falling keys[candidate]; ties by code.

    keys is [M]. Only the part that is asked for is sorted: O(C + n log n) with n = stop. The same places come out
    whatever the size of the pages they are read in.
    """
    chosen = keys[candidates]
    stop = min(stop, len(candidates))
    if start >= stop:
        return candidates[:0]
    if stop < len(candidates):
        edge = np.partition(chosen, len(chosen) - stop)[len(chosen) - stop]  # the key of the last place
        above, level = np.flatnonzero(chosen > edge), np.flatnonzero(chosen == edge)
        kept = np.sort(np.concatenate((above, level[: stop - len(above)])))
        candidates, chosen = candidates[kept], chosen[kept]
    return candidates[np.argsort(-chosen, kind="stable")][start:stop]


def diversify(relevance: NDArray[np.float32], usual: NDArray[np.float32], diversity: float) -> NDArray[np.floating]:
    """Keys [..., M] that favour what is relevant to this person over what is relevant to everybody.

    `usual` [M, 2] has each film's mean relevance over known users and its spread. A film's relevance is told once in
    spreads of the person's own scores, and once in the film's own spreads above its own mean; `diversity` is the weight
    of the second, from 0, the plain order, to 1. Everybody's films fall, since they are relevant to all; a film that is
    unusually relevant to one rises. It is the standardisation that collaborative filtering applies to ratings
    (Herlocker et al., SIGIR 1999), applied to scores. docs/model-card.md has what it costs and gives.
    """
    own = (relevance - relevance.mean(-1, keepdims=True)) / np.maximum(relevance.std(-1, keepdims=True), 1e-9)
    # A film that hardly anybody's vector moves would be a sensation at its first twitch.
    spread = np.maximum(usual[:, 1], max(0.1 * float(np.median(usual[:, 1])), 1e-9))
    keys: NDArray[np.floating] = (1 - diversity) * own + diversity * (relevance - usual[:, 0]) / spread
    return keys
