"""Routes of ranked films for people: lists for a known user or a visitor, and scores of given candidates.

They are coroutines that never wait: a request is a millisecond of arithmetic, and a thread pool would only slow it
down.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, NamedTuple

from fastapi import Query, Request

from function.api import requests, responses
from function.api.access import ReadableUser, readable_user
from function.api.answers import explanation_fields, page, recommendation_fields
from function.api.cursor import Cursors
from function.api.dependencies import RecommenderDep, SettingsDep
from function.api.direct import PrivateRoute
from function.api.lookup import Lookup
from function.api.routing import BODY, FORBIDDEN, PAGES, router
from function.bundle.people import Person
from function.recommending.ratings import History, with_new
from function.recommending.recommender import Scores

recommendations = router("recommendations", PrivateRoute)
PAGE = responses.RecommendationsPage


@recommendations.get("/users/{user_id}/recommendations", responses=FORBIDDEN | PAGES, response_model=PAGE)
async def recommendations_for_user(
    request: Request,
    recommender: RecommenderDep,
    user: ReadableUser,
    query: Annotated[requests.RecommendationsQuery, Query()],
) -> bytes:
    """Recommendations for a known user, best first."""
    lookup = Lookup(recommender, in_body=False, lenient=query.lenient)
    scores = recommender.scores_of_person(user)
    return list_answer(request, lookup, query, scores, user.history, f"user {user.id}").body


@recommendations.post("/users/{user_id}/recommendations", responses=FORBIDDEN | BODY | PAGES, response_model=PAGE)
async def recommendations_for_user_with_ratings(
    request: Request, recommender: RecommenderDep, user: ReadableUser, query: requests.RatedQuery
) -> bytes:
    """Recommendations for a known user who has new ratings, which are not stored."""
    lookup = Lookup(recommender, in_body=True, lenient=query.lenient)
    history, scores = _of_person(lookup, user, lookup.history(query.ratings), query.not_interested)
    return list_answer(request, lookup, query, scores, history, f"user {user.id}").body


@recommendations.post("/recommendations", responses=BODY | PAGES, response_model=PAGE)
async def recommendations_for_visitor(
    request: Request, recommender: RecommenderDep, query: requests.RatedQuery
) -> bytes:
    """Recommendations for a visitor, from the ratings in the body, which are not stored."""
    lookup = Lookup(recommender, in_body=True, lenient=query.lenient)
    history, scores = _of_person(lookup, None, lookup.history(query.ratings), query.not_interested)
    return list_answer(request, lookup, query, scores, history, "visitor").body


@recommendations.post("/scores", responses=FORBIDDEN | BODY)
async def scores(
    request: Request,
    recommender: RecommenderDep,
    settings: SettingsDep,
    query: requests.ScoresQuery,
) -> responses.ScoresOut:
    """Score and rank given films for several people at once; nothing is filtered out, and nothing stored."""
    request.state.candidates = len(query.films) * len(query.people)  # a metric of function/logs.py
    lookup = Lookup(recommender, in_body=True, lenient=query.lenient)
    films = lookup.films(query.films, "films")
    people = []
    for position, person in enumerate(query.people):
        user = None if person.user_id is None else readable_user(recommender, settings, person.user_id)
        scores = _of_person(lookup, user, lookup.history(person.ratings, f"people/{position}/ratings"))[1]
        people.append(
            responses.PersonScores(
                items=[
                    responses.ScoreOut(
                        film_id=recommender.film(film).id,
                        stars=round(float(scores.stars[film]), 3),
                        relevance=float(scores.relevance[film]),
                        seen=bool(scores.seen[film]),
                    )
                    for film in recommender.rank(scores, films)
                ]
            )
        )
    return responses.ScoresOut(people=people, unknown_ids=lookup.unknown_ids)


def _of_person(
    lookup: Lookup, user: Person | None, new: History, not_interested: Sequence[str] = ()
) -> tuple[History, Scores]:
    """The history and scores of a visitor (`user` None) or a known user, with `new` ratings and dislikes."""
    recommender = lookup.recommender
    history = new if user is None else with_new(user.history, new)
    if user is not None and not len(new[0]) and not not_interested:
        return history, recommender.scores_of_person(user)
    return history, recommender.scores_of_visitor(*lookup.with_dislikes(history, not_interested))


class ListAnswer(NamedTuple):
    """The films of a page, by index, and the `responses.RecommendationsPage`."""

    films: list[int]
    body: bytes


def list_answer(
    request: Request,
    lookup: Lookup,
    query: requests.RecommendationsQuery,
    scores: Scores,
    history: History,
    person: str,
    hidden: Sequence[int] = (),
) -> ListAnswer:
    """A page of a person's list, without `hidden` films; `person` tells their cursors from others'."""
    request.state.candidates = len(scores.stars)  # a metric of function/logs.py
    recommender = lookup.recommender
    cursors = Cursors(recommender, person, query)
    filters = lookup.filters(query)
    if hidden:
        filters = replace(filters, exclude=(*filters.exclude, *hidden))
    found = recommender.recommend(
        scores,
        filters,
        sort=query.sort,
        personalisation=query.personalisation,
        diversity=query.diversity,
        include_seen=query.include_seen,
        start=cursors.start,
        n=query.limit,
    )
    items = recommendation_fields(recommender, scores, found.films)
    if query.reasons:
        reasons = (explanation_fields(recommender, history, film) for film in found.films)
        items = [f"{item},{why}" for item, why in zip(items, reasons, strict=True)]
    body = page(items, next_cursor=cursors.next(found), total=found.total, unknown_ids=lookup.unknown_ids)
    return ListAnswer(found.films, body)
