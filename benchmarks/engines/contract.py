"""What a vector engine is given, how it answers, and how it is measured.

An engine is a program that is called with the folder of `Items` and a folder for its index. It builds the index and
writes it, opens it as a function would, and finds the first films of people's lists in it, of all films and of a genre.
Its candidates are scored again by exact rows, which are mapped, as a bundle's are (function/bundle/rows.py). What was
found goes to standard output as JSON.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from benchmarks.instruments.interleaved import interleaved
from benchmarks.instruments.memory import memory
from benchmarks.instruments.overlap import overlap

TOP: Final = 20
CANDIDATES: Final = 200  # that are scored again
SCANNED: Final = 20_000  # so few films are all scored by their rows: no engine finds the best of a rare genre
ROUNDS: Final = 200


@dataclass(frozen=True)
class Items:
    """M films, D + 1 dimensions: the bias is the last, and a person's last number is 1."""

    rows: NDArray[np.float16]  # [M, D + 1], mapped
    people: NDArray[np.float32]  # [P, D + 1]
    allowed: NDArray[np.bool_]  # [M] the films of a genre
    exact: NDArray[np.int64]  # [P, TOP] the first films of each list
    exact_of_genre: NDArray[np.int64]  # [P, TOP]

    @classmethod
    def read(cls, folder: Path) -> "Items":
        with np.load(folder / "people.npz") as stored:
            return cls(np.load(folder / "rows.npy", mmap_mode="r"), **stored)


class Engine(Protocol):
    """An index of all films, open for searches."""

    def candidates(self, person: NDArray[np.float32], allowed: NDArray[np.bool_] | None, n: int) -> NDArray[np.integer]:
        """At most n films with large inner products with `person` [D + 1], only those `allowed` [M]; in any order."""
        ...


def first(
    engine: Engine, items: Items, person: NDArray[np.float32], allowed: NDArray[np.bool_] | None
) -> NDArray[np.integer]:
    """The first TOP films for a person, best first; only those `allowed` [M], if it is given."""
    if allowed is not None and np.count_nonzero(allowed) <= SCANNED:
        found: NDArray[np.integer] = allowed.nonzero()[0]
    else:
        found = np.sort(engine.candidates(person, allowed, CANDIDATES))
    keys = items.rows[found].astype(np.float32) @ person
    return found[np.argsort(-keys, kind="stable")[:TOP]]


def measure(build: Callable[[Items, Path], None], engines: Callable[[Path], Mapping[str, Engine]]) -> None:
    """Build an index, open it in one or more ways, and write what was found of each."""
    items, path = Items.read(Path(sys.argv[1])), Path(sys.argv[2]) / "index"
    began = time.perf_counter()
    if sys.argv[3:] == ["build"]:
        build(items, path)
        sys.stdout.write(json.dumps({"seconds": round(time.perf_counter() - began, 1)}) + "\n")
        return
    before = memory()["own"]
    opened = engines(path)
    seconds, mb = time.perf_counter() - began, path.stat().st_size / 1e6
    found = {name: _measured(engine, items) for name, engine in opened.items()}
    after = memory()
    common = {"index_mb": round(mb, 1), "open_s": round(seconds, 3), "own_mb": round(after["own"] - before, 1)}
    sys.stdout.write(json.dumps({"resident_mb": after["resident"], **common, "ways": found}) + "\n")


def _measured(engine: Engine, items: Items) -> dict[str, Any]:
    turn = 0

    def person() -> NDArray[np.float32]:
        nonlocal turn
        turn += 1
        found: NDArray[np.float32] = items.people[turn % len(items.people)]
        return found

    works = {
        "all": lambda: first(engine, items, person(), None),
        "genre": lambda: first(engine, items, person(), items.allowed),
    }
    times = interleaved(works, ROUNDS, warm=3)
    lists = {"all": (None, items.exact), "genre": (items.allowed, items.exact_of_genre)}
    recall = {
        name: [
            overlap(first(engine, items, one, allowed).tolist(), wanted.tolist())
            for one, wanted in zip(items.people, exact, strict=True)
        ]
        for name, (allowed, exact) in lists.items()
    }
    return {"times": times, "recall": {name: round(float(np.mean(shares)), 4) for name, shares in recall.items()}}
