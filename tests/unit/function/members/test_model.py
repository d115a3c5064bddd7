"""A model of what members keep, and stores that fail: nothing acknowledged is lost, and nothing is half done.

Hypothesis makes up the histories. Before a write reaches the store, or after it was carried out, the process may be
killed or told that the store is busy. What was acknowledged must be there; what was not must have happened as a whole
or not at all; and a repeated request must not happen twice.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from moto import mock_aws

from function.members.account import DeletedError, Member, Repeatable, Session
from function.members.films import read_films, remove_mark, set_mark
from function.members.merging import Given, merge, undo_merge
from function.members.sqlite import SqliteStore
from function.members.store import BusyError, Change, Store
from tests.unit.function.members.conftest import Clock, dynamo_store

FILMS = st.sampled_from([f"film {number}" for number in range(6)])
STARS = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0])
FACTOR = int(os.environ.get("MODEL_FACTOR", "1"))  # of the histories; `python -m benchmarks.safety` makes up more
FAULTS = st.sampled_from([None, None, None, "before", "after"])


class Killed(BaseException):
    """The end of the process; nothing may catch it."""


class Faulty:
    """A store whose next write fails before, or after, it is carried out."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.fault: str | None = None
        self.error: BaseException = Killed()

    def write(self, partition: str, changes: Sequence[Change]) -> None:
        fault, self.fault = self.fault, None
        if fault == "before":
            raise self.error
        self._store.write(partition, changes)
        if fault == "after":
            raise self.error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


Kept = dict[str, dict[str, float]]
"""What a member keeps: films by kind, with stars (0 on a list)."""


class MembersMachine(RuleBasedStateMachine):
    """Two members; `expected` is what they keep, after the acknowledged requests."""

    undos = Bundle("undos")
    requests: ClassVar[int] = 0
    """That all machines sent so far."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.store = Faulty(self.new_store())
        self.expected: dict[str, Kept] = {name: {"rating": {}, "list": {}} for name in ("ada", "bob")}
        self.since = dict.fromkeys(self.expected, int(self.clock.time))
        self.changes = dict.fromkeys(self.expected, 0)

    def new_store(self) -> Store:
        raise NotImplementedError

    def session(self, name: str) -> Session:
        return Session(self.store, Member(name, self.since[name]), self.clock)

    def kept(self, name: str) -> Kept:
        films = read_films(self.session(name))
        return {
            "rating": {mark.film_id: mark.rating or 0.0 for mark in films.rating},
            "list": {mark.film_id: 0.0 for mark in films.list},
        }

    def attempt(self, name: str, wanted: Kept, fault: str | None, busy: bool, work: Any) -> Any:
        """Send a request, again if it failed, as a browser does that got no answer: with the same key."""
        self.clock.time += 1
        MembersMachine.requests += 1
        once = Repeatable(f"key {MembersMachine.requests}", "request")
        before = self.kept(name)
        self.store.fault, self.store.error = fault, BusyError("busy") if busy else Killed()
        try:
            result = work(self.session(name), once)
        except (BusyError, Killed):
            assert self.kept(name) in (before, wanted)  # as a whole, or not at all
            result = work(self.session(name), once)
        self.store.fault = None
        repeated = work(self.session(name), once)
        assert repeated == result
        self.expected[name] = wanted
        self.changes[name] += 1
        return result

    def changed(self, name: str, kind: str, film: str, stars: float | None) -> Kept:
        wanted = {each: dict(films) for each, films in self.expected[name].items()}
        wanted[kind].pop(film, None)
        if stars is not None:
            wanted[kind][film] = stars
        return wanted

    @rule(name=st.sampled_from(["ada", "bob"]), film=FILMS, stars=STARS, fault=FAULTS, busy=st.booleans())
    def rate(self, name: str, film: str, stars: float, fault: str | None, busy: bool) -> None:
        wanted = self.changed(name, "rating", film, stars)
        self.attempt(
            name, wanted, fault, busy, lambda session, once: set_mark(session, "rating", film, rating=stars, once=once)
        )

    @rule(name=st.sampled_from(["ada", "bob"]), film=FILMS, fault=FAULTS, busy=st.booleans())
    def unrate(self, name: str, film: str, fault: str | None, busy: bool) -> None:
        wanted = self.changed(name, "rating", film, None)
        self.attempt(name, wanted, fault, busy, lambda session, once: remove_mark(session, "rating", film, once=once))

    @rule(name=st.sampled_from(["ada", "bob"]), film=FILMS, fault=FAULTS, busy=st.booleans())
    def watch(self, name: str, film: str, fault: str | None, busy: bool) -> None:
        wanted = self.changed(name, "list", film, 0.0)
        self.attempt(name, wanted, fault, busy, lambda session, once: set_mark(session, "list", film, once=once))

    @rule(
        target=undos,
        name=st.sampled_from(["ada", "bob"]),
        ratings=st.dictionaries(FILMS, STARS, min_size=1),
        watched=st.lists(FILMS, unique=True),
        fault=FAULTS,
        busy=st.booleans(),
    )
    def merge(
        self, name: str, ratings: dict[str, float], watched: list[str], fault: str | None, busy: bool
    ) -> tuple[str, str | None, int, Kept]:
        before = {each: dict(films) for each, films in self.expected[name].items()}
        wanted = {"rating": {**before["rating"], **ratings}, "list": {**dict.fromkeys(watched, 0.0), **before["list"]}}
        time = int(self.clock.time) + 1  # later than all that is there
        given = [Given(film, stars, time) for film, stars in ratings.items()]
        result = self.attempt(
            name, wanted, fault, busy, lambda session, once: merge(session, given, watched, once=once)
        )
        return name, result["undo"], self.changes[name], before

    @rule(made=undos, fault=FAULTS, busy=st.booleans())
    def undo(self, made: tuple[str, str | None, int, Kept], fault: str | None, busy: bool) -> None:
        """Undo the member's latest change; what an undoing keeps of later ones is in test_bulk.py of the API."""
        name, undo, change, before = made
        if undo is not None and self.changes[name] == change:
            self.attempt(name, before, fault, busy, lambda session, once: undo_merge(session, undo, once=once))

    @rule(name=st.sampled_from(["ada", "bob"]), fault=FAULTS, busy=st.booleans())
    def delete(self, name: str, fault: str | None, busy: bool) -> None:
        """After the first write the account is gone, whatever happens then; asked again, all of it is."""
        self.clock.time += 1
        self.store.fault, self.store.error = fault, BusyError("busy") if busy else Killed()
        try:
            self.session(name).delete()
        except (BusyError, Killed):
            self.session(name).delete()
        self.store.fault = None
        try:
            set_mark(self.session(name), "list", "film 0")
        except DeletedError:
            self.expected[name] = {"rating": {}, "list": {}}
        else:
            raise AssertionError("an account that was deleted was written to")
        left = [document.name for member, document in self.store.scan() if member == name]
        assert left == ["account"]
        self.changes[name] += 1
        self.clock.time += 10
        self.since[name] = int(self.clock.time)

    @invariant()
    def nothing_is_lost(self) -> None:
        for name, expected in self.expected.items():
            assert self.kept(name) == expected
            account = self.session(name).account()
            assert {kind: account.counted(kind) for kind in expected} == {
                kind: len(films) for kind, films in expected.items()
            }


