"""A user's own files: CSV or Parquet, with the column names they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from function.bundle import RatingScale
from training.data import Catalog, Dataset
from training.datasets.assemble import RatingColumns, assemble
from training.datasets.errors import DataError
from training.datasets.table import Table, read_table
from training.datasets.titles import split_genres, split_title

_USUAL: Final = {
    "user": ("user", "user_id", "userId", "userid"),
    "film": ("film", "film_id", "filmId", "movie", "movie_id", "movieId", "movieid", "item", "item_id", "itemId", "id"),
    "rating": ("rating", "stars", "score"),
    "timestamp": ("timestamp", "time", "date"),
    "title": ("title", "name"),
    "year": ("year", "release_year"),
    "genres": ("genres", "genre"),
    "tmdb": ("tmdb_id", "tmdbId", "tmdb"),
    "imdb": ("imdb_id", "imdbId", "imdb"),
}


@dataclass(frozen=True)
class ColumnMap:
    """Names of your columns. What is not given is looked for under the usual names (user_id, movieId, …)."""

    user: str | None = None
    """Column of the user in the ratings."""
    film: str | None = None
    """Column of the film in the ratings."""
    rating: str | None = None
    """Column of the rating."""
    timestamp: str | None = None
    """Column of the time: seconds since 1970, or ISO dates. Optional."""
    film_id: str | None = None
    """Column of the film in the films."""
    title: str | None = None
    """Column of the title, with "(1995)" behind it or not."""
    year: str | None = None
    """Column of the year. Optional."""
    genres: str | None = None
    """Column of the genres, as A|B. Optional."""
    tmdb: str | None = None
    """Column of the TMDB id. Optional."""
    imdb: str | None = None
    """Column of the IMDb id. Optional."""


def load_files(
    ratings: Path,
    films: Path | None,
    *,
    columns: ColumnMap | None = None,
    scale: RatingScale | None = None,
    skip_bad_rows: bool = False,
) -> Dataset:
    """A Dataset from files of your own; without `films`, the films are those that were rated, under their ids.

    Raises DataError, naming file, line and mend.
    """
    columns = columns or ColumnMap()
    table = read_table(ratings, delimiter=_delimiter(ratings))
    chosen = RatingColumns(
        user=_required(table, columns.user, "user"),
        film=_required(table, columns.film, "film"),
        rating=_required(table, columns.rating, "rating"),
        timestamp=_optional(table, columns.timestamp, "timestamp"),
    )
    if films is None:
        ids = sorted(set(table.columns[chosen.film]) - {""}, key=lambda film: (not film.isdigit(), film.zfill(20)))
        catalog = make_catalog(ids, ids)
    else:
        catalog = _read_films(films, columns)
    return assemble(ratings.stem, table, chosen, catalog, scale=scale, skip_bad_rows=skip_bad_rows)


def make_catalog(
    ids: Sequence[str],
    titles: Sequence[str],
    years: Sequence[int] | None = None,
    genres: Sequence[tuple[str, ...]] | None = None,
    tmdb_ids: Sequence[int] | None = None,
    imdb_ids: Sequence[str] | None = None,
) -> Catalog:
    """A Catalog from parallel lists; what is left out is unknown."""
    n = len(ids)
    return Catalog(
        tuple(ids),
        tuple(titles),
        np.asarray(years if years is not None else np.zeros(n), np.int32),
        tuple(genres) if genres is not None else ((),) * n,
        np.asarray(tmdb_ids if tmdb_ids is not None else np.zeros(n), np.int64),
        tuple(imdb_ids) if imdb_ids is not None else ("",) * n,
    )


def _read_films(path: Path, columns: ColumnMap) -> Catalog:
    table = read_table(path, delimiter=_delimiter(path))
    if table.bad:
        line, reason = table.bad[0]
        raise DataError(f"{table.where(line)}: the row {reason}. Mend the row; a field with a comma needs quotes.")
    ids = table.columns[_required(table, columns.film_id, "film")]
    titles = table.columns[_required(table, columns.title, "title")]
    check_films(table, ids)
    split = [split_title(title) for title in titles]
    years = [year for _, year in split]
    if (year_column := _optional(table, columns.year, "year")) is not None:
        numbers = pd.to_numeric(table.columns[year_column], errors="coerce").fillna(0).to_numpy(np.int64)
        years = [int(given) or found for given, found in zip(numbers, years, strict=True)]
    return make_catalog(
        list(ids),
        [title for title, _ in split],
        years,
        [split_genres(genres) for genres in _texts(table, _optional(table, columns.genres, "genres"))],
        [int(tmdb) for tmdb in _numbers(table, _optional(table, columns.tmdb, "tmdb"))],
        list(_texts(table, _optional(table, columns.imdb, "imdb"))),
    )


def check_films(table: Table, ids: "pd.Series[str]") -> None:
    """Raises DataError where a film has no id, or the id of another."""
    for bad, what in (((ids == ""), "the film has no id"), (ids.duplicated(), "film {} is listed before")):
        if bad.any():
            row = int(bad.to_numpy().argmax())
            raise DataError(f"{table.where(int(table.lines[row]))}: {what.format(repr(ids.iloc[row]))}. Mend the row.")


def _texts(table: Table, column: str | None) -> "pd.Series[str]":
    return table.columns[column] if column is not None else pd.Series([""] * len(table.lines), dtype="str")


def _numbers(table: Table, column: str | None) -> list[float]:
    numbers: list[float] = pd.to_numeric(_texts(table, column), errors="coerce").fillna(0).tolist()
    return numbers


def _delimiter(path: Path) -> str:
    return "\t" if ".tsv" in path.suffixes else ","


def _required(table: Table, given: str | None, kind: str) -> str:
    found = _optional(table, given, kind)
    if found is None:
        there = ", ".join(table.columns)
        raise DataError(f"{table.path}: no column for the {kind} among {there}. Name it with --columns.{kind} NAME.")
    return found


def _optional(table: Table, given: str | None, kind: str) -> str | None:
    if given is not None and given not in table.columns:
        raise DataError(
            f"{table.path}: there is no column {given!r} (--columns.{kind}) among {', '.join(table.columns)}."
        )
    return given or next((name for name in _USUAL[kind] if name in table.columns), None)
