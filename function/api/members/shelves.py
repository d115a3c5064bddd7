"""Routes of saved shelves: the films as they were, and what they would be today."""

from http import HTTPStatus

from fastapi import Request, Response

from function.api import requests as visitors
from function.api import responses as common
from function.api.dependencies import RecommenderDep
from function.api.lookup import Lookup
from function.api.members import requests, responses
from function.api.members.access import CHANGES, STALE, ExpectedDep, OnceDep, SessionDep, kept
from function.api.members.pages import BODY, UNCHANGED, router, tagged, unchanged
from function.api.members.taste import taste_of
from function.api.problems import Problem
from function.api.recommendations import list_answer
from function.api.routing import NO_STORE, PROBLEM, Responses
from function.members import shelves as stored
from function.members.account import Session
from function.members.documents import Json
from function.recommending.recommender import Recommender

shelves = router()
NO_SHELF: Responses = {404: {**PROBLEM, "description": "No such shelf"}}


@shelves.get("/shelves", responses=UNCHANGED)
async def saved_shelves(request: Request, session: SessionDep, response: Response) -> responses.Shelves:
    """All saved shelves, the latest first, with the films as they were."""
    tag = f"{(await kept(session.account)).version}"
    if same := unchanged(request, tag):
        return same  # type: ignore[return-value]
    tagged(response, tag)
    return responses.Shelves(items=[responses.ShelfOut(**one) for one in await kept(stored.shelves, session)])


@shelves.post("/shelves", status_code=HTTPStatus.CREATED, responses=CHANGES | BODY)
async def save_shelf(
    request: Request,
    session: SessionDep,
    recommender: RecommenderDep,
    once: OnceDep,
    response: Response,
    asked: requests.NewShelf,
) -> responses.ShelfOut:
    """Save the member's list with these filters under a name, as it is now."""
    films = await _films(request, session, recommender, asked.filters)
    release = recommender.bundle.manifest.release
    filters = asked.filters.model_dump(exclude_defaults=True)
    saved = stored.Saved(asked.name, filters, release, [film.model_dump() for film in films])
    try:
        shelf = await kept(stored.add_shelf, session, saved, once=once)
    except stored.TooManyShelvesError as error:
        detail = f"At most {stored.MAX_SHELVES} shelves can be saved. Delete one first."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail) from error
    response.headers["location"] = f"/api/me/shelves/{shelf['id']}"
    return _answer(response, shelf)


@shelves.get("/shelves/{shelf_id}", responses=NO_SHELF | UNCHANGED)
async def saved_shelf(request: Request, session: SessionDep, response: Response, shelf_id: str) -> responses.ShelfOut:
    """A saved shelf, with the films as they were."""
    shelf = await _shelf(session, shelf_id)
    if same := unchanged(request, f"{shelf['version']}"):
        return same  # type: ignore[return-value]
    return _answer(response, shelf)


@shelves.put("/shelves/{shelf_id}", responses=NO_SHELF | STALE | CHANGES | BODY)
async def rename_shelf(
    session: SessionDep,
    expected: ExpectedDep,
    once: OnceDep,
    response: Response,
    shelf_id: str,
    asked: requests.RenamedShelf,
) -> responses.ShelfOut:
    """Give a saved shelf another name."""
    try:
        shelf = await kept(stored.rename_shelf, session, shelf_id, asked.name, expected=expected, once=once)
    except stored.NoShelfError as error:
        raise _no_shelf(shelf_id) from error
    except stored.StaleShelfError as error:
        raise _stale(error) from error
    return _answer(response, shelf)


@shelves.delete("/shelves/{shelf_id}", status_code=HTTPStatus.NO_CONTENT, responses=NO_SHELF | STALE | CHANGES)
async def delete_shelf(
    session: SessionDep, expected: ExpectedDep, once: OnceDep, response: Response, shelf_id: str
) -> None:
    """Delete a saved shelf."""
    response.headers["cache-control"] = NO_STORE
    try:
        await kept(stored.delete_shelf, session, shelf_id, expected=expected, once=once)
    except stored.NoShelfError as error:
        raise _no_shelf(shelf_id) from error
    except stored.StaleShelfError as error:
        raise _stale(error) from error


@shelves.get("/shelves/{shelf_id}/today", responses=NO_SHELF)
async def shelf_today(
    request: Request, session: SessionDep, recommender: RecommenderDep, response: Response, shelf_id: str
) -> responses.ShelfToday:
    """What a saved shelf would be today: its filters, on the present release and ratings."""
    response.headers["cache-control"] = NO_STORE
    shelf = await _shelf(session, shelf_id)
    filters = requests.ShelfFilters(**{**shelf["filters"], "lenient": True})  # films may have left the catalogue
    known = {
        field: [name for name in getattr(filters, field) if name in recommender.genre_index]
        for field in ("genres", "exclude_genres")
    }
    films = await _films(request, session, recommender, filters.model_copy(update=known))
    before = {film["id"] for film in shelf["films"]}
    return responses.ShelfToday(
        release=recommender.bundle.manifest.release,
        films=films,
        new_ids=[film.id for film in films if film.id not in before],
    )


async def _films(
    request: Request, session: Session, recommender: Recommender, filters: requests.ShelfFilters
) -> list[common.RecommendationOut]:
    taste = await taste_of(session, recommender)
    query = visitors.RecommendationsQuery(**filters.model_dump())
    lookup = Lookup(recommender, in_body=True, lenient=filters.lenient, within="/filters")
    scores = taste.scores(recommender)
    listed = list_answer(request, lookup, query, scores, taste.history, "shelf", taste.hidden)
    return common.RecommendationsPage.model_validate_json(listed.body).items


async def _shelf(session: Session, shelf_id: str) -> Json:
    await kept(session.account)
    try:
        return await kept(stored.shelf, session, shelf_id[:100])
    except stored.NoShelfError as error:
        raise _no_shelf(shelf_id) from error


def _answer(response: Response, shelf: Json) -> responses.ShelfOut:
    tagged(response, f"{shelf['version']}")
    return responses.ShelfOut(**shelf)


def _no_shelf(shelf_id: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, f"You have no shelf {shelf_id[:100]!r}. GET /api/me/shelves lists yours.")


def _stale(error: stored.StaleShelfError) -> Problem:
    shelf = responses.ShelfOut(**error.current).model_dump()
    detail = f"It was changed meanwhile, to version {shelf['version']}. Look at `current`, and send that in If-Match."
    return Problem(HTTPStatus.PRECONDITION_FAILED, detail, current=shelf)
