"""The films of a bundle: `catalog.jsonl` for people to read, `facts.npz` for requests to filter and sort by.

Each film is a line of JSON, which is read when somebody is shown the film: to read eighty thousand lines takes longer
than all else of a start, and an answer shows twenty.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

NEWLINE: Final = 10
PART: Final = 1 << 22  # bytes that are searched at once


class Film(NamedTuple):
    """One film. `average` is None while nobody has rated it; `year` is None where unknown."""

    id: str
    title: str
    year: int | None
    genres: tuple[str, ...]
    average: float | None
    count: int  # type: ignore[assignment]  # nobody counts the members of a film
    tmdb_id: int | None = None
    imdb_id: str | None = None
    poster: str | None = None  # a path on TMDB's image host, such as /abc.jpg


class Lines(Sequence[bytes]):
    """The lines of a mapped file. To make an object of each of a million takes longer than all else of a start."""

    def __init__(self, content: NDArray[np.uint8]) -> None:
        self._content = content
        parts = range(0, len(content), PART)
        ends = np.concatenate([np.flatnonzero(content[start : start + PART] == NEWLINE) + start for start in parts])
        self._starts = np.concatenate(([0], ends + 1))
        self._ends = np.concatenate((ends, [len(content)]))

    @classmethod
    def of(cls, path: Path) -> "Lines":
        """Raises ValueError if the file is empty."""
        return cls(np.memmap(path, np.uint8, "r"))

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(index, slice):
            return [self[line] for line in range(*index.indices(len(self)))]
        return self._content[self._starts[index] : self._ends[index]].tobytes()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._content.tobytes().split(b"\n"))


class Films(Sequence[Film]):
    """Films in the order of their indices, each made when it is asked for."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        """A line of `catalog.jsonl` has the members of a Film, in their order, as a JSON array."""
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Film: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Film]: ...
    def __getitem__(self, index: int | slice) -> Film | Sequence[Film]:
        # Unchecked: the file's hash was checked.
        return Films(self._lines[index]) if isinstance(index, slice) else _film(*json.loads(self._lines[index]))

    def __iter__(self) -> Iterator[Film]:
        return (_film(*members) for members in json.loads(b"[" + b",".join(self._lines) + b"]"))


def _film(film_id: str, title: str, year: int | None, genres: Sequence[str], *rest: float | str | None) -> Film:
    return Film(film_id, title, year, tuple(genres), *rest)  # type: ignore[arg-type]


@dataclass(frozen=True)
class FilmFacts:
    """Figures of M films, in the order of their indices, with G genres."""

    years: NDArray[np.int32]  # [M], 0 where unknown
    counts: NDArray[np.int64]  # [M] ratings
    averages: NDArray[np.float64]  # [M] mean stars, 0 without ratings
    genres: NDArray[np.bool_]  # [M, G]


def facts_of(films: Sequence[Film], genres: Sequence[str]) -> FilmFacts:
    """The figures of `films`, whose genres are among `genres`."""
    index = {name: position for position, name in enumerate(genres)}
    hot = np.zeros((len(films), len(genres)), np.bool_)
    for row, film in enumerate(films):
        hot[row, [index[name] for name in film.genres]] = True
    return FilmFacts(
        np.array([film.year or 0 for film in films], np.int32),
        np.array([film.count for film in films], np.int64),
        np.array([film.average or 0.0 for film in films], np.float64),
        hot,
    )
