"""What a process keeps of its latest requests."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MEMORY: Final = 16 << 20  # bytes, of one kind of values


class Kept(Generic[K, V]):
    """The values of the latest keys: at most `most`, and fewer if they are larger than MEMORY together."""

    def __init__(self, make: Callable[[K], V], *, most: int, size: int) -> None:
        """`make` is the value of a key, of `size` bytes."""
        self._make = make
        self.most = max(1, min(most, MEMORY // max(size, 1)))
        self._values: dict[K, V] = {}  # the latest last

    def __getitem__(self, key: K) -> V:
        value = self._values.pop(key) if key in self._values else self._make(key)
        self._values[key] = value
        if len(self._values) > self.most:
            del self._values[next(iter(self._values))]
        return value

    def __len__(self) -> int:
        return len(self._values)
