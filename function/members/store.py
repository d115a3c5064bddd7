"""Where members' data is kept: small versioned documents, written all together or not at all.

A partition has the documents of one member, by name. Two backends keep to this protocol: SQLite on this machine and
DynamoDB in AWS. One suite of tests runs on both (tests/unit/function/members/test_store.py).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

MAX_DOCUMENTS: Final = 100  # in one read by name, and in one write (both are DynamoDB's limits)
MAX_VALUE: Final = 350_000  # bytes of a document; DynamoDB's limit is 400 KB with its names


class StoreError(Exception):
    """The store cannot be opened, or was used against its limits. The message says how to fix it."""


class ConflictError(Exception):
    """A document is not of the expected version: somebody else wrote it since it was read. Nothing was written."""


class BusyError(Exception):
    """The store does not answer in time. A write may or may not have happened, as a whole; try it again."""


class Document(NamedTuple):
    """A document as it is stored. `version` counts its writes, from 1."""

    name: str
    version: int
    value: bytes


@dataclass(frozen=True)
class Change:
    """A document to write, to delete (`value` None), or only to check (`check`).

    `version` is that of the document that was read, 0 if there was none. `expires` is a time in seconds since 1970,
    after which nobody sees the document; None is never.
    """

    name: str
    version: int
    value: bytes | None = None
    expires: int | None = None
    check: bool = False


class Page(NamedTuple):
    """Documents by rising name, and the name after which the next page begins; None at the end."""

    documents: list[Document]
    after: str | None


class Store(Protocol):
    """All methods raise BusyError. Reads see every write that was acknowledged before them."""

    def get(self, partition: str, names: Sequence[str]) -> dict[str, Document]:
        """The documents that exist, by name; each is whole, but they may be of different moments."""

    def query(self, partition: str, prefix: str, *, limit: int, after: str | None = None) -> Page:
        """Documents whose names begin with `prefix`, by rising name: at most `limit`, of those after `after`."""

    def write(self, partition: str, changes: Sequence[Change]) -> None:
        """Carry out all changes or none. Raises ConflictError if one of them has another version than the store."""

    def scan(self) -> Iterator[tuple[str, Document]]:
        """Every document with its partition, in no order; for training and for tests."""


Clock = Callable[[], float]
now: Clock = time.time


def check_limits(changes: Sequence[Change]) -> None:
    """Raises StoreError if DynamoDB would refuse the changes, so that both backends refuse the same."""
    if not 0 < len(changes) <= MAX_DOCUMENTS:
        raise StoreError(f"{len(changes)} changes in one write; the store takes 1 to {MAX_DOCUMENTS}.")
    if len({change.name for change in changes}) < len(changes):
        raise StoreError("One write names a document twice.")
    for change in changes:
        if change.value is not None and len(change.value) > MAX_VALUE:
            raise StoreError(f"{change.name}: {len(change.value)} bytes; a document has at most {MAX_VALUE}.")
