"""Cursors: where the next page begins, opaque to the caller, good for one query on one release."""

import base64
import hashlib
import json
from http import HTTPStatus
from typing import Any

from function.api.problems import Detail, Problem


def query_hash(query: dict[str, Any]) -> str:
    """Tells queries apart: a hash over everything but the page that is asked for."""
    asked = {name: value for name, value in query.items() if name not in ("cursor", "n", "limit")}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]


def encode_cursor(release: str, query: str, start: int) -> str:
    """`query` is a `query_hash`; `start` the place of the next page's first film."""
    return base64.urlsafe_b64encode(f"{release}.{query}.{start}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, release: str, query: str) -> int:
    """The place a page begins at; None begins at 0.

    Raises Problem: 400 where it is no cursor or one of another query, 410 where it is of another release.
    """
    if cursor is None:
        return 0
    try:
        made_for, asked, place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split(".")
        start = int(place)
        if not 0 <= start < 1 << 31:
            raise ValueError
    except ValueError:
        raise _problem(HTTPStatus.BAD_REQUEST, "this is not a cursor; take next_cursor as it is") from None
    if made_for != release:
        raise _problem(HTTPStatus.GONE, "there is a new release since that page; begin again without a cursor")
    if asked != query:
        raise _problem(HTTPStatus.BAD_REQUEST, "this cursor belongs to another query; begin again without a cursor")
    return start


def _problem(status: HTTPStatus, detail: str) -> Problem:
    return Problem(status, f"cursor: {detail}", [Detail(parameter="cursor", detail=detail)])
