"""From tables of text to a Dataset: every check of a rating happens here, whatever file it came from."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from function.bundle import RatingScale
from training.data import Catalog, Dataset, Interactions
from training.datasets.errors import DataError
from training.datasets.table import Table

log = logging.getLogger(__name__)

SKIP = "Mend the row, or pass --skip-bad-rows to leave such rows out."


@dataclass(frozen=True)
class RatingColumns:
    """Which columns of the ratings table hold what; `timestamp` is None where there are none."""

    user: str
    film: str
    rating: str
    timestamp: str | None


def assemble(
    name: str,
    ratings: Table,
    columns: RatingColumns,
    catalog: Catalog,
    *,
    scale: RatingScale | None,
    skip_bad_rows: bool,
    terms: str = "your own data",
    user_facts: dict[str, dict[str, str]] | None = None,
) -> Dataset:
    """Check and encode `ratings`; `scale` None takes the scale from the data.

    Raises DataError for the first row that is malformed, names an unknown film, has stars that are no number or off the
    scale, a time that is none, or repeats a pair; with `skip_bad_rows` such rows are left out and counted in the log.
    """
    rows = _Rows(ratings, skip_bad_rows)
    users, films = ratings.columns[columns.user], ratings.columns[columns.film]
    rows.refuse((users == "").to_numpy(), lambda _: "there is no user")
    codes = pd.Index(catalog.ids).get_indexer(pd.Index(films))
    rows.refuse(codes < 0, lambda row: f"film {films.iloc[row]!r} is not among the films")
    stars = pd.to_numeric(ratings.columns[columns.rating], errors="coerce").to_numpy(np.float64)
    rows.refuse(
        ~np.isfinite(stars), lambda row: f"rating {ratings.columns[columns.rating].iloc[row]!r} is not a number"
    )
    if not rows.good.any():
        rows.finish()  # says so
    scale = scale or infer_scale(stars[rows.good], ratings)
    rows.refuse(
        (stars < scale.min) | (stars > scale.max),
        lambda row: f"rating {stars[row]:g} is not between {scale.min:g} and {scale.max:g}",
    )
    seconds = None
    if columns.timestamp is not None:
        texts = ratings.columns[columns.timestamp]
        seconds = _seconds(texts)
        rows.refuse(np.isnan(seconds), lambda row: f"time {texts.iloc[row]!r} is neither seconds nor an ISO date")
    user_codes, user_names = pd.factorize(users)
    pair = user_codes.astype(np.int64) * len(catalog) + codes
    repeated = np.zeros(len(pair), np.bool_)
    repeated[rows.good] = pd.Series(pair[rows.good]).duplicated().to_numpy()
    rows.refuse(repeated, lambda row: f"user {users.iloc[row]!r} has rated film {films.iloc[row]!r} before")
    good = rows.finish()
    kept, order = _natural_order(user_names, user_codes[good])
    timestamps = None
    # Only zeros: a copy of the data whose times are not known.
    if seconds is not None and seconds[good].any():
        timestamps = seconds[good].astype(np.int64)
    interactions = Interactions(
        order[user_codes[good]].astype(np.int32),
        codes[good].astype(np.int32),
        stars[good].astype(np.float32),
        timestamps,
    )
    return Dataset(name, interactions, catalog, kept, scale, terms, user_facts or {})


class _Rows:
    """Which rows are still good, and why the others are not."""

    def __init__(self, table: Table, skip: bool) -> None:
        self.table, self.skip = table, skip
        self.good = np.ones(len(table.lines), np.bool_)
        self.skipped: Counter[str] = Counter()
        self._first: list[tuple[int, str]] = []
        for line, reason in table.bad:
            self._note(line, f"the row {reason}", "malformed", 1)

    def refuse(self, bad: NDArray[np.bool_], reason: Callable[[int], str]) -> None:
        """Leave out the rows that are `bad` and were good so far."""
        bad = bad & self.good
        if bad.any():
            row = int(bad.argmax())
            said = reason(row)
            self._note(int(self.table.lines[row]), said, said.split(" ")[0], int(bad.sum()))
            self.good &= ~bad

    def _note(self, line: int, said: str, kind: str, count: int) -> None:
        self._first.append((line, said))
        self.skipped[kind] += count

    def finish(self) -> NDArray[np.bool_]:
        """The good rows; raises DataError where there are bad ones and none may be skipped, or nothing is left."""
        if self._first and not self.skip:
            line, said = min(self._first)
            others = sum(self.skipped.values()) - 1
            more = f" ({others} more rows have faults.)" if others else ""
            raise DataError(f"{self.table.where(line)}: {said}. {SKIP}{more}")
        if self.skipped:
            kinds = ", ".join(f"{count} for their {kind}" for kind, count in self.skipped.items())
            log.warning("%s: %d rows left out: %s", self.table.path, sum(self.skipped.values()), kinds)
        if not self.good.any():
            raise DataError(f"{self.table.path}: no row can be used. It needs at least one rating.")
        return self.good


def infer_scale(stars: NDArray[np.float64], table: Table) -> RatingScale:
    """The scale that ratings are on: their range, and the largest step that leads to every one of them."""
    values = np.unique(stars)
    if len(values) < 2:
        raise DataError(
            f"{table.path}: every rating is the same, so there is nothing to learn from. "
            "Give ratings that differ, or the scale they are on with --scale."
        )
    low, high = float(values[0]), float(values[-1])
    steps = np.rint((values - low) * 1000).astype(np.int64)
    step = float(np.gcd.reduce(steps)) / 1000
    # A slider's 3.724 has no steps that a person could choose from: a hundredth of the range will do.
    return RatingScale(min=low, max=high, step=max(step, round((high - low) / 100, 6)))


def _seconds(texts: "pd.Series[str]") -> NDArray[np.float64]:
    """Seconds since 1970 of whole numbers or ISO dates; NaN where a text is neither."""
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64, copy=True)
    rest = np.flatnonzero(np.isnan(numbers))
    if len(rest):
        dates = pd.to_datetime(texts.iloc[rest], errors="coerce", utc=True, format="ISO8601")
        epoch = pd.Timestamp("1970-01-01", tz="UTC")
        numbers[rest] = ((dates - epoch) / pd.Timedelta(seconds=1)).to_numpy(np.float64)
    return numbers


def _natural_order(names: Any, codes: NDArray[np.int64]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Names of the users who are left, 2 before 10, and the new code of each old one."""
    left = np.unique(codes)
    texts = [str(names[code]) for code in left]
    places = sorted(range(len(left)), key=lambda place: (not texts[place].isdigit(), texts[place].zfill(20)))
    order = np.full(len(names), -1, np.int64)
    order[left[places]] = np.arange(len(left))
    return tuple(texts[place] for place in places), order
