"""The store on this machine: one SQLite file that survives kill -9 and a power cut.

With a write-ahead log and `synchronous=FULL`, a commit is on disk before it is acknowledged ("PRAGMA synchronous" in
SQLite's documentation).
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final
from weakref import finalize

from function.members.store import (
    BusyError,
    Change,
    Clock,
    ConflictError,
    Document,
    Page,
    StoreError,
    check_limits,
    now,
)

_WAIT: Final = 5.0  # seconds for another process's write
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS documents (
    partition TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, value BLOB NOT NULL, expires INTEGER,
    PRIMARY KEY (partition, name)
) WITHOUT ROWID
"""
# All leave out what has expired.
_GET: Final = """
SELECT name, version, value FROM documents
WHERE partition = ? AND name IN (SELECT value FROM json_each(?)) AND (expires IS NULL OR expires > ?)
"""
_QUERY: Final = """
SELECT name, version, value FROM documents
WHERE partition = ? AND name >= ? AND name > ? AND substr(name, 1, ?) = ? AND (expires IS NULL OR expires > ?)
ORDER BY name LIMIT ?
"""
_VERSION: Final = """
SELECT version FROM documents WHERE partition = ? AND name = ? AND (expires IS NULL OR expires > ?)
"""
_SCAN: Final = "SELECT partition, name, version, value FROM documents WHERE expires IS NULL OR expires > ?"


class SqliteStore:
    """The protocol `Store` over the file `path`, which is made where it is missing."""

    def __init__(self, path: str, clock: Clock = now) -> None:
        """Raises StoreError if the file cannot be opened."""
        self._clock = clock
        self._lock = Lock()
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
            finalize(self, self._connection.close)  # Python 3.13 warns of a connection that nobody has closed
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute(_SCHEMA)
            self._connection.execute("DELETE FROM documents WHERE expires <= ?", (clock(),))
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"STORE=sqlite:///{path}: {error}. Name a file that this process may write.") from error

    def close(self) -> None:
        self._connection.close()

    def get(self, partition: str, names: Sequence[str]) -> dict[str, Document]:
        given = (partition, json.dumps(list(names)), self._clock())
        with self._transaction("DEFERRED") as connection:
            rows = connection.execute(_GET, given).fetchall()
        return {row[0]: Document(*row) for row in rows}

    def query(self, partition: str, prefix: str, *, limit: int, after: str | None = None) -> Page:
        given = (partition, prefix, after or "", len(prefix), prefix, self._clock(), limit + 1)
        with self._transaction("DEFERRED") as connection:
            documents = [Document(*row) for row in connection.execute(_QUERY, given)]
        more = len(documents) > limit
        return Page(documents[:limit], documents[limit - 1].name if more else None)

    def write(self, partition: str, changes: Sequence[Change]) -> None:
        check_limits(changes)
        with self._transaction("IMMEDIATE") as connection:
            for change in changes:
                self._apply(connection, partition, change)
            connection.execute("DELETE FROM documents WHERE partition = ? AND expires <= ?", (partition, self._clock()))

    def scan(self) -> Iterator[tuple[str, Document]]:
        with self._transaction("DEFERRED") as connection:
            rows = connection.execute(_SCAN, (self._clock(),)).fetchall()
        return ((partition, Document(*rest)) for partition, *rest in rows)

    def _apply(self, connection: sqlite3.Connection, partition: str, change: Change) -> None:
        key = (partition, change.name)
        found = connection.execute(_VERSION, (*key, self._clock())).fetchone()
        if (found[0] if found else 0) != change.version:
            raise ConflictError
        if change.check:
            return
        if change.value is None:
            connection.execute("DELETE FROM documents WHERE partition = ? AND name = ?", key)
        else:
            row = (*key, change.version + 1, change.value, change.expires)
            connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)", row)

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute(f"BEGIN {kind}")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.OperationalError as error:
                raise BusyError(str(error)) from error
