"""Routes of what a member says of films: ratings, the watch list, and films they are not interested in."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Request, Response

from function.api.dependencies import RecommenderDep
from function.api.lookup import find_film
from function.api.members import requests, responses
from function.api.members.access import CHANGES, STALE, ExpectedDep, OnceDep, SessionDep, kept
from function.api.members.pages import BODY, PAGES, UNCHANGED, page_of, router, tagged, unchanged
from function.api.problems import Detail, Problem
from function.api.routing import NO_STORE, NOT_FOUND
from function.members.account import Repeatable, Session
from function.members.documents import decode
from function.members.films import (
    MAX_MARKS,
    FullError,
    Kind,
    Mark,
    StaleError,
    bucket,
    mark_of,
    read_films,
    remove_mark,
    set_mark,
)
from function.recommending.ratings import off_scale
from function.recommending.recommender import Recommender

films = router()


@films.get("/ratings", responses=PAGES | UNCHANGED)
async def ratings(
    request: Request, session: SessionDep, response: Response, query: Annotated[requests.KeptQuery, Query()]
) -> responses.RatingsPage:
    """The ratings, the latest first."""
    tag = f"{(await kept(session.account)).version}"
    if same := unchanged(request, tag):
        return same  # type: ignore[return-value]
    page, cursor = page_of((await kept(read_films, session)).rating, query.limit, query.cursor)
    tagged(response, tag)
    return responses.RatingsPage(items=[_rating(mark) for mark in page], next_cursor=cursor)


@films.get("/ratings/{film_id}", responses=NOT_FOUND | UNCHANGED)
async def rating(request: Request, session: SessionDep, response: Response, film_id: str) -> responses.RatingOut:
    """The rating of one film."""
    await kept(session.account)
    found = await kept(_mark, session, "rating", film_id)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"You have not rated film {film_id[:100]!r}.")
    if same := unchanged(request, f"{found.version}"):
        return same  # type: ignore[return-value]
    tagged(response, f"{found.version}")
    return _rating(found)


@films.put("/ratings/{film_id}", responses=NOT_FOUND | STALE | CHANGES | BODY)
async def rate(
    session: SessionDep,
    recommender: RecommenderDep,
    expected: ExpectedDep,
    once: OnceDep,
    response: Response,
    film_id: str,
    asked: requests.NewRating,
) -> responses.RatingOut:
    """Rate a film, or rate it anew."""
    find_film(recommender, film_id)
    check_scale(recommender, asked.rating, "/rating")
    mark = await _set(session, "rating", film_id, expected, once, asked.rating, asked.rated_at)
    tagged(response, f"{mark.version}")
    return _rating(mark)


@films.delete("/ratings/{film_id}", status_code=HTTPStatus.NO_CONTENT, responses=STALE | CHANGES)
async def unrate(session: SessionDep, expected: ExpectedDep, once: OnceDep, response: Response, film_id: str) -> None:
    """Take a rating back; also one of a film that is no longer in the catalogue."""
    await _remove(session, "rating", film_id, expected, once, response)


@films.get("/list", responses=PAGES | UNCHANGED)
async def watch_list(
    request: Request, session: SessionDep, response: Response, query: Annotated[requests.KeptQuery, Query()]
) -> responses.EntriesPage:
    """The watch list, the latest first."""
    return await _entries("list", request, session, response, query)


@films.put("/list/{film_id}", responses=NOT_FOUND | STALE | CHANGES)
async def to_watch(
    session: SessionDep,
    recommender: RecommenderDep,
    expected: ExpectedDep,
    once: OnceDep,
    response: Response,
    film_id: str,
) -> responses.EntryOut:
    """Put a film on the watch list."""
    find_film(recommender, film_id)
    return await _enter(session, "list", film_id, expected, once, response)


@films.delete("/list/{film_id}", status_code=HTTPStatus.NO_CONTENT, responses=STALE | CHANGES)
async def not_to_watch(
    session: SessionDep, expected: ExpectedDep, once: OnceDep, response: Response, film_id: str
) -> None:
    """Take a film off the watch list."""
    await _remove(session, "list", film_id, expected, once, response)


@films.get("/not-interested", responses=PAGES | UNCHANGED)
async def not_interested(
    request: Request, session: SessionDep, response: Response, query: Annotated[requests.KeptQuery, Query()]
) -> responses.EntriesPage:
    """The films that are not recommended because the member is not interested in them, the latest first."""
    return await _entries("not_interested", request, session, response, query)


@films.put("/not-interested/{film_id}", responses=NOT_FOUND | STALE | CHANGES)
async def lose_interest(
    session: SessionDep,
    recommender: RecommenderDep,
    expected: ExpectedDep,
    once: OnceDep,
    response: Response,
    film_id: str,
) -> responses.EntryOut:
    """Do not recommend a film any more."""
    find_film(recommender, film_id)
    return await _enter(session, "not_interested", film_id, expected, once, response)


@films.delete("/not-interested/{film_id}", status_code=HTTPStatus.NO_CONTENT, responses=STALE | CHANGES)
async def regain_interest(
    session: SessionDep, expected: ExpectedDep, once: OnceDep, response: Response, film_id: str
) -> None:
    """Recommend a film again."""
    await _remove(session, "not_interested", film_id, expected, once, response)


def check_scale(recommender: Recommender, rating: float, pointer: str) -> None:
    """Raises Problem 422."""
    if detail := off_scale(rating, recommender.bundle.manifest.model.scale):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{pointer}: {detail}", [Detail(pointer=pointer, detail=detail)])


def full() -> Problem:
    """422: the member has as many as can be kept."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"At most {MAX_MARKS} of a kind can be kept. Delete some first.")


