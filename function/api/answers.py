"""What the routes share: who asks, for which film, and a film as JSON."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Request

from function.api import schemas
from function.api.problems import Detail, Problem
from function.recommending.ratings import RatingsError, history_of
from function.recommending.recommender import History, Recommender, Scores
from function.settings import Settings

# A rollback shows within five minutes; in between nobody asks twice.
OF_A_RELEASE: Final = "public, max-age=300"
# The same for one user: not for shared caches, since it is about a person.
OF_A_USER: Final = "private, max-age=60"
NEVER: Final = "no-store"

Responses = dict[int | str, dict[str, Any]]
# A reference: FastAPI would make a validator for each `model` in `responses`, 26 of them in every cold start. /ready
# names the model, so that it is in the document.
PROBLEM: Final[dict[str, Any]] = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
}
INVALID: Final[Responses] = {422: {**PROBLEM, "description": "A value is not possible"}}
NOT_FOUND: Final[Responses] = {404: {**PROBLEM, "description": "There is no such thing"}}
OF_OTHERS: Final[Responses] = {403: {**PROBLEM, "description": "Not a sample profile"}, **NOT_FOUND}
BODY: Final[Responses] = {
    400: {**PROBLEM, "description": "The body cannot be read"},
    413: {**PROBLEM, "description": "The body is too large"},
}


# Coroutines: FastAPI runs plain functions in a thread pool, whose making alone takes 12 ms of a cold start.
async def _recommender(request: Request) -> Recommender:
    recommender: Recommender = request.app.state.recommender
    return recommender


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


TheRecommender = Annotated[Recommender, Depends(_recommender)]
TheSettings = Annotated[Settings, Depends(_settings)]


def film_fields(recommender: Recommender, code: int) -> dict[str, Any]:
    """The fields of `schemas.FilmOut`."""
    return recommender.film(code)._asdict()


def recommendation_fields(recommender: Recommender, scores: Scores, code: int) -> dict[str, Any]:
    """The fields of `schemas.RecommendationOut`."""
    return {
        **film_fields(recommender, code),
        "stars": round(float(scores.stars[code]), 3),
        "relevance": float(scores.relevance[code]),
        "seen": bool(scores.seen[code]),
    }


def film_code(recommender: Recommender, film_id: str) -> int:
    """Raises Problem 404 where there is no such film."""
    code = recommender.film_codes.get(film_id)
    if code is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no film {film_id[:100]!r}. GET /api/films?q= searches titles.")
    return code


def film_codes(recommender: Recommender, film_ids: Iterable[str], name: str, *, body: bool) -> tuple[int, ...]:
    """The codes of the films that the field `name` lists; raises Problem 422 that tells each which is not there."""
    codes, errors = [], []
    for place, film_id in enumerate(film_ids):
        code = recommender.film_codes.get(film_id)
        if code is None:
            where = {"pointer": f"/{name}/{place}"} if body else {"parameter": name}
            errors.append(Detail(**where, detail=f"there is no film {film_id!r}"))
        else:
            codes.append(code)
    if errors:
        raise _invalid(errors)
    return tuple(codes)


def visitor_history(recommender: Recommender, ratings: Sequence[schemas.GivenRating]) -> History:
    """The ratings of a body as codes; raises Problem 422, with a JSON pointer to each that is wrong."""
    given = [(rating.film_id, rating.rating) for rating in ratings]
    try:
        return history_of(given, recommender.film_codes, recommender.bundle.manifest.model.scale)
    except RatingsError as error:
        fields = {"film": "film_id", "stars": "rating"}  # of schemas.GivenRating
        raise _invalid(
            Detail(pointer=f"/ratings/{fault.place}/{fields[fault.half]}", detail=fault.detail)
            for fault in error.faults
        ) from error


def readable_user(recommender: Recommender, settings: Settings, user_id: str) -> int:
    """The code of a user whose recommendations the open network may read.

    A user id in an address proves nothing (OWASP API1:2023), so without a login only the samples are open.
    """
    user = recommender.user_codes.get(user_id)
    if settings.open_users == "samples" and user not in {profile.code for profile in recommender.profiles}:
        # The same answer whether or not there is such a user: who rated films here is nobody's business.
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"user {user_id[:100]!r} is not one of the sample profiles; GET /api/users lists them.",
        )
    if user is None:
        raise Problem(
            HTTPStatus.NOT_FOUND, f"There is no user {user_id[:100]!r}. POST /api/recommendations serves anybody."
        )
    return user


def _invalid(details: Iterable[Detail]) -> Problem:
    """422 for values of which the first is told in the problem's own words, too."""
    errors = list(details)
    where = errors[0].pointer or errors[0].parameter
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}: {errors[0].detail}", errors)
