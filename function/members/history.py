"""What was shown to a member, which is forgotten after KEEP_SECONDS."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from function.members.account import Session
from function.members.documents import ACCOUNT, Json, decode, encode
from function.members.store import BusyError, Change, ConflictError

KEEP_SECONDS: Final = 90 * 86400
PREFIX: Final = "history#"
_DAY: Final = 86400


def remember(session: Session, kind: str, release: str, film_ids: Sequence[str]) -> None:
    """Keep that these films were shown; the same ones once a day. What cannot be written now is not kept."""
    time = int(session.clock())
    digest = hashlib.sha256("\n".join((kind, release, *film_ids)).encode()).hexdigest()[:12]
    name = f"{PREFIX}{99_999 - time // _DAY:05d}#{digest}"  # the latest day first
    with suppress(BusyError, ConflictError):
        found = session.store.get(session.member.id, [ACCOUNT, name])
        if name in found:
            return
        # With the account unchanged: after it was deleted, nothing may be written.
        head = Change(ACCOUNT, found[ACCOUNT].version if ACCOUNT in found else 0, check=True)
        shown = {"shown_at": time, "kind": kind, "release": release, "film_ids": list(film_ids)}
        session.store.write(session.member.id, [head, Change(name, 0, encode(shown), time + KEEP_SECONDS)])


def shown(session: Session, *, limit: int, after: str | None) -> tuple[list[Json], str | None]:
    """A page of what was shown, the latest day first, and what the next page comes `after`."""
    page = session.store.query(session.member.id, PREFIX, limit=limit, after=after)
    return [decode(document) for document in page.documents], page.after
