"""Bundles of any number of people, films and ratings, with random numbers in a served model of the real shapes.

Training at the size of ml-32m takes an hour; what its bundle weighs, and how long it takes to read and to ask, does not
depend on the numbers in it. `export` writes and verifies it as it does a trained one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.instruments.growth_data import GENRES
from function.bundle.format import RatingScale
from training.data.dataset import Catalog, Dataset, Interactions
from training.export.bundle import export
from training.model.config import ModelConfig
from training.model.factors import Factors
from training.model.fitted import Chosen, Fitted
from training.model.hybrid import Histories
from training.model.item_regression import ItemRegression
from training.model.relevance import Relevance, genre_vectors
from training.model.served import Precision, Served
from training.model.star_head import StarHead
from training.model.watching import Hyperparameters, Watching

SCALE: Final = RatingScale(min=0.5, max=5, step=0.5)


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
    rng = np.random.default_rng(0)
    dataset = _dataset(shape, rng)
    served = _served(dataset.catalog, ModelConfig(), rng)
    fitted = Fitted(
        dataset=dataset,
        config=ModelConfig(),
        model=None,  # type: ignore[arg-type]  # Keras' model is not exported: the served form is
        histories=Histories.of_users(dataset.interactions, dataset.n_users, dataset.n_films),
        served=served,
        curves=None,
        chosen=Chosen(0, 0, Hyperparameters(damped=True, l2=0, factors_l2=0, mix=0.5, liking=1)),
    )
    fitted.__dict__["user_vectors"] = _numbers(rng, shape.users, served.dimensions)
    return export(fitted, root=root, precision=precision, training={}, metrics={}).folder


def _dataset(shape: Shape, rng: np.random.Generator) -> Dataset:
    # Log-normal activity, and popularity that falls with the index.
    shares = rng.lognormal(0, 1.1, shape.users)
    counts = np.floor(shares / shares.sum() * shape.ratings).astype(np.int64)
    users = np.repeat(np.arange(shape.users, dtype=np.int32), counts)
    films = (shape.films * rng.random(len(users)) ** 3).astype(np.int32)
    ratings = (rng.integers(1, 11, len(users)) / 2).astype(np.float32)
    first, second = rng.integers(0, len(GENRES), (2, shape.films))
    catalog = Catalog(
        tuple(str(film + 1) for film in range(shape.films)),
        tuple(f"A Film with the Number {film}" for film in range(shape.films)),
        rng.integers(1930, 2024, shape.films).astype(np.int32),
        tuple((GENRES[a],) if a == b else (GENRES[a], GENRES[b]) for a, b in zip(first, second, strict=True)),
        np.arange(shape.films, dtype=np.int64) + 1,
        tuple(f"tt{film:07}" for film in range(shape.films)),
    )
    ids = tuple(str(user + 1) for user in range(shape.users))
    return Dataset("generated", Interactions(users, films, ratings), catalog, ids, SCALE, "generated", public=True)


def _served(catalog: Catalog, config: ModelConfig, rng: np.random.Generator) -> Served:
    films, side = len(catalog), config.embedding
    rank, factors = config.relevance_rank, config.relevance_factors
    stars = StarHead(
        user_explicit=_numbers(rng, films, side),
        user_implicit=_numbers(rng, films, side),
        user_centre=3.5 + _numbers(rng, films),
        user_offset=_numbers(rng, side),
        damping=config.damping,
        ridge_films=_numbers(rng, films, 1 + side),
        ridge_base=3.5 + _numbers(rng, films),
        prior_mean=_numbers(rng, 1 + side),
        prior_root=np.eye(1 + side, dtype=np.float32),
        noise=config.fold_in_noise,
        films=_numbers(rng, films, 1 + 2 * side),
        film_bias=3.5 + _numbers(rng, films),
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
    drawn: NDArray[Any] = rng.standard_normal(shape, np.float32)
    return (0.2 * drawn).astype(np.float32)
