"""Cursors: the offset of the next page, opaque to the caller and valid for one query on one release."""

import base64
import hashlib
from http import HTTPStatus
from typing import Protocol

from function.api.problems import Detail, Problem
from function.recommending.recommender import Page, Recommender


class Paged(Protocol):
    """A query with a page: a model of function/api/requests.py."""

    @property
    def cursor(self) -> str | None: ...

    def model_dump_json(self, *, exclude: set[str]) -> str: ...


class Cursors:
    """The cursors of one query on the served release; `start` is where its page begins.

    `about` tells apart what the query itself does not: the route, and the person.

    Raises Problem as `decode_cursor` does.
    """

    def __init__(self, recommender: Recommender, about: str, query: Paged) -> None:
        self._release = recommender.bundle.manifest.release
        self._query = query_hash(about, query)
        self.start = decode_cursor(query.cursor, self._release, self._query)

    def next(self, page: Page) -> str | None:
        """The cursor of the page after `page`; None at the end."""
        end = self.start + len(page.films)
        return encode_cursor(self._release, self._query, end) if page.films and end < page.total else None


def query_hash(about: str, query: Paged) -> str:
    """A hash over a query without its page."""
    asked = query.model_dump_json(exclude={"cursor", "limit"})
    return hashlib.sha256(f"{about} {asked}".encode()).hexdigest()[:12]


def encode_cursor(release: str, query: str, start: int) -> str:
    """`query` is a `query_hash`; `start` is the offset of the next page's first film."""
    return base64.urlsafe_b64encode(f"{release}.{query}.{start}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, release: str, query: str) -> int:
    """The offset at which a page starts; 0 without a cursor.

    Raises Problem: 400 if it is not a cursor or belongs to another query, 410 if it belongs to another release.
    """
    if cursor is None:
        return 0
    try:
        made_for, asked, offset = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split(".")
        start = int(offset)
        if not 0 <= start < 1 << 31:
            raise ValueError
    except ValueError:
        raise _problem(HTTPStatus.BAD_REQUEST, "this is not a cursor; pass next_cursor unchanged") from None
    if made_for != release:
        raise _problem(HTTPStatus.GONE, "there is a new release since that page; start again without a cursor")
    if asked != query:
        raise _problem(HTTPStatus.BAD_REQUEST, "this cursor belongs to another query; start again without a cursor")
    return start


def _problem(status: HTTPStatus, detail: str) -> Problem:
    return Problem(status, f"cursor: {detail}", [Detail(parameter="cursor", detail=detail)])
