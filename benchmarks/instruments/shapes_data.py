"""Generated data sets of six shapes, to see whether defaults that were chosen on MovieLens hold elsewhere.

Films have two genres and a taste vector, people a taste near one of a few centres. People watch what is well known and
what they expect to like; what they give depends on taste, on the film's quality, on their own mean, and on chance.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from function.bundle.format import RatingScale
from training.data.dataset import Catalog, Dataset, Interactions

GENRES: Final = (
    *("Drama", "Comedy", "Thriller", "Romance", "Action", "Crime", "Horror", "Documentary", "Adventure", "Sci-Fi"),
    *("Mystery", "Fantasy", "War", "Children", "Musical", "Animation", "Western", "Film-Noir"),
)
TASTES: Final = 12  # dimensions
CENTRES: Final = 25


@dataclass(frozen=True)
class Shape:
    """What a data set is like."""

    users: int
    films: int
    ratings: int
    scale: RatingScale
    spread: float  # of log activity
    least: int = 1  # ratings of a user
    single: float = 0.0  # share of users with one rating


SHAPES: Final = {
    "few people": Shape(610, 9742, 100_000, RatingScale(min=0.5, max=5, step=0.5), 1.2, least=20),
    "many people": Shape(8000, 900, 200_000, RatingScale(min=1, max=5, step=1), 1.0),
    "very sparse": Shape(16_554, 10_506, 100_000, RatingScale(min=0, max=10, step=1), 1.6, single=0.5),
    "half stars": Shape(1500, 2500, 120_000, RatingScale(min=0.5, max=5, step=0.5), 1.0, least=10),
    "0 to 100": Shape(1500, 2500, 100_000, RatingScale(min=0, max=100, step=1), 1.0, least=10),
    "only fives": Shape(2000, 2500, 100_000, RatingScale(min=1, max=5, step=1), 1.0, least=5),
}


def shaped(name: str, seed: int = 0) -> Dataset:
    """The data set of the shape `name`."""
    shape = SHAPES[name]
    rng = np.random.default_rng(seed + 1000)
    users, films = shape.users, shape.films
    share = 1 / np.arange(2, len(GENRES) + 2)
    first = rng.choice(len(GENRES), films, p=share / share.sum())
    second = np.where(rng.random(films) < 0.6, rng.choice(len(GENRES), films, p=share / share.sum()), first)
    genres = rng.normal(0, 1, (len(GENRES), TASTES))
    films_at = 0.4 * (genres[first] + genres[second]) + 0.75 * rng.normal(0, 1, (films, TASTES))
    centres = rng.normal(0, 1, (CENTRES, TASTES))
    users_at = 0.7 * centres[rng.integers(0, CENTRES, users)] + 0.7 * rng.normal(0, 1, (users, TASTES))
    quality = rng.normal(0, 1, films)
    ranks = rng.permutation(np.arange(1, films + 1))
    known = -np.log((ranks + 10) / films + 0.01 * (films > 2000)) + 0.35 * quality
    columns: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    counts = _activity(shape, rng)
    for start in range(0, users, 1000):
        taste = users_at[start : start + 1000] @ films_at.T / np.sqrt(TASTES)
        drawn = 1.5 * known + taste + rng.gumbel(size=taste.shape)
        for row, (liking, wanted) in enumerate(zip(taste, drawn, strict=True)):
            count = counts[start + row]
            seen = np.argpartition(-wanted, count)[:count]
            columns.append((np.full(count, start + row), seen, 0.55 * liking[seen] + 0.45 * quality[seen]))
    rows, rated, fit = (np.concatenate(column) for column in zip(*columns, strict=True))
    opinion = fit + rng.normal(0, 0.45, users)[rows] + rng.normal(0, 0.75, len(rows))
    stars = _stars(shape.scale, opinion) if name != "only fives" else np.full(len(rows), shape.scale.max, np.float32)
    catalog = Catalog(
        tuple(str(film) for film in range(1, films + 1)),
        tuple(f"Film {film}" for film in range(films)),
        rng.integers(1950, 2010, films).astype(np.int32),
        tuple((GENRES[a],) if a == b else (GENRES[a], GENRES[b]) for a, b in zip(first, second, strict=True)),
        np.zeros(films, np.int64),
        ("",) * films,
    )
    interactions = Interactions(rows.astype(np.int32), rated.astype(np.int32), stars)
    return Dataset(name, interactions, catalog, tuple(str(user) for user in range(users)), shape.scale, "generated")


def _activity(shape: Shape, rng: np.random.Generator) -> NDArray[np.int64]:
    """The number of ratings of each user."""
    weights = rng.lognormal(0, shape.spread, shape.users)
    least = np.where(rng.random(shape.users) < shape.single, 1, shape.least + (shape.single > 0))
    weights[least == 1] *= shape.single == 0
    more = max(0, shape.ratings - int(least.sum()))
    counts = least + np.floor(weights / weights.sum() * more + rng.random(shape.users) * (weights > 0)).astype(int)
    limited: NDArray[np.int64] = np.clip(counts, 1, shape.films // 4)
    return limited


def _stars(scale: RatingScale, opinion: NDArray[np.float64]) -> NDArray[np.float32]:
    height = 0.62 + 0.23 * (opinion - opinion.mean()) / opinion.std()
    steps = np.rint(height * (scale.max - scale.min) / scale.step)
    stars: NDArray[np.float32] = np.clip(scale.min + steps * scale.step, scale.min, scale.max).astype(np.float32)
    return stars


def write(dataset: Dataset, folder: Path) -> None:
    """Write ratings.parquet and films.parquet in the layout of a user's own files."""
    rows, catalog = dataset.interactions, dataset.catalog
    ratings = {"user_id": rows.users + 1, "film_id": rows.films + 1, "rating": rows.ratings}
    films = {
        "film_id": np.arange(dataset.n_films) + 1,
        "title": catalog.titles,
        "year": catalog.years,
        "genres": ["|".join(genres) for genres in catalog.genres],
    }
    pa.parquet.write_table(pa.table(ratings), folder / "ratings.parquet")
    pa.parquet.write_table(pa.table(films), folder / "films.parquet")


def part(dataset: Dataset, name: str, seed: int = 0) -> Dataset:
    """A part of a large data set: 600 random people, a random tenth of all ratings, or the least rated half of the
    films; people and films without ratings are dropped."""
    rows, rng = dataset.interactions, np.random.default_rng(seed)
    counts = np.bincount(rows.films, minlength=dataset.n_films)
    rated = np.flatnonzero(counts)
    kept = {
        "600 people": lambda: np.isin(rows.users, rng.permutation(dataset.n_users)[:600]),
        "a tenth of the ratings": lambda: rng.random(len(rows)) < 0.1,
        "the least rated films": lambda: np.isin(rows.films, rated[np.argsort(counts[rated])[: len(rated) // 2]]),
    }[name]()
    rows = rows.take(kept)
    users, user = np.unique(rows.users, return_inverse=True)
    films, film = np.unique(rows.films, return_inverse=True)
    old = dataset.catalog
    catalog = Catalog(
        tuple(old.ids[index] for index in films),
        tuple(old.titles[index] for index in films),
        old.years[films],
        tuple(old.genres[index] for index in films),
        old.tmdb_ids[films],
        tuple(old.imdb_ids[index] for index in films),
    )
    interactions = Interactions(user.astype(np.int32), film.astype(np.int32), rows.ratings, rows.timestamps)
    ids = tuple(dataset.user_ids[index] for index in users)
    return Dataset(f"{dataset.name}, {name}", interactions, catalog, ids, dataset.scale, dataset.terms)
