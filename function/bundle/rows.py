"""`rows.npy`: what relevance is a product of, a row of 16-bit numbers for each film; bundles of 8-bit numbers have it.

8 bits place a film within the first hundred, but not within the first twenty. So the first films of a list are scored
again by their rows. The file is mapped, and a list reads a few hundred rows of it, whatever its size.
"""

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import FIX, ROWS, Bundle, BundleError, read_as

HEAD: Final = 200  # films of a list that are scored again


class Rows:
    """The rows of M films, for user vectors of D dimensions."""

    def __init__(self, table: NDArray[np.void]) -> None:
        """`table` [M] has the fields of `_record`."""
        self._table = table

    def relevance(self, vector: NDArray[np.float32], films: NDArray[np.integer]) -> NDArray[np.float32]:
        """The relevance [n] of `films` [n] for a user vector [D]."""
        rows = self._table[films]
        scores: NDArray[np.float32] = rows["row"].astype(np.float32) @ vector + rows["bias"]
        return scores


def rows_of(bundle: Bundle) -> Rows | None:
    """The rows of a bundle; None if it has none. Raises BundleError if they are not the manifest's."""
    if ROWS not in bundle.manifest.files:
        return None
    path, facts = bundle.folder / ROWS, bundle.manifest.model
    table = read_as(path, lambda path: np.load(path, mmap_mode="r", allow_pickle=False))
    if table.shape != (facts.films,) or table.dtype != _record(facts.dimensions):
        raise BundleError(f"{path}: {table.shape} of {table.dtype}; the manifest says ({facts.films},). {FIX}")
    return Rows(table)


def rows_bytes(rows: NDArray[np.float32], bias: NDArray[np.float32]) -> bytes:
    """The content of rows.npy: relevance is the product of `rows` [M, D] and a user vector [D], and `bias` [M]."""
    table = np.empty(len(rows), _record(rows.shape[1]))
    table["bias"], table["row"] = bias, rows
    buffer = io.BytesIO()
    np.save(buffer, table, allow_pickle=False)
    return buffer.getvalue()


def _record(dimensions: int) -> np.dtype[np.void]:
    return np.dtype([("bias", "<f4"), ("row", "<f2", (dimensions,))])
