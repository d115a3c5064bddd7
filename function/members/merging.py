"""Many ratings at once, from a browser or from another service: merged with what is there, and undone if so wished.

A merge is one write, and so is its undoing. Of two ratings of a film the later one stays.
"""

import secrets
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from function.members.account import Account, Repeatable, Session
from function.members.documents import Draft, Json
from function.members.films import ALL_BUCKETS, Films, Mark

UNDO_SECONDS: Final = 7 * 86400
PREFIX: Final = "undo#"


class NoUndoError(Exception):
    """There is no such merge, or it is too old, or was undone."""


class Given(NamedTuple):
    """A rating to merge; `time` is None where it is not known."""

    film_id: str
    rating: float
    time: int | None


def merge(
    session: Session,
    ratings: Sequence[Given],
    to_watch: Sequence[str] = (),
    not_interested: Sequence[str] = (),
    *,
    once: Repeatable | None = None,
) -> Json:
    """Merge ratings and lists into the member's own; {"merged", "conflicts": [{"film_id", "kept", "other"}], "undo"}.

    `merged` counts what changed. `undo` is for `undo_merge`, None if nothing changed. A rating without a time
    gives way to one that is there. Raises FullError.
    """

    def work(draft: Draft, account: Account) -> Json:
        films = Films(draft, account)
        time = session.moment(None)
        before: dict[str, Any] = {}
        conflicts = []
        for given in ratings:
            there = films.get("rating", given.film_id)
            if there is not None and there.rating == given.rating:
                continue
            rated_at = session.moment(given.time)
            newer = there is None or (given.time is not None and rated_at > there.time)
            if there is not None:
                conflicts.append(_conflict(there, given, newer))
            if newer:
                before.setdefault(given.film_id, films.marks(given.film_id))
                films.set("rating", given.film_id, rated_at, given.rating)
        merged = len(before)
        for kind, ids in (("list", to_watch), ("not_interested", not_interested)):
            for film_id in ids:
                if films.get(kind, film_id) is None:  # type: ignore[arg-type]
                    before.setdefault(film_id, films.marks(film_id))
                    films.set(kind, film_id, time)  # type: ignore[arg-type]
                    merged += 1
        undo = secrets.token_urlsafe(12) if before else None
        if undo is not None:
            draft.put(PREFIX + undo, {"version": films.version, "before": before}, expires=time + UNDO_SECONDS)
        return {"merged": merged, "conflicts": conflicts, "undo": undo}

    return session.change(ALL_BUCKETS, work, once=once)


def undo_merge(session: Session, undo: str, *, once: Repeatable | None = None) -> Json:
    """Give the films of a merge the marks they had before: {"restored", "kept"}, numbers of films.

    Films that changed since are kept as they are. Raises NoUndoError.
    """
    name = PREFIX + undo

    def work(draft: Draft, account: Account) -> Json:
        record = draft.read(name)
        if not record:
            raise NoUndoError
        films = Films(draft, account)
        restored = 0
        for film_id, before in record["before"].items():
            versions = {mark[-1] for kind, mark in films.marks(film_id).items() if mark != before.get(kind)}
            if versions == {record["version"]} and not before.keys() - films.marks(film_id).keys():
                films.replace(film_id, before)
                restored += 1
        draft.delete(name)
        return {"restored": restored, "kept": len(record["before"]) - restored}

    return session.change([*ALL_BUCKETS, name], work, once=once)


def _conflict(there: Mark, given: Given, newer: bool) -> Json:
    stored = {"rating": there.rating, "rated_at": there.time}
    new = {"rating": given.rating, "rated_at": given.time}
    kept, other = (new, stored) if newer else (stored, new)
    return {"film_id": there.film_id, "kept": kept, "other": other}
