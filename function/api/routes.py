"""The routes: look up ids, ask the recommender, answer JSON. No ranking happens here.

They are coroutines that never wait: a request is a millisecond of arithmetic, and a thread pool would only slow it
down.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from function.api import schemas
from function.api.access import ReadableUser
from function.api.answers import (
    BODY,
    CACHE_PRIVATE,
    CACHE_PUBLIC,
    FORBIDDEN,
    INVALID,
    NO_STORE,
    NOT_FOUND,
    PROBLEM,
    Responses,
    film_fields,
    find_film,
    find_films,
    recommendation_fields,
    visitor_history,
)
from function.api.cursor import decode_cursor, encode_cursor, query_hash
from function.api.dependencies import RecommenderDep
from function.api.problems import Problem, ProblemDocument, parameter_problem
from function.bundle.format import BundleError
from function.bundle.goldens import check_goldens
from function.bundle.interpreter import RUNTIME
from function.recommending.recommender import Filters, Page, Recommender, Scores

_NOT_READY = {**PROBLEM, "model": ProblemDocument, "description": "The model does not answer as it did at export"}
_PAGES: Final[Responses] = {
    400: {**PROBLEM, "description": "The cursor or the body cannot be read"},
    410: {**PROBLEM, "description": "The cursor is of another release"},
}
router = APIRouter(prefix="/api", responses=INVALID)


@router.get("/health")
async def health(recommender: RecommenderDep, response: Response) -> schemas.Health:
    """The function runs and serves this release."""
    response.headers["cache-control"] = NO_STORE
    return schemas.Health(status="ok", release=recommender.bundle.manifest.release)


@router.get("/ready", responses={503: _NOT_READY})
async def ready(recommender: RecommenderDep, response: Response) -> schemas.Ready:
    """Run the goldens of the release and compare with what Keras answered at export."""
    response.headers["cache-control"] = NO_STORE
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
async def release(recommender: RecommenderDep, response: Response) -> schemas.ReleaseOut:
    """The served release: rating scale, training data and metrics."""
    response.headers["cache-control"] = CACHE_PUBLIC
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
async def genres(recommender: RecommenderDep, response: Response) -> schemas.Genres:
    """All genres with their number of films."""
    response.headers["cache-control"] = CACHE_PUBLIC
    sizes = recommender.genre_sizes
    return schemas.Genres(genres=[schemas.GenreOut(name=name, films=films) for name, films in sizes.items()])


@router.get("/users")
async def users(
    recommender: RecommenderDep, response: Response, query: Annotated[schemas.UsersQuery, Query()]
) -> schemas.Users:
    """Sample profiles: known users whose tastes differ."""
    response.headers["cache-control"] = CACHE_PUBLIC
    return schemas.Users(
        users=[
            schemas.UserOut(
                id=recommender.bundle.users[profile.user],
                name=" & ".join(profile.favourite_genres[:2]) or "Everything",
                ratings=profile.ratings,
                favourite_genres=list(profile.favourite_genres),
            )
            for profile in recommender.profiles[: query.limit]
        ]
    )


@router.get("/films", responses=_PAGES)
async def films(
    recommender: RecommenderDep, response: Response, query: Annotated[schemas.FilmsQuery, Query()]
) -> schemas.FilmsPage:
    """Search the catalogue."""
    response.headers["cache-control"] = CACHE_PUBLIC
    cursor = _Cursor(recommender, "films", query.model_dump())
    start = cursor.start(query.cursor)
    page = recommender.browse(_filters(recommender, query), sort=query.sort, start=start, n=query.limit)
    return schemas.FilmsPage(
        items=[schemas.FilmOut(**film_fields(recommender, film)) for film in page.films],
        next_cursor=cursor.after(start, page),
        total=page.total,
    )


@router.get("/map")
async def film_map(recommender: RecommenderDep, response: Response) -> schemas.FilmMap:
    """The most rated films as points on a plane, computed in training."""
    response.headers["cache-control"] = CACHE_PUBLIC
    return schemas.FilmMap(
        genres=list(recommender.bundle.genres),
        points=[
            schemas.MapPoint(film_id=film.id, title=film.title, x=x, y=y, genre=next(iter(film.genres), None))
            for film, (x, y) in zip(recommender.bundle.films, recommender.bundle.film_tables.map.tolist(), strict=True)
            if x == x  # NaN: not on the map
        ],
    )


# Before the films by id: the first matching route wins.
@router.get("/films/starters")
async def starters(
    recommender: RecommenderDep, response: Response, query: Annotated[schemas.StartersQuery, Query()]
) -> schemas.Starters:
    """Films for a newcomer to rate: known to many, and far apart."""
    response.headers["cache-control"] = CACHE_PUBLIC
    chosen = recommender.starters[: query.n]
    return schemas.Starters(items=[schemas.FilmOut(**film_fields(recommender, film)) for film in chosen])


@router.get("/films/{film_id}", responses=NOT_FOUND)
async def film(recommender: RecommenderDep, response: Response, film_id: str) -> schemas.FilmOut:
    """One film."""
    response.headers["cache-control"] = CACHE_PUBLIC
    return schemas.FilmOut(**film_fields(recommender, find_film(recommender, film_id)))


@router.get("/films/{film_id}/similar", responses=NOT_FOUND)
async def similar(
    recommender: RecommenderDep, response: Response, film_id: str, query: Annotated[schemas.SimilarQuery, Query()]
) -> schemas.SimilarFilms:
    """Films like this one, nearest first."""
    response.headers["cache-control"] = CACHE_PUBLIC
    nearest = recommender.similar(find_film(recommender, film_id), query.n)
    return schemas.SimilarFilms(
        items=[
            schemas.SimilarOut(**film_fields(recommender, film), similarity=round(similarity, 4))
            for film, similarity in nearest
        ]
    )


@router.get(
    "/users/{user_id}/recommendations",
    responses=FORBIDDEN | _PAGES,
)
async def recommendations_for_user(
    request: Request,
    recommender: RecommenderDep,
    user: ReadableUser,
    response: Response,
    query: Annotated[schemas.RecommendationsQuery, Query()],
) -> schemas.RecommendationsPage:
    """Recommendations for a known user, best first."""
    response.headers["cache-control"] = CACHE_PRIVATE
    return _recommend(
        request, recommender, recommender.scores_of_user(user), query, f"user {recommender.bundle.users[user]}"
    )


@router.post("/recommendations", responses=BODY | _PAGES)
async def recommendations_for_visitor(
    request: Request, recommender: RecommenderDep, response: Response, query: schemas.VisitorQuery
) -> schemas.RecommendationsPage:
    """Films for a visitor, from the ratings in the body, which are not stored."""
    response.headers["cache-control"] = NO_STORE
    scores = recommender.scores_of_visitor(*visitor_history(recommender, query.ratings))
    return _recommend(request, recommender, scores, query, "visitor")


def _recommend(
    request: Request, recommender: Recommender, scores: Scores, query: schemas.RecommendationsQuery, whose: str
) -> schemas.RecommendationsPage:
    request.state.candidates = len(scores.stars)  # a metric of function/logs.py
    cursor = _Cursor(recommender, whose, query.model_dump())
    start = cursor.start(query.cursor)
    excluded = find_films(recommender, query.exclude, "exclude", body=request.method == "POST")
    page = recommender.recommend(
        scores,
        replace(_filters(recommender, query), exclude=excluded),
        sort=query.sort,
        diversity=query.diversity,
        include_seen=query.include_seen,
        start=start,
        n=query.n,
    )
    return schemas.RecommendationsPage(
        items=[schemas.RecommendationOut(**recommendation_fields(recommender, scores, film)) for film in page.films],
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
        end = start + len(page.films)
        return encode_cursor(self._release, self._query, end) if page.films and end < page.total else None


def _filters(recommender: Recommender, query: schemas.FilterQuery) -> Filters:
    genres = []
    for name in query.genres:
        if name not in recommender.genre_index:
            raise parameter_problem("genres", f"there is no genre {name!r}; GET /api/genres lists them")
        genres.append(recommender.genre_index[name])
    return Filters(tuple(genres), query.match, query.min_year, query.max_year, text=query.q)
