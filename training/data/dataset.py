"""Ratings and films in memory, the result of every reader: interactions (who rated what) and a catalog (the films)."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import RatingScale


@dataclass(frozen=True)
class Catalog:
    """M films in parallel columns; a film's position is its index."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    years: NDArray[np.int32]  # [M], 0 = unknown
    genres: tuple[tuple[str, ...], ...]
    tmdb_ids: NDArray[np.int64]  # [M], 0 = unknown
    imdb_ids: tuple[str, ...]  # "" = unknown

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def genre_names(self) -> tuple[str, ...]:
        """Every genre of the catalog, sorted; a genre's position is its index."""
        return tuple(sorted({genre for genres in self.genres for genre in genres}))

    def multi_hot(self) -> NDArray[np.float32]:
        """Genres as zeros and ones, [M, G]."""
        indices = {name: index for index, name in enumerate(self.genre_names)}
        hot = np.zeros((len(self), len(indices)), np.float32)
        for film, genres in enumerate(self.genres):
            hot[film, [indices[genre] for genre in genres]] = 1
        return hot


@dataclass(frozen=True)
class Interactions:
    """R ratings in parallel columns of indices."""

    users: NDArray[np.int32]  # [R]
    films: NDArray[np.int32]  # [R]
    ratings: NDArray[np.float32]  # [R] stars
    timestamps: NDArray[np.int64] | None = None  # [R] seconds since 1970; None = unknown

    def __len__(self) -> int:
        return len(self.users)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "Interactions":
        """The ratings at `rows`, which are positions or a mask."""
        timestamps = None if self.timestamps is None else self.timestamps[rows]
        return Interactions(self.users[rows], self.films[rows], self.ratings[rows], timestamps)


@dataclass(frozen=True)
class Dataset:
    """Interactions, the catalog they are about, and the scale of their stars."""

    name: str
    interactions: Interactions
    catalog: Catalog
    user_ids: tuple[str, ...]  # a user's position is their index
    scale: RatingScale
    terms: str  # terms of use, in one line
    user_facts: dict[str, dict[str, str]] = field(default_factory=dict)  # by user id: gender, age, where known
    public: bool = False  # anybody can get these ratings, so a few users may be shown as samples

    @property
    def n_users(self) -> int:
        """U."""
        return len(self.user_ids)

    @property
    def n_films(self) -> int:
        """M, films without ratings included."""
        return len(self.catalog)

    @cached_property
    def sha256(self) -> str:
        """Hash of the content: the same ratings and films give the same hash, whatever they were read from."""
        digest = hashlib.sha256()
        catalog, rows = self.catalog, self.interactions
        for texts in (self.user_ids, catalog.ids, catalog.titles, catalog.imdb_ids, map("|".join, catalog.genres)):
            digest.update("\x1f".join(texts).encode() + b"\x1e")
        for column in (catalog.years, catalog.tmdb_ids, rows.users, rows.films, rows.ratings, rows.timestamps):
            digest.update(b"\x1e" if column is None else np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()
