"""Films of other services, found in the catalogue: by id, else by title and year."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from function.bundle.films import Film
from function.bundle.format import RatingScale
from function.recommending.ratings import nearest_on
from function.recommending.recommender import fold

Source = Literal["letterboxd", "imdb", "movielens", "export"]
# The highest rating there; the project's own export has the scale of the release.
_HIGHEST: Final[dict[str, float]] = {"letterboxd": 5.0, "imdb": 10.0, "movielens": 5.0}
MAX_CANDIDATES: Final = 5
_ARTICLE: Final = re.compile(r"^(the|an?|les?|la|l|une?|des|der|die|das|ein|eine|el|los|las|il|lo|gli|i|o|os) (?=.)")
_LAST_ARTICLE: Final = re.compile(r"^(.+), (the|an?|les?|la|l'|une?|des|der|die|das|ein|eine|el|los|las|il|lo)$")


class Row(NamedTuple):
    """A film as another service names it."""

    title: str = ""
    year: int | None = None
    tmdb_id: int | None = None
    imdb_id: str | None = None
    film_id: str | None = None


class Matched(NamedTuple):
    """The film of a row, or those it could be."""

    film: int | None
    by: Literal["film_id", "tmdb", "imdb", "title"] | None
    candidates: tuple[int, ...] = ()


class Catalogue:
    """The films of a release by all that other services know of them."""

    def __init__(self, films: Sequence[Film]) -> None:
        self._films = films
        self._ids = {film.id: index for index, film in enumerate(films)}
        self._tmdb = {film.tmdb_id: index for index, film in enumerate(films) if film.tmdb_id}
        self._imdb = {_imdb_number(film.imdb_id): index for index, film in enumerate(films) if film.imdb_id}
        self._titles: dict[str, list[int]] = defaultdict(list)
        for index, film in enumerate(films):
            for title in _titles(film.title):
                self._titles[title].append(index)

    def match(self, row: Row, source: Source) -> Matched:
        """The film that `row` means. A title needs a year within one of the film's, or to be the only one."""
        if row.film_id is not None and source == "export" and row.film_id in self._ids:
            return Matched(self._ids[row.film_id], "film_id")
        if row.tmdb_id and row.tmdb_id in self._tmdb:
            return Matched(self._tmdb[row.tmdb_id], "tmdb")
        if row.imdb_id and (number := _imdb_number(row.imdb_id)) in self._imdb:
            return Matched(self._imdb[number], "imdb")
        named = dict.fromkeys(index for title in _titles(row.title) for index in self._titles.get(title, ()))
        near = sorted(named, key=lambda index: (self._distance(index, row.year), index))
        distances = [self._distance(index, row.year) for index in near]
        if near and distances[0] <= 1 and distances.count(distances[0]) == 1:
            return Matched(near[0], "title")
        return Matched(None, None, tuple(near[:MAX_CANDIDATES]))

    def _distance(self, index: int, year: int | None) -> int:
        """Years between; an unknown one is a year away."""
        there = self._films[index].year
        return 1 if year is None or there is None else abs(there - year)


def on_scale(stars: float, source: Source, scale: RatingScale) -> float | None:
    """A rating of `source` on our scale; None if it is not on its own. Half of 10 is half of 5."""
    highest = _HIGHEST.get(source, scale.max)
    lowest = scale.min if source == "export" else 0.5
    if not lowest <= stars <= highest:
        return None
    return nearest_on(scale, stars / highest * scale.max)


def _titles(title: str) -> set[str]:
    """What a title is sought under: as a whole, and without what is in brackets, and that alone."""
    within = re.findall(r"\(([^()]+)\)", title)
    without = re.sub(r"\([^()]*\)", "", title)
    return {plain for part in (title, without, *within) if (plain := _plain(part))}


def _plain(title: str) -> str:
    """Without case, accents, punctuation and the article, which MovieLens puts last."""
    folded = _LAST_ARTICLE.sub(r"\1", fold(title).strip())
    words = re.sub(r"[^\w]+", " ", folded.replace("&", " and ")).strip()
    return _ARTICLE.sub("", words)


def _imdb_number(text: str) -> int:
    digits = re.sub(r"\D", "", text)[:12]
    return int(digits) if digits else 0
