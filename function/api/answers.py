"""What the routes share: cache policies, described errors, look-ups by id, and the fields of a film."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

from function.api import schemas
from function.api.problems import Detail, Problem
from function.recommending.ratings import RatingsError, history_of
from function.recommending.recommender import History, Recommender, Scores

# For what a release contains. A rollback shows within five minutes.
CACHE_PUBLIC: Final = "public, max-age=300"
# For answers about one user; shared caches must not keep them.
CACHE_PRIVATE: Final = "private, max-age=60"
NO_STORE: Final = "no-store"

Responses = dict[int | str, dict[str, Any]]
# A reference, because FastAPI builds a validator for each `model` in `responses`: 26 of them in every cold start.
# /ready names the model, so the schema is in the document.
PROBLEM: Final[dict[str, Any]] = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
}
INVALID: Final[Responses] = {422: {**PROBLEM, "description": "A value is not possible"}}
NOT_FOUND: Final[Responses] = {404: {**PROBLEM, "description": "No such film or user"}}
FORBIDDEN: Final[Responses] = {403: {**PROBLEM, "description": "Not a sample profile"}, **NOT_FOUND}
BODY: Final[Responses] = {
    400: {**PROBLEM, "description": "The body cannot be read"},
    413: {**PROBLEM, "description": "The body is too large"},
}


def film_fields(recommender: Recommender, film: int) -> dict[str, Any]:
    """The fields of `schemas.FilmOut`."""
    return recommender.film(film)._asdict()


def recommendation_fields(recommender: Recommender, scores: Scores, film: int) -> dict[str, Any]:
    """The fields of `schemas.RecommendationOut`."""
    return {
        **film_fields(recommender, film),
        "stars": round(float(scores.stars[film]), 3),
        "relevance": float(scores.relevance[film]),
        "seen": bool(scores.seen[film]),
    }


def find_film(recommender: Recommender, film_id: str) -> int:
    """The index of a film; raises Problem 404 if it does not exist."""
    film = recommender.film_index.get(film_id)
    if film is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no film {film_id[:100]!r}. GET /api/films?q= searches titles.")
    return film


def find_films(recommender: Recommender, film_ids: Iterable[str], name: str, *, body: bool) -> tuple[int, ...]:
    """The indices of the films listed in the field `name`; raises Problem 422 with an error for each unknown id."""
    films, errors = [], []
    for position, film_id in enumerate(film_ids):
        film = recommender.film_index.get(film_id)
        if film is None:
            where = {"pointer": f"/{name}/{position}"} if body else {"parameter": name}
            errors.append(Detail(**where, detail=f"there is no film {film_id!r}"))
        else:
            films.append(film)
    if errors:
        raise _invalid(errors)
    return tuple(films)


def visitor_history(recommender: Recommender, ratings: Sequence[schemas.GivenRating]) -> History:
    """The ratings of a body as a history; raises Problem 422 with a JSON pointer to each invalid rating."""
    given = [(rating.film_id, rating.rating) for rating in ratings]
    try:
        return history_of(given, recommender.film_index, recommender.bundle.manifest.model.scale)
    except RatingsError as error:
        fields = {"film": "film_id", "stars": "rating"}  # of schemas.GivenRating
        raise _invalid(
            Detail(pointer=f"/ratings/{fault.position}/{fields[fault.field]}", detail=fault.detail)
            for fault in error.faults
        ) from error


def _invalid(details: Iterable[Detail]) -> Problem:
    """422 with `details`; the first one is also the problem's own detail."""
    errors = list(details)
    where = errors[0].pointer or errors[0].parameter
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}: {errors[0].detail}", errors)
