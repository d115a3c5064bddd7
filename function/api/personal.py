"""Routes about one person, except lists of films: the home, and one film with the reasons for it.

Each has two forms: GET for a known user, and POST for a visitor, who sends ratings that are not stored.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, NamedTuple

from fastapi import Query, Request

from function.api import requests, responses
from function.api.access import ReadableUser
from function.api.answers import array, dumps, explanation_fields, film_object, recommendation_fields
from function.api.dependencies import RecommenderDep
from function.api.direct import PrivateRoute
from function.api.lookup import Lookup, find_film
from function.api.routing import BODY, FORBIDDEN, NOT_FOUND, router
from function.recommending.home import compose
from function.recommending.ratings import History
from function.recommending.recommender import Scores
from function.recommending.why import percentile

personal = router("personal", PrivateRoute)


@personal.get("/users/{user_id}/home", responses=FORBIDDEN, response_model=responses.HomeOut)
async def home_of_user(
    request: Request,
    recommender: RecommenderDep,
    user: ReadableUser,
    query: Annotated[requests.HomeQuery, Query()],
) -> bytes:
    """The home of a known user: the hero film and all shelves."""
    lookup = Lookup(recommender, in_body=False)
    return home_answer(request, lookup, recommender.scores_of_person(user), user.history, (), query.limit).body


@personal.post("/home", responses=BODY, response_model=responses.HomeOut)
async def home_of_visitor(request: Request, recommender: RecommenderDep, query: requests.VisitorHome) -> bytes:
    """The home of a visitor, from the ratings in the body, which are not stored."""
    lookup = Lookup(recommender, in_body=True, lenient=query.lenient)
    history = lookup.history(query.ratings)
    hidden = lookup.films(query.exclude, "exclude")
    scores = recommender.scores_of_visitor(*lookup.with_dislikes(history, query.not_interested))
    return home_answer(request, lookup, scores, history, hidden, query.limit).body


@personal.get("/users/{user_id}/films/{film_id}", responses=FORBIDDEN, response_model=responses.PersonalFilm)
async def film_for_user(request: Request, recommender: RecommenderDep, user: ReadableUser, film_id: str) -> bytes:
    """A film for a known user: predicted stars, how relevant it is, and why."""
    film = find_film(recommender, film_id)
    lookup = Lookup(recommender, in_body=False)
    return film_answer(request, lookup, recommender.scores_of_person(user), user.history, film)


@personal.post("/films/{film_id}", responses=NOT_FOUND | BODY, response_model=responses.PersonalFilm)
async def film_for_visitor(
    request: Request, recommender: RecommenderDep, film_id: str, query: requests.VisitorFilm
) -> bytes:
    """A film for a visitor, from the ratings in the body, which are not stored."""
    film = find_film(recommender, film_id)
    lookup = Lookup(recommender, in_body=True, lenient=query.lenient)
    history = lookup.history(query.ratings)
    others = [other for other in query.not_interested if other != film_id]
    scores = recommender.scores_of_visitor(*lookup.with_dislikes(history, others))
    return film_answer(request, lookup, scores, history, film)


class HomeAnswer(NamedTuple):
    """The films of a home, by index in their order, and the `responses.HomeOut`."""

    films: list[int]
    body: bytes


def home_answer(
    request: Request, lookup: Lookup, scores: Scores, history: History, hidden: Sequence[int], n: int
) -> HomeAnswer:
    """The home of a person, with up to n films on a shelf and no `hidden` ones."""
    request.state.candidates = len(scores.stars)  # a metric of function/logs.py
    recommender = lookup.recommender
    home = compose(recommender, scores, history, hidden=hidden, n=n)
    films = [*([] if home.hero is None else [home.hero]), *(film for shelf in home.shelves for film in shelf.films)]
    shown = iter(recommendation_fields(recommender, scores, films))
    hero = "null" if home.hero is None else f"{{{next(shown)}}}"
    shelves = (
        f'"kind":"{shelf.kind}",'
        f'"film":{"null" if shelf.film is None else film_object(recommender, shelf.film)},'
        f'"genre":{dumps(None if shelf.genre is None else recommender.bundle.genres[shelf.genre])},'
        f'"items":{array(islice(shown, len(shelf.films)))}'
        for shelf in home.shelves
    )
    release = recommender.bundle.manifest.release
    body = (
        f'{{"release":"{release}","hero":{hero},"shelves":{array(shelves)},"unknown_ids":{dumps(lookup.unknown_ids)}}}'
    )
    return HomeAnswer(films, body.encode())


def film_answer(request: Request, lookup: Lookup, scores: Scores, history: History, film: int) -> bytes:
    """A film for a person, and why: a `responses.PersonalFilm`."""
    request.state.candidates = len(scores.stars)
    (fields,) = recommendation_fields(lookup.recommender, scores, [film])
    why = explanation_fields(lookup.recommender, history, film)
    unknown_ids = dumps(lookup.unknown_ids)
    return f'{{{fields},{why},"percentile":{percentile(scores, film)},"unknown_ids":{unknown_ids}}}'.encode()
