"""Build a Dataset from tables of text. Every check of a rating happens here, whatever file it came from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from function.bundle.format import RatingScale
from training.data.dataset import Catalog, Dataset, Interactions
from training.data.errors import DataError
from training.data.rows import Rows
from training.data.table import Table, numbers

# Later than the year 5000 in seconds, but this century in milliseconds.
_NOT_SECONDS: Final = 1e11


@dataclass(frozen=True)
class RatingColumns:
    """Which columns of the ratings table hold what; `timestamp` is None where there is none."""

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
    public: bool = False,
) -> Dataset:
    """Check and encode `ratings`; `scale` None takes the scale from the data.

    Raises DataError for the first row that is malformed, has an id that the API cannot address, names an unknown film,
    has a rating that is not a number or off the scale, has an invalid time, or repeats a pair. With `skip_bad_rows`
    such rows are left out and counted in the log.
    """
    rows = Rows(ratings, skip=skip_bad_rows)
    user_texts, film_texts = ratings.columns[columns.user], ratings.columns[columns.film]
    rows.refuse("without a user", (user_texts == "").to_numpy(np.bool_), lambda _: "there is no user")
    # Look up each name once, not once per rating.
    film_indices, film_names = pd.factorize(film_texts)
    user_indices, user_names = pd.factorize(user_texts)
    rows.refuse_ids("user", user_indices, user_names)
    rows.refuse_ids("film", film_indices, film_names)
    films = pd.Index(catalog.ids).get_indexer(pd.Index(film_names))[film_indices]
    rows.refuse("of unknown films", films < 0, lambda row: f"film {film_texts.iloc[row]!r} is not among the films")
    rating_texts = ratings.columns[columns.rating]
    stars = numbers(rating_texts)
    rows.refuse("not a number", np.isnan(stars), lambda row: f"rating {rating_texts.iloc[row]!r} is not a number")
    if not rows.good.any():
        rows.finish()  # says so
    off, scale = (
        (_off_scale(stars, scale), scale) if scale else (np.isnan(stars), infer_scale(stars[rows.good], ratings))
    )
    rows.refuse(
        "off the scale",
        off,
        lambda row: f"rating {stars[row]:g} is not on the scale, {scale.min:g} to {scale.max:g} by {scale.step:g}",
    )
    seconds = None
    if columns.timestamp is not None:
        time_texts = ratings.columns[columns.timestamp]
        seconds = _seconds(time_texts)
        rows.refuse(
            "without a time",
            ~(np.abs(seconds) < _NOT_SECONDS),
            lambda row: f"time {time_texts.iloc[row]!r} is neither seconds since 1970 nor an ISO date",
        )
    repeated = np.zeros(len(user_indices), np.bool_)
    pairs = user_indices[rows.good].astype(np.int64) * len(catalog) + films[rows.good]
    repeated[rows.good] = pd.Series(pairs).duplicated().to_numpy()
    rows.refuse(
        "repeated",
        repeated,
        lambda row: f"user {user_texts.iloc[row]!r} has rated film {film_texts.iloc[row]!r} before",
    )
    good = rows.finish()
    user_ids, users = _renumber([str(name) for name in user_names], user_indices[good])
    interactions = Interactions(
        users.astype(np.int32),
        films[good].astype(np.int32),
        stars[good].astype(np.float32),
        # Only zeros mean that the times of this copy are unknown.
        seconds[good].astype(np.int64) if seconds is not None and seconds[good].any() else None,
    )
    return Dataset(name, interactions, catalog, user_ids, scale, terms, user_facts or {}, public)


def infer_scale(stars: NDArray[np.float64], table: Table) -> RatingScale:
    """The scale of the ratings: their range, and the largest step that reaches every one of them."""
    values = np.unique(stars)
    if len(values) < 2:
        raise DataError(
            f"{table.path}: every rating is the same, so there is nothing to learn from. "
            "Give ratings that differ, or the scale they are on with --scale."
        )
    low, high = float(values[0]), float(values[-1])
    steps = np.rint((values - low) * 1000).astype(np.int64)
    step = float(np.gcd.reduce(steps)) / 1000
    if step * 1000 < high - low:  # a slider's 3.724: there are no steps to choose from
        step = round((high - low) / 100, 6)
    return RatingScale(min=low, max=high, step=step)


def _off_scale(stars: NDArray[np.float64], scale: RatingScale) -> NDArray[np.bool_]:
    steps = (stars - scale.min) / scale.step
    outside = (stars < scale.min) | (stars > scale.max)
    off: NDArray[np.bool_] = outside | (np.abs(steps - np.rint(steps)) > 1e-3)
    return off


def _seconds(texts: "pd.Series[str]") -> NDArray[np.float64]:
    """Seconds since 1970 of numbers or ISO dates; NaN where a text is neither."""
    seconds = numbers(texts)
    rest = np.flatnonzero(np.isnan(seconds))
    if len(rest):
        dates = pd.to_datetime(texts.iloc[rest], errors="coerce", utc=True, format="ISO8601")
        epoch = pd.Timestamp("1970-01-01", tz="UTC")
        seconds[rest] = ((dates - epoch) / pd.Timedelta(seconds=1)).to_numpy(np.float64)
    return seconds


def _renumber(names: Sequence[str], indices: NDArray[np.int64]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The names that `indices` use, in natural order, and the indices in that order."""
    used = sorted(np.unique(indices), key=lambda index: natural(names[index]))
    order = np.full(len(names), -1, np.int64)
    order[used] = np.arange(len(used))
    return tuple(names[index] for index in used), order[indices]


def natural(name: str) -> list[str | int]:
    """A sort key that puts 2 before 10, and u2 before u10."""
    return [int(part) if i % 2 else part for i, part in enumerate(re.split(r"([0-9]+)", name))]
