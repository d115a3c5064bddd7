"""Ranking, and nothing else: a user vector and a query in, films in order out. Knows no HTTP.

One request is one TFLite invocation that scores the whole catalogue, a mask, and a partial sort.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from function.bundle import Bundle, Film
from function.interpreter import Model
from function.ranking import top

Match = Literal["any", "all"]
FilmSort = Literal["title", "year", "average", "popularity"]
Sort = Literal["relevance", "stars", "average", "year", "popularity"]

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Filters:
    """Which films may be shown; codes, not names."""

    genres: tuple[int, ...] = ()
    match: Match = "any"
    min_year: int | None = None
    max_year: int | None = None
    exclude: tuple[int, ...] = ()
    text: str = ""  # part of a title


@dataclass(frozen=True)
class Scores:
    """Both heads for one person, and what that person has rated."""

    stars: NDArray[np.float32]  # [M], shown
    relevance: NDArray[np.float32]  # [M], orders
    seen: NDArray[np.bool_]  # [M]


@dataclass(frozen=True)
class Page:
    """Film codes from place `start` of the order on, and how many films the order has in all."""

    films: list[int]
    total: int


@dataclass(frozen=True)
class Profile:
    """A known user who is shown as a sample."""

    code: int
    ratings: int
    favourite_genres: tuple[str, ...]


class Recommender:
    """A bundle and its model, ready to answer. M films, G genres, U known users, D dimensions."""

    def __init__(self, bundle: Bundle, model: Model) -> None:
        self.bundle = bundle
        self.model = model
        self.film_codes: Mapping[str, int] = {film.id: code for code, film in enumerate(bundle.films)}
        self.user_codes: Mapping[str, int] = {user: code for code, user in enumerate(bundle.users)}
        self.genre_codes: Mapping[str, int] = {genre: code for code, genre in enumerate(bundle.genres)}
        self._years = np.array([film.year or 0 for film in bundle.films], np.int32)
        self._genres = np.zeros((len(bundle.films), len(bundle.genres)), np.bool_)  # [M, G]
        pairs = [(code, self.genre_codes[genre]) for code, film in enumerate(bundle.films) for genre in film.genres]
        self._genres[tuple(np.array(pairs, np.intp).reshape(-1, 2).T)] = True

    def film(self, code: int) -> Film:
        return self.bundle.films[code]

    # Scores ---------------------------------------------------------------------------------------------------------

    def scores_of_user(self, user: int) -> Scores:
        """Both heads for a known user, whose vector lies in the bundle."""
        return self._scores(self.bundle.user_vectors[user], self.bundle.histories.of(user)[0])

    def scores_of_visitor(self, films: Codes, ratings: NDArray[np.float32]) -> Scores:
        """Both heads for somebody who gave `ratings` [n] stars to `films` [n]: fold-in, no training. n may be 0."""
        return self._scores(self.model.encode(films, ratings), films)

    def _scores(self, vector: NDArray[np.float32], history: Codes) -> Scores:
        stars, relevance = self.model.score(vector)
        seen = np.zeros(len(stars), np.bool_)
        seen[history] = True
        return Scores(stars, relevance, seen)

    # Orders ---------------------------------------------------------------------------------------------------------

    def recommend(
        self, scores: Scores, filters: Filters, *, sort: Sort, include_seen: bool, start: int, n: int
    ) -> Page:
        """Places start..start + n of the films that pass, highest first, ties by code."""
        passing = self._mask(filters)
        if not include_seen:
            passing &= ~scores.seen
        keys = {"relevance": scores.relevance, "stars": scores.stars}.get(sort)
        return self._page(self._facts(sort) if keys is None else keys, passing, start, n)

    def browse(self, filters: Filters, *, sort: FilmSort, start: int, n: int) -> Page:
        """Films that pass, for nobody in particular."""
        return self._page(self._facts(sort), self._mask(filters), start, n)

    def similar(self, film: int, n: int) -> list[tuple[int, float]]:
        """The n films nearest to `film` with their cosine similarity, nearest first; never the film itself."""
        similarity = self.bundle.film_vectors @ self.bundle.film_vectors[film]  # rows have length 1
        others = np.delete(np.arange(len(similarity)), film)
        return [(int(code), float(similarity[code])) for code in top(similarity, others, 0, n)]

    def _page(self, keys: NDArray[np.floating], passing: NDArray[np.bool_], start: int, n: int) -> Page:
        candidates = np.flatnonzero(passing)
        return Page(top(keys, candidates, start, start + n).tolist(), len(candidates))

    def _mask(self, filters: Filters) -> NDArray[np.bool_]:
        passing = np.ones(len(self._years), np.bool_)
        if filters.genres:
            chosen = self._genres[:, list(filters.genres)]
            passing &= chosen.all(1) if filters.match == "all" else chosen.any(1)
        if filters.min_year is not None:
            passing &= self._years >= filters.min_year
        if filters.max_year is not None:  # a film of unknown year is in no range of years
            passing &= (self._years <= filters.max_year) & (self._years > 0)
        if filters.text:
            wanted = fold(filters.text)
            passing &= np.fromiter((wanted in title for title in self._titles), np.bool_, len(self._titles))
        passing[list(filters.exclude)] = False
        return passing

    def _facts(self, sort: str) -> NDArray[np.floating]:
        """Sort keys [M] that do not depend on the person; what is unknown comes last."""
        films = self.bundle.films
        if sort == "year":
            return self._years.astype(np.float64)
        if sort == "average":
            return np.array([-1.0 if film.average is None else film.average for film in films])
        if sort == "popularity":
            return np.array([film.count for film in films], np.float64)
        places = np.empty(len(films))
        places[sorted(range(len(films)), key=lambda code: self._titles[code])] = -np.arange(len(films))
        return places

    @cached_property
    def _titles(self) -> list[str]:
        return [fold(film.title) for film in self.bundle.films]

    # Facts ----------------------------------------------------------------------------------------------------------

    @cached_property
    def genre_sizes(self) -> dict[str, int]:
        """How many films each genre has."""
        return dict(zip(self.bundle.genres, self._genres.sum(0).tolist(), strict=True))

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """At most 12 known users whose tastes differ, the same ones at every start of a release."""
        return tuple(choose_profiles(self.bundle, self._genres))


def fold(text: str) -> str:
    """Text as it is searched: without case and accents."""
    if text.isascii():  # most titles, and ten times as fast
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def choose_profiles(bundle: Bundle, genres: NDArray[np.bool_], limit: int = 12, pool: int = 300) -> Iterable[Profile]:
    """Users whose favourite genre nobody chosen before them has, then others, from `pool` users spread over all.

    A favourite genre is one that takes a larger share of a user's liked films (rated at or above the user's mean) than
    of everybody's: lift, not count, or every profile would be a drama fan.
    """
    spread = np.unique(np.linspace(0, len(bundle.users) - 1, min(pool, len(bundle.users))).astype(int))
    shares, sizes = [], []
    for user in spread:
        films, ratings = bundle.histories.of(user)
        liked = genres[films[ratings >= ratings.mean()]] if len(films) else genres[:0]
        shares.append(liked.sum(0) + 0.0)
        sizes.append(len(films))
    likes = np.array(shares)  # [P, G]
    prior = likes.sum(0) / max(likes.sum(), 1)
    # Damped, so that one western among three films does not make a fan of westerns.
    lift = (likes + 10 * prior) / (likes.sum(1, keepdims=True) + 10) / np.maximum(prior, 1e-9)
    favourites = np.argsort(-lift, axis=1, kind="stable")[:, :3]
    # Histories of a usual length first: neither a newcomer nor somebody who has seen everything.
    usual = np.argsort(np.abs(np.log1p(sizes) - np.log1p(80)), kind="stable")
    chosen: list[int] = []
    for repeats in range(limit):
        taken = [favourites[row, 0] for row in chosen]
        for row in usual:
            if len(chosen) < limit and row not in chosen and taken.count(favourites[row, 0]) <= repeats:
                chosen.append(row)
                taken.append(favourites[row, 0])
    for row in chosen:
        names = tuple(bundle.genres[genre] for genre in favourites[row] if likes[row, genre] > 0)
        yield Profile(int(spread[row]), sizes[row], names)
