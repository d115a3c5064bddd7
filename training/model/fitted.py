"""A fitted model: scores known users, encodes new histories, and is exported to a bundle."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse
import tensorflow as tf
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.splits import evenly_spaced
from training.model import units
from training.model.config import ModelConfig
from training.model.hybrid import Histories, HybridModel, film_features, with_values
from training.model.served import Served
from training.model.tower_fit import Curves
from training.model.watching import Hyperparameters

MAX_FOR_MEAN = 2000


@dataclass(frozen=True)
class Chosen:
    """What validation chose."""

    user_epochs: int
    film_epochs: int
    user_tower_share: float  # in the stars
    relevance: Hyperparameters


@dataclass(frozen=True)
class Fitted:
    """A fitted model. It is a Scorer for the users it was trained on; `served` encodes any history."""

    dataset: Dataset
    config: ModelConfig
    model: HybridModel
    histories: Histories  # of the users in training, on the scale of the data
    served: Served
    curves: Curves | None  # None if nothing was chosen
    chosen: Chosen
    name: str = "this model"

    @cached_property
    def user_vectors(self) -> NDArray[np.float32]:
        """Vectors of the known users, [U, D], encoded from their histories like those of visitors."""
        return self.encode_all(self.histories.matrix())

    def encode_all(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """User vectors [B, D] of histories [B, M] on the scale of the data: `encode` of many at once."""
        return self.served.encode_all(with_values(histories, units.to_stars(histories.data, self.dataset.scale)))

    def score(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Both heads for user vectors [B, D]: stars [B, M] within the scale, and relevance [B, M]."""
        stars, relevance = self.served.heads(tf.constant(vectors))
        return stars.numpy(), relevance.numpy()

    def encode(self, films: NDArray[np.int32], ratings: NDArray[np.float32]) -> NDArray[np.float32]:
        """The user vector [D] of anybody's history: codes [n] and stars [n], the latest last (fold-in)."""
        return self.served.encode_history(films, ratings)

    @cached_property
    def mean_relevance(self) -> NDArray[np.float32]:
        """Mean and standard deviation [M, 2] of each film's relevance over known users, or MAX_FOR_MEAN of them."""
        some = evenly_spaced(np.arange(len(self.user_vectors), dtype=np.int32), MAX_FOR_MEAN)
        scores = self.relevance(some)
        return np.stack((scores.mean(0), scores.std(0)), 1)

    def explain(self, films: NDArray[np.int32], ratings: NDArray[np.float32], film: int) -> NDArray[np.float32]:
        """What each rating of a history [n] adds to the relevance of one film; [n]."""
        return self.served.explain(films, ratings, film)

    def film_vectors(self) -> NDArray[np.float32]:
        """What films are compared by, [M, K], rows of length 1: what they are watched by, and their features."""
        table = self.served.relevance.watching.decoder
        features = film_features(self.dataset.catalog)
        both = np.hstack((_unit(table), 0.3 * _unit(features)))
        return _unit(both)

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        """Predicted stars [R] of the pairs, within the scale."""
        codes = self.user_vectors[:, : self.served.star_dimensions]
        return units.on_scale(self.served.stars.pairs(codes, users, films), self.dataset.scale)

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        """Scores [B, M] of every film for `users` [B]."""
        return self.served.relevance_of(self.user_vectors[users])


def _unit(rows: NDArray[Any]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