async def _set(
    session: Session,
    kind: Kind,
    film_id: str,
    expected: int | None,
    once: Repeatable | None,
    rating: float | None = None,
    time: int | None = None,
) -> Mark:
    try:
        return await kept(set_mark, session, kind, film_id, rating=rating, time=time, expected=expected, once=once)
    except StaleError as error:
        raise _stale(error) from error
    except FullError as error:
        raise full() from error


async def _enter(
    session: Session, kind: Kind, film_id: str, expected: int | None, once: Repeatable | None, response: Response
) -> responses.EntryOut:
    mark = await _set(session, kind, film_id, expected, once)
    tagged(response, f"{mark.version}")
    return _entry(mark)


async def _remove(
    session: Session, kind: Kind, film_id: str, expected: int | None, once: Repeatable | None, response: Response
) -> None:
    response.headers["cache-control"] = NO_STORE
    try:
        await kept(remove_mark, session, kind, film_id, expected=expected, once=once)
    except StaleError as error:
        raise _stale(error) from error


async def _entries(
    kind: Kind, request: Request, session: Session, response: Response, query: requests.KeptQuery
) -> responses.EntriesPage:
    tag = f"{(await kept(session.account)).version}"
    if same := unchanged(request, tag):
        return same  # type: ignore[return-value]
    page, cursor = page_of(getattr(await kept(read_films, session), kind), query.limit, query.cursor)
    tagged(response, tag)
    return responses.EntriesPage(items=[_entry(mark) for mark in page], next_cursor=cursor)


def _mark(session: Session, kind: Kind, film_id: str) -> Mark | None:
    for document in session.store.get(session.member.id, [bucket(film_id)]).values():
        return mark_of(kind, film_id, decode(document).get(film_id, {}))
    return None


def _rating(mark: Mark) -> responses.RatingOut:
    assert mark.rating is not None  # noqa: S101  (ratings have one)
    return responses.RatingOut(film_id=mark.film_id, rating=mark.rating, rated_at=mark.time, version=mark.version)


def _entry(mark: Mark) -> responses.EntryOut:
    return responses.EntryOut(film_id=mark.film_id, added_at=mark.time, version=mark.version)


def _stale(error: StaleError) -> Problem:
    current = error.current
    if current is None:
        return Problem(HTTPStatus.PRECONDITION_FAILED, "There is none any more. Send it without If-Match to add it.")
    shown = (_entry(current) if current.rating is None else _rating(current)).model_dump()
    detail = f"It was changed meanwhile, to version {current.version}. Look at `current`, and send that in If-Match."
    return Problem(HTTPStatus.PRECONDITION_FAILED, detail, current=shown)
