"""Behavioural tests of the model: not how accurate it is, but how it reacts to likes and dislikes.

In the manner of RecList (Chia et al., WWW 2022), with simulated visitors: one gives the five best-known films of a
genre the lowest rating, another the highest, a third rates everything in the middle. They run against anything that
returns stars and relevance for a history: a fitted model, or the model of a bundle.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import RatingScale
from function.recommending.ranking import top

Indices = NDArray[np.int32]
Answer = Callable[[Indices, NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Stars [M] and relevance [M] for a history: film indices [n] and ratings [n], the latest last."""

RATED: Final = 5  # films of a genre that a visitor rates
KNOWN: Final = 50  # minimum ratings of these films
LIST: Final = 20
NEAREST: Final = 10
VISITORS: Final = 40
RAISED: Final = 60  # number of raised ratings


@dataclass(frozen=True)
class Films:
    """Facts about the M films that the tests need."""

    counts: NDArray[np.integer]  # [M] ratings
    genres: NDArray[np.bool_]  # [M, G]
    names: Sequence[str]  # of the genres
    vectors: NDArray[np.float32]  # [M, K] rows of length 1, for similarity


@dataclass(frozen=True)
class Genre:
    """A genre's share of the top twenty for three visitors, and how their lists differ."""

    name: str
    lowest: float  # after its five best-known films got the lowest rating
    nothing: float  # without ratings
    highest: float
    common: float  # share of films that are on both lists, after the lowest and the highest ratings
    poor: float  # after the lowest: share of films predicted below half of the highest rating

    @property
    def as_expected(self) -> bool:
        return self.lowest < self.highest and self.lowest <= self.nothing <= self.highest


@dataclass(frozen=True)
class Behaviour:
    """All results. Shares are from 0 to 1."""

    genres: tuple[Genre, ...]
    raised: float  # share of raised ratings after which the mean rank of the ten nearest films is no worse
    alike: float  # mean overlap of the top ten of two random visitors with five ratings each
    moved: float  # share of the top ten without ratings that one liked film replaces
    middle: float  # mean popularity of the list for middle ratings, relative to that of the most popular films

    @property
    def expected(self) -> int:
        """Number of genres with the expected order of shares."""
        return sum(genre.as_expected for genre in self.genres)

    @property
    def common(self) -> float:
        return float(np.mean([genre.common for genre in self.genres]))

    @property
    def poor(self) -> float:
        return float(np.mean([genre.poor for genre in self.genres]))


def behaviour(answer: Answer, films: Films, scale: RatingScale, seed: int = 0) -> Behaviour | None:
    """Run all tests against `answer`; None if no genre has five films with fifty ratings."""
    chosen = best_known(films)
    if not chosen:
        return None
    rng = np.random.default_rng(seed)
    known = np.argsort(-films.counts, kind="stable")[: max(200, 2 * LIST)].astype(np.int32)
    return Behaviour(
        tuple(_genre(answer, films, scale, genre, rated) for genre, rated in chosen.items()),
        _raised(answer, films, scale, known, rng),
        _alike(answer, scale, known, rng),
        _moved(answer, scale, known, rng),
        _middle(answer, films, scale, known),
    )


def best_known(films: Films) -> dict[int, Indices]:
    """The five best-known films of each genre that has at least five films with fifty ratings."""
    found = {}
    for genre in range(films.genres.shape[1]):
        indices = np.flatnonzero(films.genres[:, genre] & (films.counts >= KNOWN))
        if len(indices) >= RATED:
            found[genre] = indices[np.argsort(-films.counts[indices], kind="stable")[:RATED]].astype(np.int32)
    return found


def first(
    answer: Answer, history: Indices, ratings: NDArray[np.float32], n: int, hidden: Indices
) -> NDArray[np.integer]:
    """The top n films for a history, without those in `hidden`."""
    relevance = answer(history, ratings)[1]
    return top(relevance, np.setdiff1d(np.arange(len(relevance)), hidden), 0, n)


def _genre(answer: Answer, films: Films, scale: RatingScale, genre: int, rated: Indices) -> Genre:
    nothing = rated[:0]
    low, high = (np.full(len(rated), stars, np.float32) for stars in (scale.min, scale.max))
    disliked, liked = (first(answer, rated, ratings, LIST, rated) for ratings in (low, high))
    plain = first(answer, nothing, nothing.astype(np.float32), LIST, rated)
    share = films.genres[:, genre]
    return Genre(
        films.names[genre],
        float(share[disliked].mean()),
        float(share[plain].mean()),
        float(share[liked].mean()),
        len(np.intersect1d(disliked, liked)) / LIST,
        float((answer(rated, low)[0][disliked] < scale.max / 2).mean()),
    )


def _raised(answer: Answer, films: Films, scale: RatingScale, known: Indices, rng: np.random.Generator) -> float:
    """Raise a rating from the lowest to the highest and compare the mean rank of the film's ten nearest films."""
    kept = []
    for _ in range(RAISED):
        history = rng.choice(known, RATED, replace=False)
        ratings = rng.choice(np.linspace(scale.min, scale.max, 5), RATED).astype(np.float32)
        nearest = np.argsort(-(films.vectors @ films.vectors[history[0]]), kind="stable")[1 : NEAREST + 1]
        ranks = []
        for stars in (scale.min, scale.max):
            ratings[0] = stars
            relevance = answer(history, ratings)[1]
            ranks.append((relevance[None] > relevance[nearest, None]).sum(1).mean())
        kept.append(ranks[1] <= ranks[0])
    return float(np.mean(kept))


def _alike(answer: Answer, scale: RatingScale, known: Indices, rng: np.random.Generator) -> float:
    lists = []
    for _ in range(VISITORS):
        history = rng.choice(known, RATED, replace=False)
        ratings = rng.choice(np.linspace(scale.min, scale.max, 5), RATED).astype(np.float32)
        lists.append(set(first(answer, history, ratings, NEAREST, history).tolist()))
    return float(np.mean([len(one & other) / NEAREST for one, other in zip(lists[::2], lists[1::2], strict=True)]))


def _moved(answer: Answer, scale: RatingScale, known: Indices, rng: np.random.Generator) -> float:
    replaced = []
    nothing = known[:0]
    for film in rng.choice(known, VISITORS, replace=False):
        history = np.array([film], np.int32)
        before = first(answer, nothing, nothing.astype(np.float32), NEAREST, history)
        after = first(answer, history, np.full(1, scale.max, np.float32), NEAREST, history)
        replaced.append(1 - len(np.intersect1d(before, after)) / NEAREST)
    return float(np.mean(replaced))


def _middle(answer: Answer, films: Films, scale: RatingScale, known: Indices) -> float:
    history = known[:LIST]
    shown = first(answer, history, np.full(LIST, (scale.min + scale.max) / 2, np.float32), LIST, history)
    return float(films.counts[shown].mean() / films.counts[known[LIST : 2 * LIST]].mean())
