"""Readers for MovieLens as GroupLens lays it out, and for ml-100k as the package recbole carries it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from training.data import Catalog, Dataset
from training.datasets.assemble import RatingColumns, assemble
from training.datasets.known import TERMS, Known
from training.datasets.own import check_films, make_catalog
from training.datasets.table import Table, read_table
from training.datasets.titles import split_genres, split_title

_RATING: Final = ["user", "film", "rating", "timestamp"]
_COLUMNS: Final = RatingColumns("user", "film", "rating", "timestamp")
# Of u.item's last columns, in the order of u.genre.
_GENRES: Final = (
    *(
        "unknown",
        "Action",
        "Adventure",
        "Animation",
        "Children's",
        "Comedy",
        "Crime",
        "Documentary",
        "Drama",
        "Fantasy",
    ),
    *("Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
_AGES: Final = {"1": "under 18", "18": "18-24", "25": "25-34", "35": "35-44", "45": "45-49", "50": "50-55", "56": "56+"}


def read_movielens(known: Known, folder: Path, *, skip_bad_rows: bool = False) -> Dataset:
    """The data set `known` out of `folder`; raises DataError, naming file and line, where a file is not as it was."""
    layout = "recbole" if (folder / "ml-100k.inter").is_file() else known.layout
    ratings, catalog, facts = _LAYOUTS[layout](folder)
    return assemble(
        known.name,
        ratings,
        _COLUMNS,
        catalog,
        scale=known.scale,
        skip_bad_rows=skip_bad_rows,
        terms=TERMS,
        user_facts=facts,
    )


_Read = tuple[Table, Catalog, dict[str, dict[str, str]]]


def _read_100k(folder: Path) -> _Read:
    names = ["film", "title", "released", "video", "url", *_GENRES]
    films = read_table(folder / "u.item", delimiter="|", names=names)
    hot = np.stack([(films.columns[genre] == "1").to_numpy() for genre in _GENRES], 1)
    genres = [split_genres("|".join(np.array(_GENRES)[row])) for row in hot]
    catalog = _catalog(films, genres)
    users = ["user", "age", "gender", "occupation", "zip"]
    facts = _user_facts(folder / "u.user", "|", users, _age_group)
    return read_table(folder / "u.data", delimiter="\t", names=_RATING), catalog, facts


def _read_recbole(folder: Path) -> _Read:
    films = _plain(read_table(folder / "ml-100k.item", delimiter="\t"), ["film", "title", "year", "genres"])
    # The one film without a name is spelled `unkonwn` there, in its title and in its year.
    titles = ["unknown" if title == "unkonwn" else split_title(title)[0] for title in films.columns["title"]]
    years = pd.to_numeric(films.columns["year"], errors="coerce").fillna(0).astype(int)
    genres = [split_genres(genres, " ") for genres in films.columns["genres"]]
    catalog = make_catalog(list(films.columns["film"]), titles, list(years), genres)
    users = ["user", "age", "gender", "occupation", "zip"]
    facts = _facts(_plain(read_table(folder / "ml-100k.user", delimiter="\t"), users), _age_group)
    return _plain(read_table(folder / "ml-100k.inter", delimiter="\t"), _RATING), catalog, facts


def _read_1m(folder: Path) -> _Read:
    films = read_table(folder / "movies.dat", delimiter="::", names=["film", "title", "genres"])
    catalog = _catalog(films, [split_genres(genres) for genres in films.columns["genres"]])
    users = ["user", "gender", "age", "occupation", "zip"]
    facts = _user_facts(folder / "users.dat", "::", users, lambda age: _AGES.get(age, age))
    return read_table(folder / "ratings.dat", delimiter="::", names=_RATING), catalog, facts


def _read_csv(folder: Path) -> _Read:
    films = _plain(read_table(folder / "movies.csv"), ["film", "title", "genres"])
    tmdb: dict[str, int] = {}
    imdb: dict[str, str] = {}
    if (folder / "links.csv").is_file():
        links = _plain(read_table(folder / "links.csv"), ["film", "imdb", "tmdb"])
        numbers = pd.to_numeric(links.columns["tmdb"], errors="coerce").fillna(0).astype(int)
        tmdb = dict(zip(links.columns["film"], numbers, strict=True))
        imdb = {film: f"tt{code}" for film, code in zip(links.columns["film"], links.columns["imdb"], strict=True)}
    catalog = _catalog(films, [split_genres(genres) for genres in films.columns["genres"]], tmdb, imdb)
    return _plain(read_table(folder / "ratings.csv"), _RATING), catalog, {}


_LAYOUTS: Final[dict[str, Callable[[Path], _Read]]] = {
    "ml-100k": _read_100k,
    "recbole": _read_recbole,
    "ml-1m": _read_1m,
    "csv": _read_csv,
}


def _plain(table: Table, names: list[str]) -> Table:
    """The same table with our names for its columns, in their order."""
    columns = dict(zip(names, table.columns.values(), strict=False))
    return Table(table.path, columns, table.lines, table.bad, table.unit)


def _catalog(
    films: Table,
    genres: list[tuple[str, ...]],
    tmdb: dict[str, int] | None = None,
    imdb: dict[str, str] | None = None,
) -> Catalog:
    ids = list(films.columns["film"])
    check_films(films, films.columns["film"])
    titles = [split_title(title) for title in films.columns["title"]]
    return make_catalog(
        ids,
        [title for title, _ in titles],
        [year for _, year in titles],
        genres,
        [(tmdb or {}).get(film, 0) for film in ids],
        [(imdb or {}).get(film, "") for film in ids],
    )


def _user_facts(path: Path, delimiter: str, names: list[str], age: Callable[[str], str]) -> dict[str, dict[str, str]]:
    return _facts(read_table(path, delimiter=delimiter, names=names), age) if path.is_file() else {}


def _facts(users: Table, age: Callable[[str], str]) -> dict[str, dict[str, str]]:
    columns = (users.columns[name] for name in ("user", "gender", "age"))
    return {user: {"gender": gender, "age": age(years)} for user, gender, years in zip(*columns, strict=True)}


def _age_group(years: str) -> str:
    """ml-1m's age groups for ml-100k's ages."""
    first = max((int(first) for first in _AGES if years.isdigit() and int(first) <= int(years)), default=0)
    return _AGES.get(str(first), years)
