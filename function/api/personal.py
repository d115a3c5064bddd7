"""Routes about one person, except lists of films: the home, and one film with the reasons for it.

Each has two forms: GET for a known user, and POST for a visitor, who sends ratings that are not stored.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Request, Response

from function.api import requests, responses
from function.api.access import ReadableUser
from function.api.answers import CACHE_PRIVATE, NO_STORE, explanation_fields, film_fields, recommendation_fields
from function.api.dependencies import RecommenderDep
from function.api.lookup import Lookup, find_film
from function.api.routing import BODY, FORBIDDEN, NOT_FOUND, router
from function.recommending.home import compose
from function.recommending.ratings import History
from function.recommending.recommender import Scores
from function.recommending.why import percentile

personal = router("personal")


@personal.get("/users/{user_id}/home", responses=FORBIDDEN, response_model_exclude_unset=True)
async def home_of_user(
    request: Request,
    recommender: RecommenderDep,
    user: ReadableUser,
    response: Response,
    query: Annotated[requests.HomeQuery, Query()],
) -> responses.HomeOut:
    """The home of a known user: the hero film and all shelves."""
    response.headers["cache-control"] = CACHE_PRIVATE
    lookup = Lookup(recommender, in_body=False)
    return home_answer(
        request, lookup, recommender.scores_of_user(user), recommender.history_of_user(user), (), query.limit
    )


@personal.post("/home", responses=BODY, response_model_exclude_unset=True)
async def home_of_visitor(
    request: Request, recommender: RecommenderDep, response: Response, query: requests.VisitorHome
) -> responses.HomeOut:
    """The home of a visitor, from the ratings in the body, which are not stored."""
    response.headers["cache-control"] = NO_STORE
    lookup = Lookup(recommender, in_body=True, lenient=query.lenient)
    history = lookup.history(query.ratings)
    hidden = lookup.films(query.exclude, "exclude")
    scores = recommender.scores_of_visitor(*lookup.with_dislikes(history, query.not_interested))
    return home_answer(request, lookup, scores, history, hidden, query.limit)


@personal.get("/users/{user_id}/films/{film_id}", responses=FORBIDDEN)
async def film_for_user(
    request: Request, recommender: RecommenderDep, user: ReadableUser, response: Response, film_id: str
) -> responses.PersonalFilm:
    """A film for a known user: predicted stars, how relevant it is, and why."""
    response.headers["cache-control"] = CACHE_PRIVATE
    film = find_film(recommender, film_id)
    lookup = Lookup(recommender, in_body=False)
    return film_answer(request, lookup, recommender.scores_of_user(user), recommender.history_of_user(user), film)


@personal.post("/films/{film_id}", responses=NOT_FOUND | BODY)
async def film_for_visitor(
    request: Request, recommender: RecommenderDep, response: Response, film_id: str, query: requests.VisitorFilm
) -> responses.PersonalFilm:
    """A film for a visitor, from the ratings in the body, which are not stored."""
    response.headers["cache-control"] = NO_STORE
    film = find_film(recommender, film_id)
    lookup = Lookup(recommender, in_body=True, lenient=query.lenient)
    history = lookup.history(query.ratings)
    others = [other for other in query.not_interested if other != film_id]
    scores = recommender.scores_of_visitor(*lookup.with_dislikes(history, others))
    return film_answer(request, lookup, scores, history, film)


def home_answer(
    request: Request, lookup: Lookup, scores: Scores, history: History, hidden: Sequence[int], n: int
) -> responses.HomeOut:
    """The home of a person, with up to n films on a shelf and no `hidden` ones."""
    request.state.candidates = len(scores.stars)  # a metric of function/logs.py
    recommender = lookup.recommender
    home = compose(recommender, scores, history, hidden=hidden, n=n)

    def shown(film: int) -> responses.RecommendationOut:
        return responses.RecommendationOut(**recommendation_fields(recommender, scores, film))

    return responses.HomeOut(
        release=recommender.bundle.manifest.release,
        hero=None if home.hero is None else shown(home.hero),
        shelves=[
            responses.ShelfOut(
                kind=shelf.kind,
                film=None if shelf.film is None else responses.FilmOut(**film_fields(recommender, shelf.film)),
                genre=None if shelf.genre is None else recommender.bundle.genres[shelf.genre],
                items=[shown(film) for film in shelf.films],
            )
            for shelf in home.shelves
        ],
        unknown_ids=lookup.unknown_ids,
    )


def film_answer(
    request: Request, lookup: Lookup, scores: Scores, history: History, film: int
) -> responses.PersonalFilm:
    """A film for a person, and why."""
    request.state.candidates = len(scores.stars)
    return responses.PersonalFilm(
        **recommendation_fields(lookup.recommender, scores, film),
        **explanation_fields(lookup.recommender, history, film),
        percentile=percentile(scores, film),
        unknown_ids=lookup.unknown_ids,
    )
