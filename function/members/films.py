"""What a member says of films: ratings, the watch list, and what they are not interested in.

The marks of a film are in one of BUCKETS documents, by a hash of its id, so that even a merge of thousands of ratings
is one write. A rating is [stars, time, version], an entry of a list [time, version]; the version is the account's.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from function.members.account import Account, Repeatable, Session
from function.members.documents import Draft, Json, read_all

Kind = Literal["rating", "list", "not_interested"]
KINDS: Final[tuple[Kind, ...]] = ("rating", "list", "not_interested")

BUCKETS: Final = 64
MAX_MARKS: Final = 20_000  # of each kind
PREFIX: Final = "films#"

Marks = dict[str, list[Any]]
"""The marks of one film, by kind."""


class StaleError(Exception):
    """The mark has another version than the one asked for. `current` is what there is, None if there is none."""

    def __init__(self, current: "Mark | None") -> None:
        super().__init__("stale")
        self.current = current


class FullError(Exception):
    """The member has MAX_MARKS of a kind already."""


class Mark(NamedTuple):
    """A mark of a film; `rating` is None but for ratings."""

    film_id: str
    rating: float | None
    time: int
    version: int


def bucket(film_id: str) -> str:
    """The name of the document that has the marks of a film."""
    return f"{PREFIX}{zlib.crc32(film_id.encode()) % BUCKETS:02d}"


ALL_BUCKETS: Final = tuple(f"{PREFIX}{number:02d}" for number in range(BUCKETS))


def mark_of(kind: Kind, film_id: str, marks: Mapping[str, list[Any]]) -> Mark | None:
    if kind not in marks:
        return None
    *rating, time, version = marks[kind]
    return Mark(film_id, rating[0] if rating else None, time, version)


class Films:
    """The marks in a draft, whose account counts them."""

    def __init__(self, draft: Draft, account: Account) -> None:
        self._draft = draft
        self._account = account
        self.version = account.version + 1  # of what is written now

    def get(self, kind: Kind, film_id: str) -> Mark | None:
        return mark_of(kind, film_id, self.marks(film_id))

    def marks(self, film_id: str) -> Marks:
        """All marks of a film; {} if it has none."""
        marks: Marks = self._draft.read(bucket(film_id)).get(film_id, {})
        return marks

    def set(self, kind: Kind, film_id: str, time: int, rating: float | None = None) -> Mark:
        """Raises FullError."""
        new = [time, self.version] if rating is None else [rating, time, self.version]
        self.replace(film_id, {**self.marks(film_id), kind: new})
        if self._account.counted(kind) > MAX_MARKS:
            raise FullError
        return Mark(film_id, rating, time, self.version)

    def remove(self, kind: Kind, film_id: str) -> None:
        self.replace(film_id, {other: mark for other, mark in self.marks(film_id).items() if other != kind})

    def replace(self, film_id: str, marks: Mapping[str, list[Any]]) -> None:
        """Give a film these marks and no others."""
        name = bucket(film_id)
        content = self._draft.read(name)
        before = content.pop(film_id, {})
        if marks:
            content[film_id] = dict(marks)
        self._draft.put(name, content)
        for kind in KINDS:
            self._account.count(kind, (kind in marks) - (kind in before))


def set_mark(
    session: Session,
    kind: Kind,
    film_id: str,
    *,
    rating: float | None = None,
    time: int | None = None,
    expected: int | None = None,
    once: Repeatable | None = None,
) -> Mark:
    """Rate a film, or put it on a list. Raises StaleError if `expected` is given and not the version, FullError."""

    def work(draft: Draft, account: Account) -> list[Any]:
        films = Films(draft, account)
        _expect(films.get(kind, film_id), expected)
        return list(films.set(kind, film_id, session.moment(time), rating))

    return Mark(*session.change([bucket(film_id)], work, once=once))


def remove_mark(
    session: Session, kind: Kind, film_id: str, *, expected: int | None = None, once: Repeatable | None = None
) -> None:
    """Take a mark away; nothing happens if there is none. Raises StaleError."""

    def work(draft: Draft, account: Account) -> None:
        films = Films(draft, account)
        current = films.get(kind, film_id)
        _expect(current, expected)
        if current is not None:
            films.remove(kind, film_id)

    session.change([bucket(film_id)], work, once=once)


def _expect(current: Mark | None, expected: int | None) -> None:
    if expected is not None and expected != (current.version if current else 0):
        raise StaleError(current)


class Everything(NamedTuple):
    """All marks of a member, each kind with the latest first."""

    rating: Sequence[Mark]
    list: Sequence[Mark]
    not_interested: Sequence[Mark]


def read_films(session: Session) -> Everything:
    """All marks of a member."""
    buckets = (content for _, content in read_all(session.store, session.member.id, PREFIX))
    return marks_in(buckets)


def marks_in(buckets: Iterable[Json]) -> Everything:
    """The marks in these documents."""
    films = [(film_id, marks) for content in buckets for film_id, marks in content.items()]
    sorted_kinds = []
    for kind in KINDS:
        found = [mark for film_id, marks in films if (mark := mark_of(kind, film_id, marks)) is not None]
        sorted_kinds.append(sorted(found, key=latest_first))
    return Everything(*sorted_kinds)


def latest_first(mark: Mark) -> tuple[int, str]:
    """The order of lists; unique, so that a page can begin after a mark."""
    return (-mark.time, mark.film_id)
