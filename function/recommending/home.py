"""The home: one film large, and shelves, all from one scoring of the catalogue. Knows no HTTP.

The personal shelves (top, because, genre, hidden_gems) never show a film twice, nor the hero again. Popular and average
are lists in their own right, so a film may be in them as well. Nothing that the person has rated, or wants no more of,
is anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from function.recommending.ranking import top
from function.recommending.recommender import History, Recommender, Scores
from function.recommending.taste import genre_lift, liked

Kind = Literal["top", "because", "genre", "hidden_gems", "popular", "average"]

LEAST: Final = 4  # a shorter shelf is not worth its heading
BECAUSE: Final = 3  # shelves of that kind, at most
GENRES: Final = 3


@dataclass(frozen=True)
class Shelf:
    """A row of the home. `film` is what a because shelf starts from, `genre` what a genre shelf is of."""

    kind: Kind
    films: tuple[int, ...]
    film: int | None = None
    genre: int | None = None


@dataclass(frozen=True)
class Home:
    """Film codes in the order to show them. `hero` is None only where no film is left."""

    hero: int | None
    shelves: tuple[Shelf, ...]


def compose(
    recommender: Recommender, scores: Scores, history: History, *, hidden: Sequence[int] = (), n: int = 20
) -> Home:
    """The home of somebody with that `history`, the latest last; `hidden` films are nowhere. A shelf has up to n."""
    allowed = ~scores.seen
    allowed[list(hidden)] = False
    hero = next(iter(top(scores.relevance, np.flatnonzero(allowed), 0, 1).tolist()), None)
    free = allowed.copy()  # neither on the screen already
    if hero is not None:
        free[hero] = False
    shelves: list[Shelf] = []

    def add(
        kind: Kind,
        keys: NDArray[np.floating],
        among: NDArray[np.bool_],
        *,
        film: int | None = None,
        genre: int | None = None,
    ) -> None:
        films = top(keys, np.flatnonzero(among), 0, n).tolist()
        if len(films) >= LEAST:
            shelves.append(Shelf(kind, tuple(films), film, genre))
            free[films] = False

    # Likely to be watched, and to be liked: the heads have scales of their own, places among all films do not.
    worth = (_places(scores.relevance) + _places(scores.stars)) / 2
    add("top", scores.relevance, free)
    because, favourites = _because(recommender, history, set(hidden)), _favourites(recommender, history)
    for film, genre in zip_longest(because, favourites):
        if film is not None:
            similarity = recommender.bundle.film_tables.vectors @ recommender.bundle.film_tables.vectors[film]
            add("because", similarity * worth**2, free & (similarity > 0), film=film)
        if genre is not None:
            add("genre", scores.relevance, free & recommender.genres[:, genre], genre=genre)
    add("hidden_gems", worth, free & recommender.long_tail)
    rated = allowed & (recommender.counts > 0)
    add("popular", recommender.counts, rated)
    add("average", recommender.damped_averages, rated)
    return Home(hero, tuple(shelves))


def _because(recommender: Recommender, history: History, hidden: set[int]) -> list[int]:
    """Films that the person liked, lately and unlike each other: each next one is far from those before."""
    films, ratings = history
    scale = recommender.bundle.manifest.model.scale
    liking = (ratings - scale.min) / (scale.max - scale.min)
    # Above the middle of the scale as well: the mean of somebody who likes nothing says nothing.
    good = liked(ratings) & (liking > 0.5) & ~np.isin(films, list(hidden))
    recent = (np.arange(len(films)) + 1) / max(len(films), 1)
    worth, candidates = (liking + 0.5 * recent)[good], films[good]
    vectors = recommender.bundle.film_tables.vectors[candidates]
    chosen: list[int] = []
    nearest = np.zeros(len(candidates), np.float32)
    for _ in range(min(BECAUSE, len(candidates))):
        best = int(np.argmax(worth - nearest))
        chosen.append(int(candidates[best]))
        worth[best] = -np.inf
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return chosen


def _favourites(recommender: Recommender, history: History) -> list[int]:
    """Genres that take a larger share of what the person liked than of what everybody rated."""
    films, ratings = history
    likes = recommender.genres[films[liked(ratings)]].sum(0) + 0.0
    lift = genre_lift(likes, recommender.genre_shares)
    order = np.argsort(-lift, kind="stable")
    return [int(genre) for genre in order if likes[genre] > 0 and lift[genre] > 1][:GENRES]


def _places(keys: NDArray[np.floating]) -> NDArray[np.float64]:
    """Each film's place among all by `keys` [M], from 0, the lowest, to 1."""
    places = np.empty(len(keys))
    places[np.argsort(keys, kind="stable")] = np.arange(len(keys)) / max(len(keys) - 1, 1)
    return places
