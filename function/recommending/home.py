"""The home: a hero film and shelves, from one scoring of the catalogue. No HTTP here.

A film appears at most once among the hero and the personal shelves (top, because, genre, hidden_gems). Popular and
average are independent lists and may repeat it. Films that the person has rated or hidden appear nowhere. Hero and top
are films that the person should like: predicted above the mean of what they rated. On the because and genre shelves,
films below it come last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from function.recommending.ranking import top
from function.recommending.ratings import History
from function.recommending.recommender import Recommender, Scores
from function.recommending.taste import genre_lift, liked

Kind = Literal["top", "because", "genre", "hidden_gems", "popular", "average"]

MIN_SHELF: Final = 4  # films; shorter shelves are left out
MAX_BECAUSE: Final = 3  # shelves
MAX_GENRES: Final = 3
GOOD: Final = (
    0.1  # share of the catalog, the best predicted, that counts as above the mean even of who likes everything
)


@dataclass(frozen=True)
class Shelf:
    """A row of the home. `film` is the start of a because shelf, `genre` the genre of a genre shelf."""

    kind: Kind
    films: tuple[int, ...]
    film: int | None = None
    genre: int | None = None


@dataclass(frozen=True)
class Home:
    """Film indices in display order. `hero` is None only if no film is left."""

    hero: int | None
    shelves: tuple[Shelf, ...]


def compose(
    recommender: Recommender, scores: Scores, history: History, *, hidden: Sequence[int] = (), n: int = 20
) -> Home:
    """The home of a person with this `history`. A shelf has up to n films; `hidden` films appear nowhere."""
    allowed = ~scores.seen
    allowed[list(hidden)] = False
    good = above_own_mean(scores.stars, history[1], allowed)
    relevance = recommender.relevance(scores, allowed & good)
    hero = next(iter(_best(relevance, allowed, good, 1)), None)
    free = allowed.copy()  # not shown yet
    if hero is not None:
        free[hero] = False
    shelves: list[Shelf] = []

    def add(kind: Kind, films: list[int], *, film: int | None = None, genre: int | None = None) -> None:
        if len(films) >= MIN_SHELF:
            shelves.append(Shelf(kind, tuple(films), film, genre))
            free[films] = False

    add("top", _first(relevance, free & good, n))
    because, favourites = _because(recommender, history, set(hidden)), _favourites(recommender, history)
    for film, genre in zip_longest(because, favourites):
        if film is not None:
            similarity = recommender.similarity_to(film)
            add("because", _best(similarity * scores.standing**2, free & (similarity > 0), good, n), film=film)
        if genre is not None:
            of_genre = free & recommender.genres[:, genre]
            relevance = recommender.relevance(scores, of_genre & good)
            add("genre", _best(relevance, of_genre, good, n), genre=genre)
    add("hidden_gems", _first(scores.standing, free & recommender.long_tail, n))
    add("popular", _allowed(recommender.by_popularity, allowed, n))
    add("average", _allowed(recommender.by_average, allowed, n))
    return Home(hero, tuple(shelves))


def above_own_mean(
    stars: NDArray[np.floating], ratings: NDArray[np.floating], allowed: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which films [M] are predicted above the mean of a person's `ratings` [n]: all, if there are none.

    The best predicted GOOD of the `allowed` films always are, or a person who gives everything the highest rating would
    have no such film.
    """
    if not len(ratings) or not allowed.any():
        return np.ones(len(stars), np.bool_)
    least = float(ratings.mean())
    among = stars[allowed]
    if int((among >= least).sum()) <= GOOD * len(among) + 1:  # else the quantile is no lower, and it takes longer
        least = min(least, float(np.quantile(among, 1 - GOOD)))
    good: NDArray[np.bool_] = stars >= least
    return good


def _first(keys: NDArray[np.floating], among: NDArray[np.bool_], n: int) -> list[int]:
    """The first n of the films `among` [M], by descending `keys` [M]."""
    films: list[int] = top(keys, among.nonzero()[0], 0, n).tolist()
    return films


def _best(keys: NDArray[np.floating], among: NDArray[np.bool_], good: NDArray[np.bool_], n: int) -> list[int]:
    """As `_first`, with the `good` films [M] before all others."""
    films = _first(keys, among & good, n)
    return films if len(films) == n else films + _first(keys, among & ~good, n - len(films))


def _allowed(order: NDArray[np.integer], allowed: NDArray[np.bool_], n: int) -> list[int]:
    """The first n films of an `order` that are allowed."""
    films: list[int] = order[allowed[order]][:n].tolist()
    return films


def _because(recommender: Recommender, history: History, hidden: set[int]) -> list[int]:
    """Recent films that the person liked, each unlike those before it."""
    films, ratings = history
    scale = recommender.bundle.manifest.model.scale
    liking = (ratings - scale.min) / (scale.max - scale.min)
    # Above the middle of the scale as well, or a person who likes nothing would like half of it.
    good = liked(ratings) & (liking > 0.5)
    if hidden:
        good &= ~np.isin(films, list(hidden))
    recent = (np.arange(len(films)) + 1) / max(len(films), 1)
    score, candidates = (liking + 0.5 * recent)[good], films[good]
    vectors = recommender.bundle.film_tables.vectors[candidates]
    chosen: list[int] = []
    nearest = np.zeros(len(candidates), np.float32)
    for _ in range(min(MAX_BECAUSE, len(candidates))):
        best = int(np.argmax(score - nearest))
        chosen.append(int(candidates[best]))
        score[best] = -np.inf
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return chosen


def _favourites(recommender: Recommender, history: History) -> list[int]:
    """Genres with a larger share of what the person liked than of what everybody rated."""
    films, ratings = history
    likes = recommender.genres[films[liked(ratings)]].sum(0) + 0.0
    lift = genre_lift(likes, recommender.genre_shares)
    order = np.argsort(-lift, kind="stable")
    return [int(genre) for genre in order if likes[genre] > 0 and lift[genre] > 1][:MAX_GENRES]
