"""What each way is given, and how it answers.

A way is a program that is called with the path of an .npz file of `Catalogue`. It times itself in turn with the same
product in NumPy, by which the ways of different processes can be compared, and writes its times as JSON to standard
output.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# One thread each, as the function has; before NumPy reads it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from benchmarks.instruments.interleaved import interleaved

NUMPY = "NumPy straight"
LIST = 20  # films


@dataclass(frozen=True)
class Catalogue:
    """The score graph of a bundle as matrices, and its known users. M films, D user dimensions, S of them of stars."""

    stars: NDArray[np.float32]  # [M, S]
    bias: NDArray[np.float32]  # [M]
    relevance: NDArray[np.float32]  # [M, D - S]
    users: NDArray[np.float32]  # [U, D]
    indptr: NDArray[np.int64]  # [U + 1], histories as compressed rows
    films: NDArray[np.int32]  # [R]

    @classmethod
    def read(cls, path: Path) -> "Catalogue":
        with np.load(path) as arrays:
            return cls(**arrays)

    def write(self, path: Path) -> None:
        np.savez(path, **vars(self))

    def score(self, user: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Stars [M] on a scale of 1 to 5, and relevance [M]."""
        sides = self.stars.shape[1]
        stars = self.stars @ user[:sides] + self.bias
        return np.clip(stars, 1, 5), stars + self.relevance @ user[sides:]


def measure(name: str, way: Callable[[Catalogue], Callable[[], object]], rounds: int) -> None:
    """Time the work that `way` makes of the catalogue, and write what was found."""
    catalogue = Catalogue.read(Path(sys.argv[1]))
    works = {name: way(catalogue), NUMPY: lambda: catalogue.score(catalogue.users[0])}
    sys.stdout.write(json.dumps(interleaved(works, rounds, warm=5)) + "\n")
