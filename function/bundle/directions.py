"""Film vectors, mapped from films.npz in the precision that they are stored in.

With a million films they are a gigabyte of 32-bit numbers, of which a list reads a few rows, and a shelf of similar
films all, a part at a time.
"""

import struct
import zipfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

SMALL: Final = 1 << 24  # numbers; so many are read at once, since products of ready rows are faster
PART: Final = 1 << 12  # rows that are converted at once: they stay in the processor's caches
_NAMES: Final = struct.Struct("<26xHH")  # of a local file header (APPNOTE.TXT, 4.3.7): lengths of name and extra field

Films = Sequence[int] | slice | int | NDArray[np.integer]


class Directions:
    """Rows of length 1, 32-bit, [M, K], of rows of any length and precision."""

    def __init__(self, stored: NDArray[Any]) -> None:
        self._ready = stored.size <= SMALL
        self._stored = _unit(stored) if self._ready else stored

    @property
    def shape(self) -> tuple[int, int]:
        """(M, K)."""
        return cast(tuple[int, int], self._stored.shape)

    def __len__(self) -> int:
        return len(self._stored)

    def __getitem__(self, films: Films) -> NDArray[np.float32]:
        """The rows [n, K] of some films, or the row [K] of one."""
        return self._stored[films] if self._ready else _unit(self._stored[films])

    def __matmul__(self, vector: NDArray[np.floating]) -> NDArray[np.float32]:
        """The products [M] of all rows and a vector [K]."""
        if self._ready:
            return cast(NDArray[np.float32], self._stored @ vector)
        wanted = vector.astype(np.float32)
        products = np.concatenate([part @ wanted for part in self._parts()])
        return cast(NDArray[np.float32], products / self._lengths)

    @cached_property
    def _lengths(self) -> NDArray[np.float32]:
        return np.concatenate([_lengths(part)[:, 0] for part in self._parts()])

    def _parts(self) -> Iterator[NDArray[np.float32]]:
        for start in range(0, len(self), PART):
            yield self._stored[start : start + PART].astype(np.float32)


def mapped_member(path: Path, name: str) -> NDArray[Any]:
    """An array of an .npz file, mapped. Raises ValueError if it is compressed, KeyError if there is none."""
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        member = archive.getinfo(f"{name}.npy")
        if member.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{name} is compressed")
        file.seek(member.header_offset)
        file.seek(sum(_NAMES.unpack(file.read(_NAMES.size))), 1)
        np.lib.format.read_magic(file)
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        return np.memmap(path, dtype, "r", file.tell(), shape, "F" if fortran else "C")


def _unit(rows: NDArray[Any]) -> NDArray[np.float32]:
    wide = rows.astype(np.float32)
    unit: NDArray[np.float32] = wide / _lengths(wide)
    return unit


def _lengths(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths: NDArray[np.float32] = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.maximum(lengths, np.float32(1e-9))
