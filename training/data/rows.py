"""Select the usable rows of a table, and report what is wrong with the others."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from function.bundle.ids import id_fault
from training.data.errors import DataError
from training.data.table import Table

log = logging.getLogger(__name__)

HINT = "Fix the row, or pass --skip-bad-rows to leave such rows out."


class Rows:
    """The rows of `table` that are `good` so far. Each check removes some, and `finish` reports the result."""

    def __init__(self, table: Table, *, skip: bool) -> None:
        self.table, self.skip = table, skip
        self.good = np.ones(len(table.lines), np.bool_)
        self.skipped: Counter[str] = Counter()  # number of rows by kind of error
        self._first: list[tuple[int, str]] = []  # the first of each kind: line, what is wrong
        for line, what in table.bad:
            self._note("malformed", line, f"the row {what}", 1)

    def refuse(self, kind: str, bad: NDArray[np.bool_], what: Callable[[int], str]) -> None:
        """Remove the `bad` rows [R] from the good ones; `what` describes the error in a row."""
        bad = bad & self.good
        if bad.any():
            row = int(bad.argmax())
            self._note(kind, int(self.table.lines[row]), what(row), int(bad.sum()))
            self.good &= ~bad

    def refuse_ids(self, what: str, indices: NDArray[np.integer], names: Iterable[str]) -> None:
        """Remove rows whose id no path of the API can carry. The id of row r is names[indices[r]]."""
        ids = list(names)
        faults = [id_fault(name) for name in ids]
        bad = np.array([fault is not None for fault in faults], np.bool_)[indices]
        self.refuse(
            f"with an unusable {what} id", bad, lambda row: f"{what} id {ids[indices[row]]!r} {faults[indices[row]]}"
        )

    def _note(self, kind: str, line: int, what: str, count: int) -> None:
        if kind not in self.skipped:  # errors of a kind come in line order
            self._first.append((line, what))
        self.skipped[kind] += count

    def finish(self) -> NDArray[np.bool_]:
        """The good rows, [R]. Raises DataError where bad rows may not be skipped, or no row is left."""
        total = sum(self.skipped.values())
        if total and not self.skip:
            line, what = min(self._first)
            more = f" ({total - 1} more rows have errors.)" if total > 1 else ""
            raise DataError(f"{self.table.where(line)}: {what}. {HINT}{more}")
        if total:
            kinds = ", ".join(f"{count} {kind}" for kind, count in self.skipped.items())
            log.warning("%s: %d rows left out: %s", self.table.path, total, kinds)
        if not self.good.any():
            raise DataError(f"{self.table.path}: no row can be used. It needs at least one.")
        return self.good
