"""Routes about one person, except the list of recommendations: the home, and one film with the reasons for it.

Each has two forms: GET for a known user, and POST for a visitor, who sends ratings that are not stored.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from function.api import schemas
from function.api.access import ReadableUser
from function.api.answers import (
    BODY,
    CACHE_PRIVATE,
    FORBIDDEN,
    INVALID,
    NO_STORE,
    NOT_FOUND,
    film_fields,
    find_film,
    find_films,
    recommendation_fields,
    visitor_history,
)
from function.api.dependencies import RecommenderDep
from function.recommending.home import compose
from function.recommending.recommender import History, Recommender, Scores
from function.recommending.why import match, reasons

router = APIRouter(prefix="/api", responses=INVALID)


@router.get("/users/{user_id}/home", responses=FORBIDDEN)
async def home_of_user(
    request: Request,
    recommender: RecommenderDep,
    user: ReadableUser,
    response: Response,
    query: Annotated[schemas.HomeQuery, Query()],
) -> schemas.HomeOut:
    """The home of a known user: the hero film and all shelves."""
    response.headers["cache-control"] = CACHE_PRIVATE
    scores = recommender.scores_of_user(user)
    return _home(request, recommender, scores, recommender.bundle.known_users.histories.of(user), (), query.n)


@router.post("/home", responses=BODY)
async def home_of_visitor(
    request: Request, recommender: RecommenderDep, response: Response, query: schemas.VisitorHome
) -> schemas.HomeOut:
    """The home of a visitor, from the ratings in the body, which are not stored."""
    response.headers["cache-control"] = NO_STORE
    history = visitor_history(recommender, query.ratings)
    hidden = find_films(recommender, query.not_interested, "not_interested", body=True)
    return _home(request, recommender, recommender.scores_of_visitor(*history), history, hidden, query.n)


@router.get("/users/{user_id}/films/{film_id}", responses=FORBIDDEN)
async def film_for_user(
    request: Request,
    recommender: RecommenderDep,
    user: ReadableUser,
    response: Response,
    film_id: str,
) -> schemas.PersonalFilm:
    """A film for a known user: predicted stars, how well it matches, and why."""
    response.headers["cache-control"] = CACHE_PRIVATE
    film, scores = find_film(recommender, film_id), recommender.scores_of_user(user)
    return _film(request, recommender, scores, recommender.bundle.known_users.histories.of(user), film)


@router.post("/films/{film_id}", responses=NOT_FOUND | BODY)
async def film_for_visitor(
    request: Request, recommender: RecommenderDep, response: Response, film_id: str, query: schemas.VisitorFilm
) -> schemas.PersonalFilm:
    """A film for a visitor, from the ratings in the body, which are not stored."""
    response.headers["cache-control"] = NO_STORE
    film, history = find_film(recommender, film_id), visitor_history(recommender, query.ratings)
    return _film(request, recommender, recommender.scores_of_visitor(*history), history, film)


def _home(
    request: Request, recommender: Recommender, scores: Scores, history: History, hidden: Sequence[int], n: int
) -> schemas.HomeOut:
    request.state.candidates = len(scores.stars)  # a metric of function/logs.py
    home = compose(recommender, scores, history, hidden=hidden, n=n)

    def shown(film: int) -> schemas.RecommendationOut:
        return schemas.RecommendationOut(**recommendation_fields(recommender, scores, film))

    return schemas.HomeOut(
        release=recommender.bundle.manifest.release,
        hero=None if home.hero is None else shown(home.hero),
        shelves=[
            schemas.ShelfOut(
                kind=shelf.kind,
                film=None if shelf.film is None else schemas.FilmOut(**film_fields(recommender, shelf.film)),
                genre=None if shelf.genre is None else recommender.bundle.genres[shelf.genre],
                items=[shown(film) for film in shelf.films],
            )
            for shelf in home.shelves
        ],
    )


def _film(
    request: Request, recommender: Recommender, scores: Scores, history: History, film: int
) -> schemas.PersonalFilm:
    request.state.candidates = len(scores.stars)
    return schemas.PersonalFilm(
        **recommendation_fields(recommender, scores, film),
        match=match(scores, film),
        why=[
            schemas.ReasonOut(
                film=schemas.FilmOut(**film_fields(recommender, reason.film)),
                rating=reason.stars,
                share=round(reason.share, 4),
            )
            for reason in reasons(recommender, history, film)
        ],
    )
