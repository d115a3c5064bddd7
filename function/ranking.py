"""A stable partial sort."""

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
