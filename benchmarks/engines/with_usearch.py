"""usearch: a graph (HNSW) of rows of 16 bits, mapped.

It does not filter in Python, so that more films are found, by the share of those allowed, and then filtered.
"""

# mypy: disable-error-code="import-not-found,import-untyped"
# (the library is in its own environment only)

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from usearch.index import Index

from benchmarks.engines.contract import Engine, Items, measure

CHUNK: Final = 50_000
EXPANSION: Final = (512, 4096)  # nodes that a search keeps


def build(items: Items, path: Path) -> None:
    index = Index(ndim=items.rows.shape[1], metric="ip", dtype="f16", connectivity=32, expansion_add=128)
    for start in range(0, len(items.rows), CHUNK):
        rows = np.array(items.rows[start : start + CHUNK])
        index.add(np.arange(start, start + len(rows)), rows)
    index.save(str(path))


class Graph:
    """An index whose searches keep so many nodes."""

    def __init__(self, index: Any, expansion: int) -> None:
        self._index, self._expansion = index, expansion

    def candidates(self, person: NDArray[np.float32], allowed: NDArray[np.bool_] | None, n: int) -> NDArray[np.integer]:
        self._index.expansion_search = self._expansion
        wanted = n if allowed is None else round(n / allowed.mean())
        found = self._index.search(person.astype(np.float16), wanted, threads=1).keys.astype(np.int64)
        kept: NDArray[np.integer] = found if allowed is None else found[allowed[found]][:n]
        return kept


def engines(path: Path) -> Mapping[str, Engine]:
    index = Index(ndim=0, path=str(path), view=True)
    return {f"{expansion} nodes": Graph(index, expansion) for expansion in EXPANSION}


if __name__ == "__main__":
    measure(build, engines)
