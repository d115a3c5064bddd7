"""The recommender: a user vector and a query in, ranked films out. No HTTP here.

A request is one TFLite invocation that scores the whole catalogue, a mask, and a partial sort.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from function.bundle.films import Film
from function.bundle.format import Bundle
from function.bundle.interpreter import Model
from function.bundle.people import People, Person, mapped_people, samples_of
from function.bundle.rows import HEAD, rows_of
from function.recommending.kept import Kept
from function.recommending.popularity import damped_averages, long_tail
from function.recommending.ranking import diversify, personalise, ranks, top
from function.recommending.starters import choose_starters
from function.recommending.taste import favourite_genres, liked

Match = Literal["any", "all"]
FilmSort = Literal["title", "year", "average", "popularity"]
Sort = Literal["relevance", "stars", "average", "year", "popularity"]

# Scores of known users that are kept: the sample profiles are 12, and are asked for all day. And of visitors: a page
# asks for a home and lists of one visitor in turn, until they rate another film.
KEPT_PEOPLE: Final = 16
# Known users that are kept, with their vectors and ratings; also ids that nobody has.
KEPT_RECORDS: Final = 64
# Similarities to films that are kept: somebody who rates one film after another has the same because shelves.
KEPT_FILMS: Final = 256
DIVERSIFIED: Final = 200  # films at the head of a ranking that `diversity` re-ranks

Indices = NDArray[np.int32]


@dataclass(frozen=True)
class Filters:
    """Which films may be shown; genres and films by index."""

    genres: tuple[int, ...] = ()
    match: Match = "any"
    exclude_genres: tuple[int, ...] = ()  # a film must have none of them
    min_year: int | None = None
    max_year: int | None = None
    min_ratings: int = 0
    only: tuple[int, ...] | None = None  # films; None: all
    exclude: tuple[int, ...] = ()
    text: str = ""  # part of a title


@dataclass(frozen=True)
class Scores:
    """Both heads for one person, and which films they have rated."""

    stars: NDArray[np.float32]  # [M], shown
    relevance: NDArray[np.float32]  # [M], ranks
    seen: NDArray[np.bool_]  # [M]
    vector: NDArray[np.float32] | None = None  # [D] the person's

    def shown(self, films: Sequence[int]) -> tuple[list[float], list[float], list[bool]]:
        """Stars to three digits, relevance, and whether they were rated, of each of `films`."""
        rows = np.array(films, np.intp)
        stars = self.stars[rows].astype(np.float64).round(3)
        return stars.tolist(), self.relevance[rows].tolist(), self.seen[rows].tolist()

    @cached_property
    def standing(self) -> NDArray[np.float64]:
        """Likely to be watched and to be liked, from 0 to 1 [M]. The heads have different scales: the mean of ranks."""
        standing: NDArray[np.float64] = (ranks(self.relevance) + ranks(self.stars)) / 2
        return standing


@dataclass(frozen=True)
class Page:
    """A part of a ranking: film indices, and the length of the whole."""

    films: list[int]
    total: int


@dataclass(frozen=True)
class Profile:
    """A known user who is shown as a sample."""

    person: Person
    favourite_genres: tuple[str, ...]


class Recommender:
    """A bundle and its model, ready to answer. M films, G genres, D dimensions."""

    def __init__(self, bundle: Bundle, model: Model, people: People | None = None) -> None:
        """`people` are the known users, if they are not beside the bundle."""
        self.bundle = bundle
        self.model = model
        self._known = people or mapped_people(bundle)
        self._rows = rows_of(bundle)
        self.film_index: Mapping[str, int] = {film_id: index for index, film_id in enumerate(bundle.film_ids)}
        self.genre_index: Mapping[str, int] = {genre: index for index, genre in enumerate(bundle.genres)}
        self._people: Kept[str, Person | None] = Kept(self._find_person, most=KEPT_RECORDS, size=1 << 16)
        self._scores: Kept[Person, Scores] = Kept(self._score_person, most=KEPT_PEOPLE, size=17 * len(bundle.films))
        self._visitors: Kept[bytes, Scores] = Kept(self._score_history, most=KEPT_PEOPLE, size=17 * len(bundle.films))
        self._similarity: Kept[int, NDArray[np.float32]] = Kept(
            self._compare_film, most=KEPT_FILMS, size=4 * len(bundle.films)
        )
        self._years = bundle.facts.years
        self.genres = np.asfortranarray(bundle.facts.genres)  # [M, G], by columns, since requests read columns

    def film(self, index: int) -> Film:
        return self.bundle.films[index]

    # Known users -----------------------------------------------------------------------------------------------------

    def person(self, user_id: str) -> Person | None:
        """The known user with this id; kept for the latest KEPT_RECORDS. Raises BundleError if they cannot be read."""
        return self._people[user_id]

    def _find_person(self, user_id: str) -> Person | None:
        return self._samples.get(user_id) or (self._known.find(user_id) if self._known else None)

    @cached_property
    def _samples(self) -> dict[str, Person]:
        return {person.id: person for person in samples_of(self.bundle)}

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """The sample profiles: known users with different tastes."""
        return tuple(Profile(person, self._favourites(person)) for person in self._samples.values())

    def _favourites(self, person: Person) -> tuple[str, ...]:
        likes = self.genres[person.films[liked(person.ratings)]].sum(0) + 0.0
        return tuple(self.bundle.genres[genre] for genre in favourite_genres(likes, self.genre_shares))

    # Scores ---------------------------------------------------------------------------------------------------------

    def scores_of_person(self, person: Person) -> Scores:
        """Both heads for a known user; kept for the latest KEPT_PEOPLE."""
        return self._scores[person]

    def _score_person(self, person: Person) -> Scores:
        return self.scores_of_vector(person.vector, person.films)

    def scores_of_visitor(self, films: Indices, ratings: NDArray[np.float32]) -> Scores:
        """Both heads for a visitor with `ratings` [n] of `films` [n], by fold-in; n may be 0.

        Kept for the latest KEPT_PEOPLE histories, in memory only.
        """
        return self._visitors[films.astype(np.int32).tobytes() + ratings.astype(np.float32).tobytes()]

    def _score_history(self, history: bytes) -> Scores:
        half = len(history) // 2  # both have items of four bytes
        films, ratings = np.frombuffer(history[:half], np.int32), np.frombuffer(history[half:], np.float32)
        return self.scores_of_vector(self.model.encode(films, ratings), films)

    def scores_of_vector(self, vector: NDArray[np.float32], history: Indices) -> Scores:
        """Both heads for a person with this `vector` [D], who has rated the films in `history`."""
        stars, relevance = self.model.score(vector)
        seen = np.zeros(len(stars), np.bool_)
        seen[history] = True
        return Scores(stars, relevance, seen, vector)

    def relevance(self, scores: Scores, passing: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Relevance [M] to rank the films `passing` [M] by.

        The head of their ranking is scored again if the bundle has rows for that (function/bundle/rows.py).
        """
        if self._rows is None or scores.vector is None:
            return scores.relevance
        head = top(scores.relevance, passing.nonzero()[0], 0, HEAD)
        relevance = scores.relevance.copy()
        relevance[head] = self._rows.relevance(scores.vector, head)
        return relevance

    # Rankings -------------------------------------------------------------------------------------------------------

    def recommend(
        self,
        scores: Scores,
        filters: Filters,
        *,
        sort: Sort,
        include_seen: bool,
        start: int,
        n: int,
        personalisation: float = 0.0,
        diversity: float = 0.0,
    ) -> Page:
        """Ranks start..start + n of the films that pass the filters, highest first, ties by index.

        `personalisation` and `diversity`, from 0 to 1, change the ranking by relevance: see `personalise` and
        `diversify` in function.recommending.ranking. The first DIVERSIFIED films are diversified; the others follow in
        plain order.
        """
        passing = self._mask(filters, None if include_seen else scores.seen)
        if sort != "relevance":
            return self._page(scores.stars if sort == "stars" else self._facts(sort), passing, start, n)
        keys: NDArray[np.floating] = self.relevance(scores, passing)
        if personalisation > 0:
            keys = personalise(keys, self.bundle.film_tables.relevance, personalisation)
        if diversity == 0:
            return self._page(keys, passing, start, n)
        candidates = np.flatnonzero(passing)
        head = top(keys, candidates, 0, DIVERSIFIED)
        order = diversify(keys[head], self.bundle.film_tables.vectors[head], diversity, start + n)
        tail = top(keys, candidates, max(start, DIVERSIFIED), start + n)
        return Page([*head[order[start:]].tolist(), *tail.tolist()], len(candidates))

    def browse(self, filters: Filters, *, sort: FilmSort, start: int, n: int) -> Page:
        """Films that pass the filters, the same for everybody."""
        return self._page(self._facts(sort), self._mask(filters), start, n)

    def similar(
        self, films: Sequence[int], filters: Filters, *, start: int, n: int
    ) -> tuple[Page, NDArray[np.float32]]:
        """Ranks start..start + n of the films that pass, nearest first, without `films`; and all similarities [M].

        The similarity of a film is the mean of its cosines to `films`; nothing is similar to none.
        """
        if not films:
            return Page([], 0), np.zeros(len(self._years), np.float32)
        vectors = self.bundle.film_tables.vectors  # rows have length 1
        similarity: NDArray[np.float32] = (
            self.similarity_to(films[0]) if len(films) == 1 else vectors @ vectors[list(films)].mean(0)
        )
        passing = self._mask(filters)
        passing[list(films)] = False
        return self._page(similarity, passing, start, n), similarity

    def similarity_to(self, film: int) -> NDArray[np.float32]:
        """The cosine of every film [M] to one; kept for the latest KEPT_FILMS."""
        return self._similarity[film]

    def _compare_film(self, film: int) -> NDArray[np.float32]:
        vectors = self.bundle.film_tables.vectors  # rows have length 1
        similarity: NDArray[np.float32] = vectors @ vectors[film]
        return similarity

    def rank(self, scores: Scores, films: Sequence[int]) -> list[int]:
        """`films` by relevance, highest first, ties by index; each once."""
        ranked: list[int] = top(scores.relevance, np.unique(np.array(films, np.intp)), 0, len(films)).tolist()
        return ranked

    def _page(self, keys: NDArray[np.floating], passing: NDArray[np.bool_], start: int, n: int) -> Page:
        candidates = passing.nonzero()[0]
        return Page(top(keys, candidates, start, start + n).tolist(), len(candidates))

    def _mask(self, filters: Filters, seen: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """The films [M] that pass the filters, and are not among those `seen`."""
        passing = np.ones(len(self._years), np.bool_) if seen is None else ~seen
        if filters.genres:
            chosen = self.genres[:, list(filters.genres)]
            passing &= chosen.all(1) if filters.match == "all" else chosen.any(1)
        if filters.exclude_genres:
            passing &= ~self.genres[:, list(filters.exclude_genres)].any(1)
        if filters.min_ratings:
            passing &= self.counts >= filters.min_ratings
        if filters.only is not None:
            passing &= np.isin(np.arange(len(passing)), filters.only)
        if filters.min_year is not None:
            passing &= self._years >= filters.min_year
        if filters.max_year is not None:  # a film of unknown year is in no range
            passing &= (self._years <= filters.max_year) & (self._years > 0)
        if filters.text:
            wanted = fold(filters.text)
            passing &= np.fromiter((wanted in title for title in self._titles), np.bool_, len(self._titles))
        if filters.exclude:
            passing[list(filters.exclude)] = False
        return passing

    def _facts(self, sort: str) -> NDArray[np.floating]:
        """Sort keys [M] that do not depend on the person; unknown values come last."""
        if sort == "year":
            return self._years.astype(np.float64)
        if sort == "average":
            return np.where(self.counts > 0, self.averages, -1.0)
        if sort == "popularity":
            return self.counts
        return self._title_ranks

    @cached_property
    def _title_ranks(self) -> NDArray[np.float64]:
        """Sort keys [M] of the alphabetical order; sorting the titles takes longer than all else in a request."""
        ranks = np.empty(len(self._titles))
        ranks[sorted(range(len(ranks)), key=self._titles.__getitem__)] = -np.arange(len(ranks))
        return ranks

    @cached_property
    def _titles(self) -> list[str]:
        return [fold(film.title) for film in self.bundle.films]

    # Facts ----------------------------------------------------------------------------------------------------------

    @cached_property
    def counts(self) -> NDArray[np.float64]:
        """The number of ratings of each film, [M]."""
        return self.bundle.facts.counts.astype(np.float64)

    @cached_property
    def averages(self) -> NDArray[np.float64]:
        """The mean stars of each film, [M]; 0 without ratings."""
        return self.bundle.facts.averages

    @cached_property
    def long_tail(self) -> NDArray[np.bool_]:
        """Which films are little known, [M]."""
        return long_tail(self.counts)

    @cached_property
    def damped_averages(self) -> NDArray[np.float64]:
        """The mean stars of each film, [M], drawn towards the overall mean if it has few ratings."""
        return damped_averages(self.counts, self.averages)

    @cached_property
    def by_popularity(self) -> Indices:
        """The films that have ratings, the most rated first."""
        return self._rated_by(self.counts)

    @cached_property
    def by_average(self) -> Indices:
        """The films that have ratings, the best rated first."""
        return self._rated_by(self.damped_averages)

    def _rated_by(self, keys: NDArray[np.float64]) -> Indices:
        order = np.argsort(-keys, kind="stable")
        return order[self.counts[order] > 0].astype(np.int32)

    @cached_property
    def genre_shares(self) -> NDArray[np.float64]:
        """The share of each genre in all ratings, [G]; a rating counts for every genre of its film."""
        ratings: NDArray[np.float64] = self.counts @ self.genres
        shares: NDArray[np.float64] = ratings / max(ratings.sum(), 1)
        return shares

    @cached_property
    def genre_sizes(self) -> dict[str, int]:
        """The number of films of each genre."""
        return dict(zip(self.bundle.genres, self.genres.sum(0).tolist(), strict=True))

    @cached_property
    def starters(self) -> tuple[int, ...]:
        """Films for a newcomer to rate; the first k are the list for k."""
        return tuple(choose_starters(self.counts, self.bundle.film_tables.vectors))


def fold(text: str) -> str:
    """Text for searching: without case and accents."""
    if text.isascii():  # most titles, and ten times as fast
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()
