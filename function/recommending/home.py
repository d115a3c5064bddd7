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
    hero = next(iter(top(_last(scores.relevance, ~good), np.flatnonzero(allowed), 0, 1).tolist()), None)
    free = allowed.copy()  # not shown yet
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
        if len(films) >= MIN_SHELF:
            shelves.append(Shelf(kind, tuple(films), film, genre))
            free[films] = False

    # Likely to be watched and to be liked. The heads have different scales, so their ranks are averaged.
    score = (_ranks(scores.relevance) + _ranks(scores.stars)) / 2
    add("top", scores.relevance, free & good)
    because, favourites = _because(recommender, history, set(hidden)), _favourites(recommender, history)
    for film, genre in zip_longest(because, favourites):
        if film is not None:
            similarity = recommender.bundle.film_tables.vectors @ recommender.bundle.film_tables.vectors[film]
            add("because", _last(similarity * score**2, ~good), free & (similarity > 0), film=film)
        if genre is not None:
            add("genre", _last(scores.relevance, ~good), free & recommender.genres[:, genre], genre=genre)
    add("hidden_gems", score, free & recommender.long_tail)
    rated = allowed & (recommender.counts > 0)
    add("popular", recommender.counts, rated)
    add("average", recommender.damped_averages, rated)
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
    least = min(float(ratings.mean()), float(np.quantile(stars[allowed], 1 - GOOD)))
    good: NDArray[np.bool_] = stars >= least
    return good


def _last(keys: NDArray[np.floating], last: NDArray[np.bool_]) -> NDArray[np.floating]:
    """Sort keys [M] with the films of `last` after all others."""
    moved: NDArray[np.floating] = np.where(last, keys - (keys.max() - keys.min()) - 1, keys)
    return moved


def _because(recommender: Recommender, history: History, hidden: set[int]) -> list[int]:
    """Recent films that the person liked, each unlike those before it."""
    films, ratings = history
    scale = recommender.bundle.manifest.model.scale
    liking = (ratings - scale.min) / (scale.max - scale.min)
    # Above the middle of the scale as well, or a person who likes nothing would like half of it.
    good = liked(ratings) & (liking > 0.5) & ~np.isin(films, list(hidden))
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


def _ranks(keys: NDArray[np.floating]) -> NDArray[np.float64]:
    """The rank of each film by `keys` [M], scaled from 0, the lowest, to 1."""
    ranks = np.empty(len(keys))
    ranks[np.argsort(keys, kind="stable")] = np.arange(len(keys)) / max(len(keys) - 1, 1)
    return ranks
