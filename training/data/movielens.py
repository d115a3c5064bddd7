"""Readers for MovieLens in GroupLens' layouts, and for ml-100k as packaged in recbole."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from training.data.assemble import RatingColumns, assemble
from training.data.dataset import Catalog, Dataset
from training.data.errors import DataError
from training.data.known import TERMS, Known
from training.data.own import good_films, imdb_id, make_catalog
from training.data.table import Table, numbers, read_table
from training.data.titles import split_genres, split_title

_RATING: Final = ["user", "film", "rating", "timestamp"]
_COLUMNS: Final = RatingColumns("user", "film", "rating", "timestamp")
# The last columns of u.item, in the order of u.genre.
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
    """Read the data set `known` from `folder`. Raises DataError, naming file and line, for unexpected content."""
    original = all((folder / name).is_file() for name in known.files)
    layout = known.layout if original or known.name != "ml-100k" else "recbole"
    ratings, catalog, facts = _LAYOUTS[layout](folder, skip_bad_rows)
    return assemble(
        known.name,
        ratings,
        _COLUMNS,
        catalog,
        scale=known.scale,
        skip_bad_rows=skip_bad_rows,
        terms=TERMS,
        user_facts=facts,
        public=True,
    )


_Read = tuple[Table, Catalog, dict[str, dict[str, str]]]


def _read_100k(folder: Path, skip: bool) -> _Read:
    names = ["film", "title", "released", "video", "url", *_GENRES]
    films = good_films(read_table(folder / "u.item", delimiter="|", names=names), "film", skip_bad_rows=skip)
    hot = np.stack([(films.columns[genre] == "1").to_numpy(np.bool_) for genre in _GENRES], 1)
    catalog = _catalog(films, [split_genres("|".join(np.array(_GENRES)[row])) for row in hot])
    users = ["user", "age", "gender", "occupation", "zip"]
    facts = _user_facts(folder / "u.user", "|", users, _age_group)
    return read_table(folder / "u.data", delimiter="\t", names=_RATING), catalog, facts


def _read_recbole(folder: Path, skip: bool) -> _Read:
    films = _named(read_table(folder / "ml-100k.item", delimiter="\t"), ["film", "title", "year", "genres"])
    films = good_films(films, "film", skip_bad_rows=skip)
    # The one film without a name is spelled `unkonwn` there, in both title and year.
    titles = ["unknown" if title == "unkonwn" else split_title(title)[0] for title in films.columns["title"]]
    years = np.nan_to_num(numbers(films.columns["year"])).astype(np.int32)
    genres = [split_genres(genres, " ") for genres in films.columns["genres"]]
    catalog = make_catalog(list(films.columns["film"]), titles, list(years), genres)
    users = ["user", "age", "gender", "occupation", "zip"]
    facts = _facts(_named(read_table(folder / "ml-100k.user", delimiter="\t"), users), _age_group)
    return _named(read_table(folder / "ml-100k.inter", delimiter="\t"), _RATING), catalog, facts


def _read_1m(folder: Path, skip: bool) -> _Read:
    films = read_table(folder / "movies.dat", delimiter="::", names=["film", "title", "genres"])
    films = good_films(films, "film", skip_bad_rows=skip)
    catalog = _catalog(films, [split_genres(genres) for genres in films.columns["genres"]])
    users = ["user", "gender", "age", "occupation", "zip"]
    facts = _user_facts(folder / "users.dat", "::", users, lambda age: _AGES.get(age, age))
    return read_table(folder / "ratings.dat", delimiter="::", names=_RATING), catalog, facts


def _read_csv(folder: Path, skip: bool) -> _Read:
    films = _named(read_table(folder / "movies.csv"), ["film", "title", "genres"])
    films = good_films(films, "film", skip_bad_rows=skip)
    tmdb: dict[str, int] = {}
    imdb: dict[str, str] = {}
    if (folder / "links.csv").is_file():
        links = _named(read_table(folder / "links.csv"), ["film", "imdb", "tmdb"])
        tmdb_ids = np.nan_to_num(numbers(links.columns["tmdb"])).astype(np.int64).tolist()
        tmdb = dict(zip(links.columns["film"], tmdb_ids, strict=True))
        imdb = dict(zip(links.columns["film"], map(imdb_id, links.columns["imdb"]), strict=True))
    catalog = _catalog(films, [split_genres(genres) for genres in films.columns["genres"]], tmdb, imdb)
    return _named(read_table(folder / "ratings.csv"), _RATING), catalog, {}


_LAYOUTS: Final[dict[str, Callable[[Path, bool], _Read]]] = {
    "ml-100k": _read_100k,
    "recbole": _read_recbole,
    "ml-1m": _read_1m,
    "csv": _read_csv,
}


def _named(table: Table, names: list[str]) -> Table:
    """The same table with our own column names, in order."""
    if len(table.columns) < len(names):
        there = ", ".join(table.columns)
        raise DataError(
            f"{table.path}: has the columns {there}; {len(names)} are expected. Download it again with fetch --force."
        )
    columns = dict(zip(names, table.columns.values(), strict=False))
    return Table(table.path, columns, table.lines, table.bad, table.unit)


def _catalog(
    films: Table,
    genres: list[tuple[str, ...]],
    tmdb: dict[str, int] | None = None,
    imdb: dict[str, str] | None = None,
) -> Catalog:
    ids = list(films.columns["film"])
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
