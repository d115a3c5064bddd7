"""Pages, entity tags and the router of what is kept."""

import base64
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from function.api import routing
from function.api.members.access import MEMBER
from function.api.problems import Detail, Problem
from function.api.routing import NO_STORE, PROBLEM, Responses
from function.members.films import Mark, latest_first

PAGES: Final[Responses] = {400: {**PROBLEM, "description": "The cursor cannot be read"}}
UNCHANGED: Final[Responses] = {304: {"description": "Nothing has changed since the tag in If-None-Match"}}
BODY: Final[Responses] = {
    400: {**PROBLEM, "description": "The body cannot be read"},
    413: {**PROBLEM, "description": "The body is too large"},
}


def router(tag: str = "members") -> APIRouter:
    """A router below /api/me, whose operations need a token."""
    return routing.router(tag, prefix="/api/me", responses=MEMBER)


def tagged(response: Response, tag: str) -> Response:
    """The `response` with its tag. It is the caller's alone, and nothing between may keep it."""
    response.headers["etag"] = f'"{tag}"'
    response.headers["cache-control"] = NO_STORE
    return response


def unchanged(request: Request, tag: str) -> Response | None:
    """304, if the caller has the answer with this tag."""
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if f'"{tag}"' not in known and "*" not in known:
        return None
    return tagged(Response(status_code=HTTPStatus.NOT_MODIFIED), tag)


def page_of(marks: Sequence[Mark], limit: int, cursor: str | None) -> tuple[Sequence[Mark], str | None]:
    """Marks after the cursor, at most `limit`, and the next cursor: the last mark's place, whatever comes or goes.

    Raises Problem 400.
    """
    if cursor is not None:
        try:
            time, film_id = decode_cursor(cursor)
            after = (-int(time), str(film_id))
        except (TypeError, ValueError) as error:
            raise bad_cursor() from error
        marks = [mark for mark in marks if latest_first(mark) > after]
    page = marks[:limit]
    more = len(marks) > limit
    return page, encode_cursor([page[-1].time, page[-1].film_id]) if more else None


def encode_cursor(place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> Any:
    """Raises Problem 400."""
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise bad_cursor() from error


def bad_cursor() -> Problem:
    detail = "this is not a cursor; pass next_cursor unchanged"
    return Problem(HTTPStatus.BAD_REQUEST, f"cursor: {detail}", [Detail(parameter="cursor", detail=detail)])
