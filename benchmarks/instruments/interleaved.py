"""Times of several pieces of work, taken in turn: what slows the machine down slows all of them down."""

import random
import time
from collections.abc import Callable, Mapping

import numpy as np

Work = Callable[[], object]


def interleaved(works: Mapping[str, Work], rounds: int, *, warm: int = 20) -> dict[str, dict[str, float]]:
    """Median and 99th percentile in milliseconds of each work over `rounds`, in a new random order each round.

    The order is random because a work that reads much memory leaves cold caches to the next one.
    """
    for work in works.values():
        for _ in range(warm):
            work()
    names, times = list(works), {name: np.empty(rounds) for name in works}
    order = random.Random(0)
    for turn in range(rounds):
        order.shuffle(names)
        for name in names:
            began = time.perf_counter()
            works[name]()
            times[name][turn] = time.perf_counter() - began
    return {name: _summary(taken * 1000) for name, taken in times.items()}


def _summary(milliseconds: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> dict[str, float]:
    p50, p99 = np.percentile(milliseconds, (50, 99))
    return {"p50": round(float(p50), 4), "p99": round(float(p99), 4), "runs": len(milliseconds)}
