"""The routes: from names to codes, ask the recommender, and from codes to JSON. No ranking happens here.

They are coroutines that never wait: a request is a millisecond of arithmetic, which a thread pool would only slow down.
"""

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from function import schemas
from function.bundle import BundleError
from function.cursor import decode_cursor, encode_cursor, query_hash
from function.goldens import check_goldens
from function.interpreter import RUNTIME
from function.problems import Problem, ProblemDocument, parameter_problem
from function.ratings import history_of
from function.recommender import Filters, Page, Recommender, Scores
from function.settings import Settings

# A rollback shows within five minutes; in between nobody asks twice.
OF_A_RELEASE: Final = "public, max-age=300"
# The same for one user: not for shared caches, since it is about a person.
OF_A_USER: Final = "private, max-age=60"
NEVER: Final = "no-store"

# A reference: FastAPI would make a validator for each `model` in `responses`, 26 of them in every cold start. /ready
# names the model, so that it is in the document.
_PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}}
_NOT_READY = {**_PROBLEM, "model": ProblemDocument, "description": "The model does not answer as it did at export"}
router = APIRouter(prefix="/api", responses={422: {**_PROBLEM, "description": "A value is not possible"}})
_NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {404: {**_PROBLEM, "description": "There is no such thing"}}
_PAGES: Final[dict[int | str, dict[str, Any]]] = {
    400: {**_PROBLEM, "description": "The cursor or the body cannot be read"},
    410: {**_PROBLEM, "description": "The cursor is of another release"},
}


# Coroutines as well: FastAPI runs plain functions in a thread pool, whose making alone takes 12 ms of a cold start.
async def _recommender(request: Request) -> Recommender:
    recommender: Recommender = request.app.state.recommender
    return recommender


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


TheRecommender = Annotated[Recommender, Depends(_recommender)]
TheSettings = Annotated[Settings, Depends(_settings)]


@router.get("/health")
async def health(recommender: TheRecommender, response: Response) -> schemas.Health:
    """The function runs, with this release."""
    response.headers["cache-control"] = NEVER
    return schemas.Health(status="ok", release=recommender.bundle.manifest.release)


@router.get("/ready", responses={503: _NOT_READY})
async def ready(recommender: TheRecommender, response: Response) -> schemas.Ready:
    """The release's goldens give here what they gave in Keras."""
    response.headers["cache-control"] = NEVER
    try:
        checked = check_goldens(recommender.bundle, recommender.model)
    except BundleError as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error
    return schemas.Ready(
        status="ready",
        release=recommender.bundle.manifest.release,
        runtime=RUNTIME,
        goldens=checked.goldens,
        max_star_error=checked.max_star_error,
        top10_agreement=checked.top10_agreement,
    )


@router.get("/release")
async def release(recommender: TheRecommender, response: Response) -> schemas.ReleaseOut:
    """What is served: the scale of its stars, the data it was trained on, and how well it did."""
    response.headers["cache-control"] = OF_A_RELEASE
    manifest = recommender.bundle.manifest
    return schemas.ReleaseOut(
        release=manifest.release,
        created=manifest.created,
        scale=manifest.model.scale,
        model=manifest.model,
        data=manifest.data,
        metrics=manifest.metrics,
    )


@router.get("/genres")
async def genres(recommender: TheRecommender, response: Response) -> schemas.Genres:
    """Every genre, with the number of its films."""
    response.headers["cache-control"] = OF_A_RELEASE
    sizes = recommender.genre_sizes
    return schemas.Genres(genres=[schemas.GenreOut(name=name, films=films) for name, films in sizes.items()])


@router.get("/users")
async def users(
    recommender: TheRecommender, response: Response, query: Annotated[schemas.UsersQuery, Query()]
) -> schemas.Users:
    """Sample profiles: known users whose tastes differ."""
    response.headers["cache-control"] = OF_A_RELEASE
    return schemas.Users(
        users=[
            schemas.UserOut(
                id=recommender.bundle.users[profile.code],
                name=" & ".join(profile.favourite_genres[:2]) or "Everything",
                ratings=profile.ratings,
                favourite_genres=list(profile.favourite_genres),
            )
            for profile in recommender.profiles[: query.limit]
        ]
    )


@router.get("/films", responses=_PAGES)
async def films(
    recommender: TheRecommender, response: Response, query: Annotated[schemas.FilmsQuery, Query()]
) -> schemas.FilmsPage:
    """Search the catalogue."""
    response.headers["cache-control"] = OF_A_RELEASE
    cursor = _Cursor(recommender, "films", query.model_dump())
    start = cursor.start(query.cursor)
    filters = replace(_filters(recommender, query), text=query.q)
    page = recommender.browse(filters, sort=query.sort, start=start, n=query.limit)
    return schemas.FilmsPage(
        items=[schemas.FilmOut(**_film(recommender, code)) for code in page.films],
        next_cursor=cursor.after(start, page),
        total=page.total,
    )


