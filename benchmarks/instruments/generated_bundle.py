"""Bundles of any number of people, films and ratings, with random numbers in a served model of the real shapes.

Training at the size of ml-32m takes most of an hour; but what a bundle weighs, and how long it takes to read and to
ask, does not depend on the numbers in it. `export` writes all films with a few people; then a crowd takes their place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.instruments.growth_data import GENRES
from function.bundle.films import Film
from function.bundle.format import CONTENT, RatingScale, read_bundle
from function.bundle.people import Person
from training.data.dataset import Catalog, Dataset, Interactions
from training.export.bundle import export
from training.export.publish import film_files, publish_verified, stage
from training.model.config import ModelConfig
from training.model.factors import Factors
from training.model.fitted import Chosen, Fitted
from training.model.hybrid import Histories
from training.model.item_regression import ItemRegression
from training.model.relevance import Relevance, genre_vectors
from training.model.served import Served
from training.model.star_head import StarHead
from training.model.tables import Precision
from training.model.watching import Hyperparameters, Watching

SCALE: Final = RatingScale(min=0.5, max=5, step=0.5)
USERS, RATINGS = 300, 20_000  # of whom `export` gets to know


@dataclass(frozen=True)
class Shape:
    """The size of a data set."""

    users: int
    films: int
    ratings: int


ML_1M: Final = Shape(6_040, 3_883, 1_000_209)
ML_32M: Final = Shape(200_948, 84_432, 32_000_204)


def generate(root: Path, shape: Shape, precision: Precision) -> Path:
    """Publish a bundle of this shape under `root`; returns its folder."""
    fitted = _fitted(replace(shape, users=USERS, ratings=RATINGS), np.random.default_rng(0))
    seed = read_bundle(export(fitted, root=root, precision=precision, training={}, metrics={}).folder)
    content = {name: (seed.folder / name).read_bytes() for name in CONTENT}
    staged = stage(
        root,
        content=content | film_files(_films(shape), seed.genres),
        people=_Crowd(shape, seed.manifest.model.dimensions),
        created=seed.manifest.created,
        model=seed.manifest.model.model_copy(update={"users": shape.users}),
        data={"name": "generated", "public": True, "ratings": shape.ratings},
        training={},
        metrics=seed.manifest.metrics,
    )
    return publish_verified(staged, root)


@dataclass(frozen=True)
class _Crowd:
    """People with log-normal activity, who watch the more of a film the lower its index."""

    shape: Shape
    dimensions: int

    def __iter__(self) -> Iterator[Person]:
        rng = np.random.default_rng(1)
        shares = rng.lognormal(0, 1.1, self.shape.users)
        counts = np.floor(shares / shares.sum() * self.shape.ratings).astype(np.int64)
        for user, count in enumerate(np.minimum(counts, self.shape.films // 4)):
            films = np.unique((self.shape.films * rng.random(count) ** 3).astype(np.int32))
            ratings = (rng.integers(1, 11, len(films)) / 2).astype(np.float32)
            yield Person(str(user + 1), _numbers(rng, self.dimensions), films, ratings)


def _films(shape: Shape) -> list[Film]:
    rng = np.random.default_rng(2)
    genres, years = rng.integers(0, len(GENRES), (shape.films, 2)), rng.integers(1930, 2024, shape.films)
    return [
        Film(
            id=str(film + 1),
            title=f"A Film with the Number {film}",
            year=int(years[film]),
            genres=tuple({GENRES[genre]: None for genre in genres[film]}),
            average=round(float(rng.uniform(1, 5)), 3),
            count=shape.ratings // (film + 10),
            tmdb_id=film + 1,
            imdb_id=f"tt{film:07}",
        )
        for film in range(shape.films)
    ]


def _fitted(shape: Shape, rng: np.random.Generator) -> Fitted:
    dataset, config = _dataset(shape, rng), ModelConfig()
    served = _served(dataset.catalog, config, rng)
    fitted = Fitted(
        dataset=dataset,
        config=config,
        model=None,  # type: ignore[arg-type]  # Keras' model is not exported: the served form is
        histories=Histories.of_users(dataset.interactions, dataset.n_users, dataset.n_films),
        served=served,
        curves=None,
        chosen=Chosen(0, 0, 0.5, Hyperparameters(damped=True, l2=0, factors_l2=0, mix=0.5, liking=1)),
    )
    vars(fitted)["user_vectors"] = _numbers(rng, dataset.n_users, served.dimensions)
    return fitted


def _dataset(shape: Shape, rng: np.random.Generator) -> Dataset:
    rows = Interactions(
        np.sort(rng.integers(0, shape.users, shape.ratings)).astype(np.int32),
        rng.integers(0, shape.films, shape.ratings).astype(np.int32),
        (rng.integers(1, 11, shape.ratings) / 2).astype(np.float32),
    )
    films = _films(shape)
    catalog = Catalog(
        tuple(film.id for film in films),
        tuple(film.title for film in films),
        np.array([film.year for film in films], np.int32),
        tuple(film.genres for film in films),
        np.array([film.tmdb_id for film in films], np.int64),
        tuple(str(film.imdb_id) for film in films),
    )
    ids = tuple(str(user + 1) for user in range(shape.users))
    return Dataset("generated", rows, catalog, ids, SCALE, "generated", public=True)


def _served(catalog: Catalog, config: ModelConfig, rng: np.random.Generator) -> Served:
    films, side = len(catalog), config.embedding
    rank, factors = config.relevance_rank, config.relevance_factors
    stars = StarHead(
        user_explicit=_numbers(rng, films, side),
        user_implicit=_numbers(rng, films, side),
        user_centre=3.5 + _numbers(rng, films),
        user_offset=_numbers(rng, side),
        user_decoder=_numbers(rng, films, side),
        damping=config.damping,
        ridge_films=_numbers(rng, films, 1 + side),
        ridge_base=3.5 + _numbers(rng, films),
        prior_mean=_numbers(rng, 1 + side),
        prior_root=np.eye(1 + side, dtype=np.float32),
        noise=config.fold_in_noise,
        film_codes=_numbers(rng, films, side),
        film_centre=3.5 + _numbers(rng, films),
        share=0.5,
    )
    watching = Watching(
        ItemRegression(_numbers(rng, films, rank), _numbers(rng, films, rank)),
        Factors(_numbers(rng, films, factors), np.eye(factors, dtype=np.float32)),
        mix=0.5,
        spread=(1.0, 1.0),
        correlation=0.5,
        prior=(_numbers(rng, rank), _numbers(rng, factors)),
        mean=3.5,
        damping=config.damping,
        rating_weight=config.relevance_rating_weight,
    )
    relevance = Relevance(watching, 1.0, stars.without_ratings(), genre_vectors(catalog), 1.0)
    return Served(stars, relevance, SCALE)


def _numbers(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    return np.float32(0.2) * rng.standard_normal(shape, np.float32)
