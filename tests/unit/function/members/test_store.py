"""The protocol `Store`, on both backends."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from function.members.dynamodb import DynamoStore
from function.members.opening import open_store
from function.members.sqlite import SqliteStore
from function.members.store import (
    MAX_DOCUMENTS,
    MAX_VALUE,
    BusyError,
    Change,
    ConflictError,
    Document,
    Store,
    StoreError,
)
from tests.unit.function.members.conftest import Clock

ROOT = Path(__file__).parents[4]


def test_what_was_written_is_read(store: Store) -> None:
    store.write("ada", [Change("a", 0, b"one"), Change("b", 0, b"\0two\xff")])
    assert store.get("ada", ["a", "b", "c"]) == {"a": Document("a", 1, b"one"), "b": Document("b", 1, b"\0two\xff")}
    assert store.get("bob", ["a", "b"]) == {}


def test_a_write_needs_the_version_that_is_there(store: Store) -> None:
    store.write("ada", [Change("a", 0, b"one")])
    store.write("ada", [Change("a", 1, b"two")])
    for wrong in (0, 1, 3):
        with pytest.raises(ConflictError):
            store.write("ada", [Change("a", wrong, b"lost")])
    with pytest.raises(ConflictError):
        store.write("ada", [Change("none", 1, b"lost")])
    assert store.get("ada", ["a", "none"]) == {"a": Document("a", 2, b"two")}


@pytest.mark.parametrize("last", [Change("z", 5, b""), Change("z", 5), Change("z", 5, check=True)])
def test_all_changes_are_made_or_none(store: Store, last: Change) -> None:
    store.write("ada", [Change("a", 0, b"one"), Change("b", 0, b"one")])
    with pytest.raises(ConflictError):
        store.write("ada", [Change("a", 1, b"two"), Change("b", 1), Change("c", 0, b"new"), last])
    assert store.get("ada", ["a", "b", "c", "z"]) == {
        "a": Document("a", 1, b"one"),
        "b": Document("b", 1, b"one"),
    }


def test_deleting_and_checking(store: Store) -> None:
    store.write("ada", [Change("a", 0, b"one"), Change("b", 0, b"one")])
    store.write("ada", [Change("a", 1), Change("b", 1, check=True), Change("c", 0, check=True)])
    assert store.get("ada", ["a", "b", "c"]) == {"b": Document("b", 1, b"one")}
    store.write("ada", [Change("a", 0, b"again")])
    assert store.get("ada", ["a"])["a"].version == 1


def test_pages_lead_through_a_prefix_once_in_order(store: Store) -> None:
    names = [f"film#{number:02d}" for number in range(25)]
    store.write("ada", [Change(name, 0, name.encode()) for name in (*names, "film", "filn#1", "fil")])
    store.write("bob", [Change("film#99", 0, b"another's")])
    for limit in (1, 7, 25, 100):
        seen: list[str] = []
        after: str | None = None
        while True:
            page = store.query("ada", "film#", limit=limit, after=after)
            assert 0 < len(page.documents) <= limit
            seen += [document.name for document in page.documents]
            if (after := page.after) is None:
                break
        assert seen == names
    assert len(store.query("ada", "", limit=100).documents) == 28


def test_names_with_signs_that_mean_something_elsewhere(store: Store) -> None:
    names = ["a%", "a_b", "aé", "a'b", 'a"b', "a\\b", "a*"]
    store.write("o'brien", [Change(name, 0, b"") for name in names])
    assert {document.name for document in store.query("o'brien", "a", limit=10).documents} == set(names)
    assert [document.name for document in store.query("o'brien", "a%", limit=10).documents] == ["a%"]


def test_what_has_expired_is_not_there(store: Store, clock: Clock) -> None:
    expires = int(clock.time) + 10
    store.write("ada", [Change(f"n{number}", 0, b"", expires if number % 2 else None) for number in range(6)])
    assert len(store.query("ada", "n", limit=9).documents) == 6
    clock.time += 10
    assert set(store.get("ada", [f"n{number}" for number in range(6)])) == {"n0", "n2", "n4"}
    first = store.query("ada", "n", limit=2)
    assert [document.name for document in first.documents] == ["n0", "n2"]
    assert [document.name for document in store.query("ada", "n", limit=2, after=first.after).documents] == ["n4"]
    assert len(list(store.scan())) == 3
    with pytest.raises(ConflictError):
        store.write("ada", [Change("n1", 1, b"")])
    store.write("ada", [Change("n1", 0, b"anew")])
    assert store.get("ada", ["n1"])["n1"] == Document("n1", 1, b"anew")


def test_a_scan_has_everybody_s_documents(store: Store) -> None:
    for member in ("ada", "bob"):
        store.write(member, [Change("a", 0, member.encode())])
    assert sorted(store.scan()) == [("ada", Document("a", 1, b"ada")), ("bob", Document("a", 1, b"bob"))]


def test_the_largest_write_is_possible_and_no_larger_one(store: Store) -> None:
    names = [f"n{number}" for number in range(MAX_DOCUMENTS)]
    store.write("ada", [Change(name, 0, b"x" * 1000) for name in names])
    assert len(store.get("ada", names)) == MAX_DOCUMENTS
    store.write("ada", [Change("large", 0, b"x" * MAX_VALUE)])
    assert len(store.get("ada", ["large"])["large"].value) == MAX_VALUE
    for changes in (
        [],
        [Change(f"m{number}", 0, b"") for number in range(MAX_DOCUMENTS + 1)],
        [Change("twice", 0, b""), Change("twice", 0, b"")],
        [Change("larger", 0, b"x" * (MAX_VALUE + 1))],
    ):
        with pytest.raises(StoreError):
            store.write("ada", changes)


def test_stores_are_opened_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    store = open_store(f"sqlite:///{tmp_path}/new/members.sqlite3")
    assert isinstance(store, SqliteStore)
    store.close()
    assert isinstance(open_store("dynamodb://members"), DynamoStore)
    for wrong in ("", "sqlite://", "sqlite:///", "dynamodb://", "postgres://host/table", "members.sqlite3"):
        with pytest.raises(StoreError, match="use sqlite"):
            open_store(wrong)
    (tmp_path / "text").write_text("not a database, but long enough to be taken for one" * 20)
    with pytest.raises(StoreError, match="may write"):
        open_store(f"sqlite:///{tmp_path}/text")


def test_an_acknowledged_write_survives_kill_9(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """A child writes and acknowledges until it is killed, at a moment that it does not choose."""
    path = tmp_path / "members.sqlite3"
    code = (
        "import sys; from function.members.sqlite import SqliteStore; from function.members.store import Change\n"
        "store = SqliteStore(sys.argv[1])\n"
        "for n in range(10**6):\n"
        "    store.write('ada', [Change(f'a{n}', 0, b'x'), Change(f'b{n}', 0, b'y')]); print(n, flush=True)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(200)]
    child.kill()
    acknowledged += [int(line) for line in child.stdout if line.endswith("\n")]
    child.stdout.close()
    child.wait()
    store = SqliteStore(str(path))
    kept = {document.name for _, document in store.scan()}
    store.close()
    assert {f"{letter}{number}" for number in acknowledged for letter in "ab"} <= kept
    assert {name[1:] for name in kept if name[0] == "a"} == {name[1:] for name in kept if name[0] == "b"}
    record_property("cases", len(acknowledged))


def test_two_processes_may_use_one_file(tmp_path: Path) -> None:
    first, second = (SqliteStore(str(tmp_path / "members.sqlite3")) for _ in range(2))
    first.write("ada", [Change("a", 0, b"one")])
    assert second.get("ada", ["a"])["a"].value == b"one"
    second.write("ada", [Change("a", 1, b"two")])
    with pytest.raises(ConflictError):
        first.write("ada", [Change("a", 1, b"lost")])
    for store in (first, second):
        store.close()


def test_what_has_expired_leaves_the_file(tmp_path: Path, clock: Clock) -> None:
    path, expires = str(tmp_path / "members.sqlite3"), int(clock.time) + 10
    store = SqliteStore(path, clock)
    for member in ("ada", "bob"):
        store.write(member, [Change("a", 0, b"", expires), Change("b", 0, b"")])
    clock.time += 10
    store.write("ada", [Change("c", 0, b"")])  # of this member at the next write, of others at the next start
    clock.time -= 10
    assert [(member, document.name) for member, document in store.scan()] == [
        ("ada", "b"),
        ("ada", "c"),
        ("bob", "a"),
        ("bob", "b"),
    ]
    store.close()
    clock.time += 10
    SqliteStore(path, clock).close()
    clock.time -= 10
    store = SqliteStore(path, clock)
    assert len(list(store.scan())) == 3
    store.close()


class Refusing:
    """A client of DynamoDB all of whose calls fail with `error`."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        def call(**_: object) -> None:
            raise self.error

        return call