class OnSqlite(MembersMachine):
    def new_store(self) -> Store:
        self._folder = tempfile.TemporaryDirectory()
        self._sqlite = SqliteStore(str(Path(self._folder.name) / "members.sqlite3"), self.clock)
        return self._sqlite

    def teardown(self) -> None:
        self._sqlite.close()
        self._folder.cleanup()


class OnMoto(MembersMachine):
    def new_store(self) -> Store:
        self._cloud = mock_aws()
        self._cloud.start()
        return dynamo_store(self.clock)

    def teardown(self) -> None:
        self._cloud.stop()


class OnMinistack(MembersMachine):
    url: str

    def new_store(self) -> Store:
        return dynamo_store(self.clock, self.url)


def search(machine: type[MembersMachine], histories: int, record: Callable[[str, object], None]) -> None:
    """Let Hypothesis make up `histories`; `record` is told how many requests they have."""
    before = MembersMachine.requests
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    given = settings(max_examples=histories * FACTOR, stateful_step_count=15, deadline=None, suppress_health_check=slow)
    run_state_machine_as_test(machine, settings=given)
    requests = MembersMachine.requests - before
    assert requests > histories
    record("cases", requests)


def test_nothing_is_lost_in_sqlite(record_property: Callable[[str, object], None]) -> None:
    search(OnSqlite, 15, record_property)


def test_nothing_is_lost_in_moto_s_dynamodb(record_property: Callable[[str, object], None]) -> None:
    search(OnMoto, 5, record_property)


@pytest.mark.installs
def test_nothing_is_lost_in_ministack_s_dynamodb(
    ministack_url: str, record_property: Callable[[str, object], None]
) -> None:
    OnMinistack.url = ministack_url
    search(OnMinistack, 5, record_property)
