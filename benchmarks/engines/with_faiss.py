"""FAISS: inverted lists of rows of 8 bits, mapped; a search reads some of the lists, and skips films by a bitmap."""

# mypy: disable-error-code="import-not-found,import-untyped"
# (the library is in its own environment only)

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.engines.contract import Engine, Items, measure

LISTS: Final = 1024
TRAINED: Final = 65_536  # rows that the lists are chosen by
CHUNK: Final = 100_000
SEARCHED: Final = (16, 64, 256)  # lists


def build(items: Items, path: Path) -> None:
    rng = np.random.default_rng(0)
    films, dimensions = items.rows.shape
    quantizer = faiss.IndexFlatIP(dimensions)
    kind = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexIVFScalarQuantizer(quantizer, dimensions, LISTS, kind, faiss.METRIC_INNER_PRODUCT, False)
    index.cp.niter = 10
    index.train(items.rows[np.sort(rng.permutation(films)[:TRAINED])].astype(np.float32))
    for start in range(0, films, CHUNK):
        index.add(items.rows[start : start + CHUNK].astype(np.float32))
    faiss.write_index(index, str(path))


class Lists:
    """An index, of which so many of its lists are searched."""

    def __init__(self, index: Any, searched: int) -> None:
        self._index, self._searched = index, searched

    def candidates(self, person: NDArray[np.float32], allowed: NDArray[np.bool_] | None, n: int) -> NDArray[np.integer]:
        given: dict[str, Any] = {"nprobe": self._searched}
        if allowed is not None:
            given["sel"] = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        found = self._index.search(person[None], n, params=faiss.SearchParametersIVF(**given))[1][0]
        kept: NDArray[np.integer] = found[found >= 0]
        return kept


def engines(path: Path) -> Mapping[str, Engine]:
    index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
    return {f"{searched} of {LISTS} lists": Lists(index, searched) for searched in SEARCHED}


if __name__ == "__main__":
    if "build" not in sys.argv:
        faiss.omp_set_num_threads(1)
    measure(build, engines)
