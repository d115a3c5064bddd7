"""Routes about one person, besides the list of recommendations: the home, and a film with the reasons for it.

Each has two forms: GET for a known user, and POST for a visitor, whose ratings come with the request and are not kept.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from function.api import schemas
from function.api.answers import (
    BODY,
    INVALID,
    NEVER,
    NOT_FOUND,
    OF_A_USER,
    OF_OTHERS,
    TheRecommender,
    TheSettings,
    film_code,
    film_codes,
    film_fields,
    readable_user,
    recommendation_fields,
    visitor_history,
)
from function.recommending.home import compose
from function.recommending.recommender import History, Recommender, Scores
from function.recommending.why import match, reasons

router = APIRouter(prefix="/api", responses=INVALID)


@router.get("/users/{user_id}/home", responses=OF_OTHERS)
async def home_of_user(
    request: Request,
    recommender: TheRecommender,
    settings: TheSettings,
    response: Response,
    user_id: str,
    query: Annotated[schemas.HomeQuery, Query()],
) -> schemas.HomeOut:
    """The home of a known user: one film large, and all shelves."""
    response.headers["cache-control"] = OF_A_USER
    user = readable_user(recommender, settings, user_id)
    scores = recommender.scores_of_user(user)
    return _home(request, recommender, scores, recommender.bundle.known_users.histories.of(user), (), query.n)


@router.post("/home", responses=BODY)
async def home_of_visitor(
    request: Request, recommender: TheRecommender, response: Response, query: schemas.VisitorHome
) -> schemas.HomeOut:
    """The home of a visitor, from the ratings in the body; nothing of them is kept."""
    response.headers["cache-control"] = NEVER
    history = visitor_history(recommender, query.ratings)
    hidden = film_codes(recommender, query.not_interested, "not_interested", body=True)
    return _home(request, recommender, recommender.scores_of_visitor(*history), history, hidden, query.n)


@router.get("/users/{user_id}/films/{film_id}", responses=OF_OTHERS)
async def film_for_user(
    request: Request,
    recommender: TheRecommender,
    settings: TheSettings,
    response: Response,
    user_id: str,
    film_id: str,
) -> schemas.PersonalFilm:
    """A film as it is for a known user: predicted stars, how well it fits, and why."""
    response.headers["cache-control"] = OF_A_USER
    user = readable_user(recommender, settings, user_id)
    film, scores = film_code(recommender, film_id), recommender.scores_of_user(user)
    return _film(request, recommender, scores, recommender.bundle.known_users.histories.of(user), film)


@router.post("/films/{film_id}", responses=NOT_FOUND | BODY)
async def film_for_visitor(
    request: Request, recommender: TheRecommender, response: Response, film_id: str, query: schemas.VisitorFilm
) -> schemas.PersonalFilm:
    """A film as it is for a visitor, from the ratings in the body; nothing of them is kept."""
    response.headers["cache-control"] = NEVER
    film, history = film_code(recommender, film_id), visitor_history(recommender, query.ratings)
    return _film(request, recommender, recommender.scores_of_visitor(*history), history, film)


def _home(
    request: Request, recommender: Recommender, scores: Scores, history: History, hidden: Sequence[int], n: int
) -> schemas.HomeOut:
    request.state.candidates = len(scores.stars)  # a metric of function/logs.py
    home = compose(recommender, scores, history, hidden=hidden, n=n)

    def shown(code: int) -> schemas.RecommendationOut:
        return schemas.RecommendationOut(**recommendation_fields(recommender, scores, code))

    return schemas.HomeOut(
        release=recommender.bundle.manifest.release,
        hero=None if home.hero is None else shown(home.hero),
        shelves=[
            schemas.ShelfOut(
                kind=shelf.kind,
                film=None if shelf.film is None else schemas.FilmOut(**film_fields(recommender, shelf.film)),
                genre=None if shelf.genre is None else recommender.bundle.genres[shelf.genre],
                items=[shown(code) for code in shelf.films],
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
