"""A member's account: the head of all their documents.

The account counts what the member keeps, and its version rises with every change. Deleting an account turns it into a
tombstone, which is one write; what the tombstone hides is erased afterwards, and again if that was interrupted.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from function.members.documents import ACCOUNT, Draft, Json, change, decode, encode
from function.members.store import MAX_DOCUMENTS, Change, Clock, ConflictError, Store, now

T = TypeVar("T")

CHANGES_PER_MINUTE: Final = 600
KEY_SECONDS: Final = 7 * 86400  # how long a repeated request is recognised: a queue that was offline for a week
TOMBSTONE_SECONDS: Final = 365 * 86400
MAX_KEY: Final = 100  # characters of an Idempotency-Key


class DeletedError(Exception):
    """The account was deleted after this token was issued."""


class UnerasedError(Exception):
    """The account was deleted, and what it held is not all erased yet."""


class RateError(Exception):
    """More than CHANGES_PER_MINUTE changes."""


class KeyReuseError(Exception):
    """An Idempotency-Key that came with another request before."""


@dataclass(frozen=True)
class Member:
    """Who asks, as the token says. `since` is when they signed in, or when the token was issued."""

    id: str
    since: int
    name: str | None = None


@dataclass(frozen=True)
class Repeatable:
    """An Idempotency-Key, and a hash of the request that came with it."""

    key: str
    request: str

    @property
    def document(self) -> str:
        return "key#" + hashlib.sha256(self.key.encode()).hexdigest()[:32]


def member_id(issuer: str, subject: str) -> str:
    """The partition of a member: the same for the same person at the same provider, and no name of theirs."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:40]


class Account:
    """The account in a draft; a new one where there is none."""

    def __init__(self, member: Member, draft: Draft, time: float) -> None:
        """Raises DeletedError, UnerasedError."""
        content = draft.read(ACCOUNT)
        if "deleted" in content:
            if member.since <= content["deleted"]:
                raise DeletedError
            if not content["erased"]:
                raise UnerasedError
            # The same person begins anew. The version goes on, so that no old tag is valid again.
            content = {"version": content["version"]}
        self.content: Json = {"version": 0, "created": int(time), "training": False, **content}
        self._draft = draft

    @property
    def version(self) -> int:
        version: int = self.content["version"]
        return version

    def count(self, kind: str, by: int) -> None:
        """Count `by` more of a kind: rating, list, not_interested, shelf."""
        self.content[kind] = self.counted(kind) + by

    def counted(self, kind: str) -> int:
        number: int = self.content.get(kind, 0)
        return number

    def save(self, time: float) -> None:
        """Put the account with its next version. Raises RateError."""
        minute = int(time) // 60
        changes = self.content.get("changes", 0) if self.content.get("minute") == minute else 0
        if changes >= CHANGES_PER_MINUTE:
            raise RateError
        self.content |= {"version": self.version + 1, "minute": minute, "changes": changes + 1}
        self._draft.put(ACCOUNT, self.content)


class Session:
    """One member's requests to the store."""

    def __init__(self, store: Store, member: Member, clock: Clock = now) -> None:
        self.store = store
        self.member = member
        self.clock = clock

    def account(self) -> Account:
        """The account as it is. Raises DeletedError, BusyError."""

        def read() -> Account:
            return Account(self.member, Draft(self.store.get(self.member.id, [ACCOUNT])), self.clock())

        return self._erased(read)

    def moment(self, given: int | None) -> int:
        """When something happened, in seconds since 1970: now if it is not given, and never later than now."""
        time = int(self.clock())
        return time if given is None else min(given, time)

    def change(
        self,
        names: Sequence[str],
        work: Callable[[Draft, Account], T],
        *,
        once: Repeatable | None = None,
    ) -> T:
        """Carry out `work` on the documents `names` and on the account, in one write; `once` has no effect twice.

        The result of `work` is JSON; a repeated request gets that of the first. Raises DeletedError, RateError,
        KeyReuseError, BusyError, and what `work` raises.
        """

        def attempt(draft: Draft) -> T:
            time = self.clock()
            account = Account(self.member, draft, time)
            if once is not None and (record := draft.read(once.document)):
                if record["request"] != once.request:
                    raise KeyReuseError
                answer: T = record["answer"]
                return answer
            answer = work(draft, account)
            if draft.changes or once is not None:
                account.save(time)
            if once is not None:
                record = {"request": once.request, "answer": answer}
                draft.put(once.document, record, expires=int(time) + KEY_SECONDS)
            return answer

        key = [once.document] if once is not None else []
        return self._erased(lambda: change(self.store, self.member.id, [ACCOUNT, *key, *names], attempt))

    def set_consent(self, training: bool, once: Repeatable | None = None) -> None:
        """Whether the ratings may be trained on."""

        def work(draft: Draft, account: Account) -> None:
            account.content["training"] = training
            draft.put(ACCOUNT, account.content)

        self.change([], work, once=once)

    def delete(self) -> None:
        """Delete the account and everything in it; may be repeated. Raises BusyError."""
        change(self.store, self.member.id, [ACCOUNT], self._bury)
        self._erase()

    def _bury(self, draft: Draft) -> None:
        content = draft.read(ACCOUNT)
        if "deleted" in content and self.member.since <= content["deleted"]:
            return
        time = int(self.clock())
        deleted = max(time, self.member.since)
        tombstone = {"version": content.get("version", 0) + 1, "deleted": deleted, "erased": False}
        draft.put(ACCOUNT, tombstone, expires=time + TOMBSTONE_SECONDS)

    def _erase(self) -> None:
        """Delete all that a tombstone hides, unless there is none (any more)."""
        while True:
            page = self.store.query(self.member.id, "", limit=MAX_DOCUMENTS)
            head, left = page.documents[0], page.documents[1:]  # no name comes before the account's
            content = decode(head)
            if content.get("erased", True):
                return
            if left:
                changes = [Change(document.name, document.version) for document in left]
                changes.append(Change(ACCOUNT, head.version, check=True))
            else:
                expires = content["deleted"] + TOMBSTONE_SECONDS
                changes = [Change(ACCOUNT, head.version, encode({**content, "erased": True}), expires)]
            with suppress(ConflictError):  # somebody else erases, or the member has begun anew
                self.store.write(self.member.id, changes)

    def _erased(self, work: Callable[[], T]) -> T:
        """`work`, after an erasure that was interrupted."""
        try:
            return work()
        except UnerasedError:
            self._erase()
            return work()