def refused(code: str, reasons: list[str] | None = None) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": ""},
        "CancellationReasons": [{"Code": one} for one in reasons or []],
    }
    return ClientError(answer, "TransactWriteItems")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (refused("ProvisionedThroughputExceededException"), BusyError),
        (refused("ThrottlingException"), BusyError),
        (refused("InternalServerError"), BusyError),
        (refused("TransactionInProgressException"), BusyError),
        (ConnectTimeoutError(endpoint_url="https://dynamodb"), BusyError),
        (refused("TransactionCanceledException", ["None", "ThrottlingError"]), BusyError),
        (refused("TransactionCanceledException", ["None", "ConditionalCheckFailed"]), ConflictError),
        (refused("TransactionCanceledException", ["TransactionConflict"]), ConflictError),
        (refused("AccessDeniedException"), ClientError),
    ],
)
def test_what_dynamodb_refuses(error: Exception, meaning: type[Exception], clock: Clock) -> None:
    store = DynamoStore("members", clock, Refusing(error))
    with pytest.raises(meaning):
        store.write("ada", [Change("a", 0, b"")])


class Half:
    """A client whose batches are answered in halves, and never whole if `stuck`."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.stuck = stuck
        self.calls = 0

    def batch_get_item(self, **asked: Any) -> Any:
        self.calls += 1
        ((table, wanted),) = asked["RequestItems"].items()
        keys = wanted["Keys"]
        done = [] if self.stuck else keys[: -(-len(keys) // 2)]
        items = [{**key, "version": {"N": "1"}, "value": {"B": b""}} for key in done]
        left = keys[len(done) :]
        return {"Responses": {table: items}, "UnprocessedKeys": {table: {"Keys": left}} if left else {}}


def test_what_a_throttled_batch_leaves_out_is_asked_for_again(clock: Clock) -> None:
    names = [f"n{number}" for number in range(10)]
    half = Half()
    assert set(DynamoStore("members", clock, half).get("ada", names)) == set(names)
    assert half.calls > 1
    with pytest.raises(BusyError, match="10 documents"):
        DynamoStore("members", clock, Half(stuck=True)).get("ada", names)