@router.get("/films/{film_id}", responses=_NOT_FOUND)
async def film(recommender: TheRecommender, response: Response, film_id: str) -> schemas.FilmOut:
    """One film."""
    response.headers["cache-control"] = OF_A_RELEASE
    return schemas.FilmOut(**_film(recommender, _film_code(recommender, film_id)))


@router.get("/films/{film_id}/similar", responses=_NOT_FOUND)
async def similar(
    recommender: TheRecommender, response: Response, film_id: str, query: Annotated[schemas.SimilarQuery, Query()]
) -> schemas.SimilarFilms:
    """Films like this one, nearest first."""
    response.headers["cache-control"] = OF_A_RELEASE
    nearest = recommender.similar(_film_code(recommender, film_id), query.n)
    return schemas.SimilarFilms(
        items=[
            schemas.SimilarOut(**_film(recommender, code), similarity=round(similarity, 4))
            for code, similarity in nearest
        ]
    )


@router.get(
    "/users/{user_id}/recommendations",
    responses={403: {**_PROBLEM, "description": "Not a sample profile"}, **_NOT_FOUND, **_PAGES},
)
async def recommendations_for_user(
    request: Request,
    recommender: TheRecommender,
    settings: TheSettings,
    response: Response,
    user_id: str,
    query: Annotated[schemas.RecommendationsQuery, Query()],
) -> schemas.RecommendationsPage:
    """Films for a known user, in the order to recommend them."""
    response.headers["cache-control"] = OF_A_USER
    user = _readable_user(recommender, settings, user_id)
    return _recommend(request, recommender, recommender.scores_of_user(user), query, f"user {user_id}")


@router.post("/recommendations", responses=_PAGES | {413: {**_PROBLEM, "description": "The body is too large"}})
async def recommendations_for_visitor(
    request: Request, recommender: TheRecommender, response: Response, query: schemas.VisitorQuery
) -> schemas.RecommendationsPage:
    """Films for a visitor, from the ratings in the body; nothing of them is kept."""
    response.headers["cache-control"] = NEVER
    given = [(rating.film_id, rating.rating) for rating in query.ratings]
    films, stars = history_of(given, recommender.film_codes, recommender.bundle.manifest.model.scale)
    return _recommend(request, recommender, recommender.scores_of_visitor(films, stars), query, "visitor")


def _readable_user(recommender: Recommender, settings: Settings, user_id: str) -> int:
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


def _recommend(
    request: Request, recommender: Recommender, scores: Scores, query: schemas.RecommendationsQuery, whose: str
) -> schemas.RecommendationsPage:
    request.state.candidates = len(scores.stars)  # a metric of function/logs.py
    cursor = _Cursor(recommender, whose, query.model_dump())
    start = cursor.start(query.cursor)
    page = recommender.recommend(
        scores,
        replace(_filters(recommender, query), exclude=tuple(_excluded(recommender, query.exclude))),
        sort=query.sort,
        include_seen=query.include_seen,
        start=start,
        n=query.n,
    )
    return schemas.RecommendationsPage(
        items=[
            schemas.RecommendationOut(
                **_film(recommender, code),
                stars=round(float(scores.stars[code]), 3),
                relevance=float(scores.relevance[code]),
                seen=bool(scores.seen[code]),
            )
            for code in page.films
        ],
        next_cursor=cursor.after(start, page),
        total=page.total,
    )


class _Cursor:
    """The cursors of one query on the served release."""

    def __init__(self, recommender: Recommender, whose: str, query: dict[str, Any]) -> None:
        self._release = recommender.bundle.manifest.release
        self._query = query_hash({"whose": whose, **query})

    def start(self, cursor: str | None) -> int:
        return decode_cursor(cursor, self._release, self._query)

    def after(self, start: int, page: Page) -> str | None:
        following = start + len(page.films)
        return encode_cursor(self._release, self._query, following) if page.films and following < page.total else None


def _film(recommender: Recommender, code: int) -> dict[str, Any]:
    return dict(vars(recommender.film(code)))


def _film_code(recommender: Recommender, film_id: str) -> int:
    code = recommender.film_codes.get(film_id)
    if code is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no film {film_id[:100]!r}. GET /api/films?q= searches titles.")
    return code


def _excluded(recommender: Recommender, film_ids: Iterable[str]) -> Iterable[int]:
    for film_id in film_ids:
        code = recommender.film_codes.get(film_id)
        if code is None:
            raise parameter_problem("exclude", f"there is no film {film_id!r}")
        yield code


def _filters(recommender: Recommender, query: schemas.FilterQuery) -> Filters:
    codes = []
    for name in query.genres:
        if name not in recommender.genre_codes:
            raise parameter_problem("genres", f"there is no genre {name!r}; GET /api/genres lists them")
        codes.append(recommender.genre_codes[name])
    return Filters(tuple(codes), query.match, query.min_year, query.max_year)
