"""Documents as JSON: what the domain works on, and how one change of several documents becomes one write.

Every change of a member's data also moves the version of their account, so a member's changes have one order, and an
entity tag is a number. All of it is one write: nothing is ever half done.
"""

import json
import random
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from function.members.store import BusyError, Change, ConflictError, Document, Store

Json = dict[str, Any]
T = TypeVar("T")

ACCOUNT: Final = "account"
_ATTEMPTS: Final = 8  # at a change that other devices of the same member disturb


def encode(content: Json) -> bytes:
    return zlib.compress(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode())


def decode(document: Document) -> Json:
    content: Json = json.loads(zlib.decompress(document.value))
    return content


@dataclass
class Draft:
    """Documents of one member as they were read, and what is to become of them."""

    found: dict[str, Document]
    _contents: dict[str, Json] = field(default_factory=dict)
    _changes: dict[str, Change] = field(default_factory=dict)

    def read(self, name: str) -> Json:
        """The content of a document, {} if there is none. Alter it and `put` it."""
        if name not in self._contents:
            self._contents[name] = decode(self.found[name]) if name in self.found else {}
        return self._contents[name]

    def put(self, name: str, content: Json, *, expires: int | None = None) -> None:
        self._contents[name] = content
        self._changes[name] = Change(name, self._version(name), encode(content), expires)

    def delete(self, name: str) -> None:
        if name in self.found:
            self._changes[name] = Change(name, self._version(name))

    @property
    def changes(self) -> Sequence[Change]:
        return list(self._changes.values())

    def _version(self, name: str) -> int:
        return self.found[name].version if name in self.found else 0


def change(store: Store, member: str, names: Sequence[str], work: Callable[[Draft], T]) -> T:
    """Read the documents `names`, let `work` alter them, and write what it altered; again if somebody else was faster.

    `work` may be called several times. Raises BusyError if the store does not answer, or others never stop writing.
    """
    for attempt in range(_ATTEMPTS):
        draft = Draft(store.get(member, names))
        result = work(draft)
        try:
            if draft.changes:
                store.write(member, draft.changes)
            return result
        except ConflictError:
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311  (no secret)
    raise BusyError(f"others changed the same documents {_ATTEMPTS} times")


def read_all(store: Store, member: str, prefix: str) -> list[tuple[str, Json]]:
    """The documents whose names begin with `prefix`, by rising name."""
    found: list[tuple[str, Json]] = []
    after: str | None = None
    while True:
        page = store.query(member, prefix, limit=1000, after=after)
        found += [(document.name, decode(document)) for document in page.documents]
        if (after := page.after) is None:
            return found
