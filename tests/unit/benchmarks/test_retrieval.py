"""The seam of vector engines, with an engine that is exact; and their table."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.engines import contract
from benchmarks.engines.contract import TOP, Items, first
from benchmarks.tables.retrieval import engines

FILMS, DIMENSIONS = 3000, 6


@dataclass(frozen=True)
class Exact:
    """Finds the true candidates, in no order."""

    rows: NDArray[np.float16]

    def candidates(self, person: NDArray[np.float32], allowed: NDArray[np.bool_] | None, n: int) -> NDArray[np.integer]:
        keys = self.rows.astype(np.float32) @ person
        films = np.arange(len(keys)) if allowed is None else allowed.nonzero()[0]
        return np.random.default_rng(0).permutation(films[np.argsort(-keys[films])[:n]])


@pytest.mark.parametrize("scanned", [0, FILMS])
@pytest.mark.parametrize("share", [None, 0.5, 0.01])
def test_an_exact_engine_has_the_exact_list(scanned: int, share: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "SCANNED", scanned)
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(FILMS, DIMENSIONS)).astype(np.float16)
    person = rng.normal(size=DIMENSIONS).astype(np.float32)
    allowed = None if share is None else rng.random(FILMS) < share
    nothing = np.empty((0, TOP), np.int64)
    items = Items(rows, person[None], np.ones(FILMS, np.bool_), nothing, nothing)
    films = np.arange(FILMS) if allowed is None else allowed.nonzero()[0]
    keys = rows.astype(np.float32) @ person
    expected = films[np.argsort(-keys[films], kind="stable")[:TOP]]
    assert first(Exact(rows), items, person, allowed).tolist() == expected.tolist()


def test_ways_of_an_engine_are_rows() -> None:
    way = {"times": {"all": {"p50": 1.25}, "genre": {"p50": 8}}, "recall": {"all": 0.9995, "genre": 1.0}}
    run = {
        "films": 250_000,
        "engine": "with_usearch",
        "build_s": 90.4,
        "index_mb": 260.2,
        "open_s": 0.04,
        "own_mb": 5.1,
    }
    machine = {"cpu": "A processor", "cores": 2}
    text = engines({"date": "2026-01-02", "machine": machine, "runs": [{**run, "ways": {"256 nodes": way}}]})
    assert "| 250,000 | usearch, 256 nodes | 0.9995 | 1.2 | 1.0000 | 8.0 | 260 | 90 | 0.04 | 5 |" in text
