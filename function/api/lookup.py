"""From the ids and names of a request to the indices of the recommender."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

from function.api.problems import Detail, Problem
from function.api.requests import FilterQuery, GivenRating
from function.recommending.ratings import History, RatingsError, history_of, with_dislikes
from function.recommending.recommender import Filters, Recommender


def find_film(recommender: Recommender, film_id: str) -> int:
    """The index of the film in a path; raises Problem 404 if it does not exist."""
    film = recommender.film_index.get(film_id)
    if film is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no film {film_id[:100]!r}. GET /api/films?q= searches titles.")
    return film


class Lookup:
    """The look-ups of one request.

    Unknown film ids are errors, or, if the request is `lenient`, skipped and collected in `unknown_ids`. The errors
    name parameters, or JSON pointers if the request has a body (`in_body`), to the members of `within`.
    """

    def __init__(self, recommender: Recommender, *, in_body: bool, lenient: bool = False, within: str = "") -> None:
        self.recommender = recommender
        self.lenient = lenient
        self._in_body = in_body
        self._within = within
        self._unknown: dict[str, None] = {}  # in the order they came

    @property
    def unknown_ids(self) -> list[str]:
        """The ids that were skipped, each once."""
        return list(self._unknown)

    def films(self, ids: Sequence[str], field: str) -> tuple[int, ...]:
        """The indices of the films listed in `field`; raises Problem 422 with an error for each unknown id."""
        index = self.recommender.film_index
        if self.lenient:
            self._skip(ids)
            return tuple(index[film_id] for film_id in ids if film_id in index)
        return self._indices(ids, index, field, "there is no film {!r}")

    def genres(self, names: Sequence[str], field: str) -> tuple[int, ...]:
        """The indices of the genres listed in `field`; raises Problem 422 with an error for each unknown name."""
        missing = "there is no genre {!r}; GET /api/genres lists them"
        return self._indices(names, self.recommender.genre_index, field, missing)

    def history(self, ratings: Sequence[GivenRating], field: str = "ratings") -> History:
        """The ratings in the body's `field` as a history; raises Problem 422 with a pointer to each invalid rating."""
        given = [(rating.film_id, rating.rating) for rating in ratings]
        if self.lenient:
            self._skip(film_id for film_id, _ in given)
        scale = self.recommender.bundle.manifest.model.scale
        try:
            return history_of(given, self.recommender.film_index, scale, skip_unknown=self.lenient)
        except RatingsError as error:
            names = {"film": "film_id", "stars": "rating"}  # of GivenRating
            raise _invalid(
                Detail(pointer=f"/{field}/{fault.position}/{names[fault.field]}", detail=fault.detail)
                for fault in error.faults
            ) from error

    def with_dislikes(self, history: History, not_interested: Sequence[str]) -> History:
        """What to score by: the history, and the films of the body's `not_interested`. Raises Problem 422."""
        films = self.films(not_interested, "not_interested")
        return with_dislikes(history, films, self.recommender.bundle.manifest.model.scale) if films else history

    def filters(self, query: FilterQuery, *, only: Sequence[str] = ()) -> Filters:
        """The filters of `query`, and `only` the films of its field `ids`; raises Problem 422 as the others do."""
        return Filters(
            genres=self.genres(query.genres, "genres"),
            match=query.match,
            exclude_genres=self.genres(query.exclude_genres, "exclude_genres"),
            min_year=query.min_year,
            max_year=query.max_year,
            min_ratings=query.min_ratings,
            only=self.films(only, "ids") if only else None,
            exclude=self.films(query.exclude, "exclude"),
            text=query.q,
        )

    def _skip(self, ids: Iterable[str]) -> None:
        self._unknown |= dict.fromkeys(film_id for film_id in ids if film_id not in self.recommender.film_index)

    def _indices(self, names: Sequence[str], index: Mapping[str, int], field: str, missing: str) -> tuple[int, ...]:
        unknown = [(position, name) for position, name in enumerate(names) if name not in index]
        if unknown:
            raise _invalid(
                Detail(**self._where(field, position), detail=missing.format(name)) for position, name in unknown
            )
        return tuple(index[name] for name in names)

    def _where(self, field: str, position: int) -> dict[str, str]:
        return {"pointer": f"{self._within}/{field}/{position}"} if self._in_body else {"parameter": field}


def _invalid(details: Iterable[Detail]) -> Problem:
    """422 with `details`; the first one is also the problem's own detail."""
    errors = list(details)
    where = errors[0].pointer or errors[0].parameter
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}: {errors[0].detail}", errors)
