"""Saved shelves: a name, filters, and the films as they were when it was saved."""

import secrets
from typing import Final, NamedTuple

from function.members.account import Account, Repeatable, Session
from function.members.documents import Draft, Json, decode, read_all

MAX_SHELVES: Final = 100
PREFIX: Final = "shelf#"


class NoShelfError(Exception):
    """The member has no such shelf."""


class TooManyShelvesError(Exception):
    """The member has MAX_SHELVES already."""


class StaleShelfError(Exception):
    """The shelf has another version than the one asked for; `current` is what there is."""

    def __init__(self, current: Json) -> None:
        super().__init__("stale")
        self.current = current


class Saved(NamedTuple):
    """What a new shelf holds: `films` as they are shown, in `release`."""

    name: str
    filters: Json
    release: str
    films: list[Json]


def add_shelf(session: Session, saved: Saved, *, once: Repeatable | None = None) -> Json:
    """The new shelf, with its `id`. Raises TooManyShelvesError."""
    shelf_id = secrets.token_urlsafe(9)
    name = PREFIX + shelf_id

    def work(draft: Draft, account: Account) -> Json:
        if account.counted("shelf") >= MAX_SHELVES:
            raise TooManyShelvesError
        account.count("shelf", 1)
        facts = {"id": shelf_id, "created": int(session.clock()), "version": account.version + 1}
        draft.put(name, {**saved._asdict(), **facts})
        return draft.read(name)

    return session.change([name], work, once=once)


def shelves(session: Session) -> list[Json]:
    """All shelves, the latest first."""
    found = [content for _, content in read_all(session.store, session.member.id, PREFIX)]
    return sorted(found, key=lambda shelf: (-shelf["created"], shelf["id"]))


def shelf(session: Session, shelf_id: str) -> Json:
    """Raises NoShelfError."""
    found = session.store.get(session.member.id, [PREFIX + shelf_id])
    for document in found.values():
        return decode(document)
    raise NoShelfError


def rename_shelf(
    session: Session, shelf_id: str, name: str, *, expected: int | None = None, once: Repeatable | None = None
) -> Json:
    """The shelf under its new name. Raises NoShelfError, StaleShelfError."""

    def work(draft: Draft, account: Account) -> Json:
        content = _expected(draft, shelf_id, expected)
        draft.put(PREFIX + shelf_id, {**content, "name": name, "version": account.version + 1})
        return draft.read(PREFIX + shelf_id)

    return session.change([PREFIX + shelf_id], work, once=once)


def delete_shelf(
    session: Session, shelf_id: str, *, expected: int | None = None, once: Repeatable | None = None
) -> None:
    """Raises NoShelfError, StaleShelfError."""

    def work(draft: Draft, account: Account) -> None:
        _expected(draft, shelf_id, expected)
        draft.delete(PREFIX + shelf_id)
        account.count("shelf", -1)

    session.change([PREFIX + shelf_id], work, once=once)


def _expected(draft: Draft, shelf_id: str, version: int | None) -> Json:
    content = draft.read(PREFIX + shelf_id)
    if not content:
        raise NoShelfError
    if version is not None and version != content["version"]:
        raise StaleShelfError(content)
    return content
