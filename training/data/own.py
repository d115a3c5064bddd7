"""Your own files: CSV or Parquet, with the column names they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from function.bundle.format import RatingScale
from training.data.assemble import RatingColumns, assemble, natural
from training.data.dataset import Catalog, Dataset
from training.data.errors import DataError
from training.data.rows import Rows
from training.data.table import Table, numbers, read_table
from training.data.titles import split_genres, split_title

# Compared without case and underscores: userId and User_ID are both userid.
_ALIASES: Final = {
    "user": ("user", "userid"),
    "film": ("film", "filmid", "movie", "movieid", "item", "itemid", "id"),
    "rating": ("rating", "stars", "score"),
    "timestamp": ("timestamp", "time", "date"),
    "title": ("title", "name"),
    "year": ("year", "releaseyear"),
    "genres": ("genres", "genre"),
    "tmdb": ("tmdb", "tmdbid"),
    "imdb": ("imdb", "imdbid"),
}
_ALIASES["film-id"] = _ALIASES["film"]
# From the first films on; columns use values such as 0 or 9999 for unknown years.
_YEARS: Final = (1870, 2100)


@dataclass(frozen=True)
class ColumnMap:
    """Names of your columns. Those not given are looked up by common names (user_id, movieId, …)."""

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
    """Column of the title, with or without "(1995)" at the end."""
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
    """A Dataset from your own files. Without `films`, the catalog is the rated films, titled by their ids.

    Raises DataError, naming the file, the line and a fix.
    """
    columns = columns or ColumnMap()
    table = read_table(ratings)
    chosen = RatingColumns(
        user=_required(table, columns.user, "user"),
        film=_required(table, columns.film, "film"),
        rating=_required(table, columns.rating, "rating"),
        timestamp=_optional(table, columns.timestamp, "timestamp"),
    )
    if films is None:
        ids = sorted((film for film in table.columns[chosen.film].unique() if film), key=natural)
        catalog = make_catalog(ids, ids)
    else:
        catalog = _read_films(films, columns, skip_bad_rows)
    return assemble(ratings.stem, table, chosen, catalog, scale=scale, skip_bad_rows=skip_bad_rows)


def make_catalog(
    ids: Sequence[str],
    titles: Sequence[str],
    years: Sequence[int] | None = None,
    genres: Sequence[tuple[str, ...]] | None = None,
    tmdb_ids: Sequence[int] | None = None,
    imdb_ids: Sequence[str] | None = None,
) -> Catalog:
    """A Catalog from parallel lists; omitted columns are unknown."""
    n = len(ids)
    return Catalog(
        tuple(ids),
        tuple(titles),
        np.asarray(years if years is not None else np.zeros(n), np.int32),
        tuple(genres) if genres is not None else ((),) * n,
        np.asarray(tmdb_ids if tmdb_ids is not None else np.zeros(n), np.int64),
        tuple(imdb_ids) if imdb_ids is not None else ("",) * n,
    )


def good_films(table: Table, column: str, *, skip_bad_rows: bool) -> Table:
    """The valid films of `table`. Raises DataError for a malformed row, and for a missing, unusable or repeated id."""
    ids = table.columns[column]
    rows = Rows(table, skip=skip_bad_rows)
    rows.refuse("without an id", (ids == "").to_numpy(np.bool_), lambda _: "the film has no id")
    rows.refuse_ids("film", np.arange(len(ids)), ids)
    rows.refuse("repeated", ids.duplicated().to_numpy(), lambda row: f"film {ids.iloc[row]!r} is listed before")
    return table.take(rows.finish())


def imdb_id(text: str) -> str:
    """The id as tt0114709. MovieLens omits the letters, and numeric columns the leading zeros."""
    return f"tt{text.zfill(7)}" if text.isdigit() else text


def _read_films(path: Path, columns: ColumnMap, skip_bad_rows: bool) -> Catalog:
    table = read_table(path)
    film = _required(table, columns.film_id, "film-id")
    title = _required(table, columns.title, "title")
    year = _optional(table, columns.year, "year")
    genres = _optional(table, columns.genres, "genres")
    tmdb = _optional(table, columns.tmdb, "tmdb")
    imdb = _optional(table, columns.imdb, "imdb")
    table = good_films(table, film, skip_bad_rows=skip_bad_rows)
    ids = list(table.columns[film])
    titles = [split_title(text) for text in table.columns[title]]
    years = _numbers(table, year, *_YEARS)
    return make_catalog(
        ids,
        [shown or film_id for (shown, _), film_id in zip(titles, ids, strict=True)],
        [given or found for given, (_, found) in zip(years, titles, strict=True)],
        [split_genres(text) for text in _texts(table, genres)],
        _numbers(table, tmdb, 1, 2**53),
        [imdb_id(text) for text in _texts(table, imdb)],
    )


def _texts(table: Table, column: str | None) -> "pd.Series[str]":
    return table.columns[column] if column is not None else pd.Series([""] * len(table.lines), dtype="str")


def _numbers(table: Table, column: str | None, low: int, high: int) -> list[int]:
    """A column as integers; 0 where a value is not a number between `low` and `high`."""
    found = numbers(_texts(table, column))
    known: list[int] = np.where((found >= low) & (found <= high), found, 0).astype(np.int64).tolist()
    return known


def _required(table: Table, given: str | None, kind: str) -> str:
    found = _optional(table, given, kind)
    if found is None:
        there = ", ".join(table.columns)
        what = kind.removesuffix("-id")
        raise DataError(f"{table.path}: no column for the {what} among {there}. Name it with --columns.{kind} NAME.")
    return found


def _optional(table: Table, given: str | None, kind: str) -> str | None:
    if given is not None:
        if given not in table.columns:
            there = ", ".join(table.columns)
            raise DataError(f"{table.path}: there is no column {given!r} (--columns.{kind}) among {there}.")
        return given
    plain = {name.lower().replace("_", ""): name for name in table.columns}
    return next((plain[alias] for alias in _ALIASES[kind] if alias in plain), None)
