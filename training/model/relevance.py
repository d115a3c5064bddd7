"""The relevance head: what orders. Two rankers in one vector, mixed as validation says.

The item regression knows which films go together; the factors know what kind of person watches them. Each is wrong
about other films, so that their mixture is better than either (docs/model-card.md has both alone). Both are fitted in
closed form, both are one dot product to serve, and both say what each rating of a history adds to a film's score:

    relevance(j) = base(j) + sum over the history's films i of pull(i, j)
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from training.data.dataset import Interactions
from training.model.config import ModelConfig
from training.model.factors import Factors, fit_factors
from training.model.item_regression import ItemGrams, ItemRegression, fit_item_regression

PRIOR = 3.0  # a history starts as if so many average ratings had been given: one alone says less than what is popular
LEAST = 0.1


@dataclass(frozen=True)
class Hyperparameters:
    """How strongly each half is regularised, and how they are mixed; relevance_validation.py chooses them."""

    l2: float  # lambda of the regression
    factors_l2: float
    mix: float  # share of the factors: 0 is the regression alone, 1 the factors alone


@dataclass(frozen=True)
class Relevance:
    """score(history) = encode(history) . decoder. M films, K = regression's and factors' dimensions."""

    regression: ItemRegression
    factors: Factors
    mix: float
    spread: tuple[float, float]  # standard deviation of each one's scores in training: they are mixed at equal size
    prior: tuple[NDArray[np.float32], NDArray[np.float32]]  # what PRIOR average ratings say to each, [K1] and [K2]
    mean: float  # stars
    rating_weight: float

    @cached_property
    def decoder(self) -> NDArray[np.float32]:
        """[M, K]."""
        ours = (1 - self.mix) / self.spread[0] * self.regression.decoder
        return np.hstack((ours, self.mix / self.spread[1] * self.factors.films)).astype(np.float32)

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """User vectors [B, K] of histories [B, M] that hold stars."""
        weighted = histories.copy()
        weighted.data = rating_weights(weighted.data, self.mean, self.rating_weight)
        return self.encode_weighted(weighted)

    def encode_weighted(self, weighted: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """User vectors [B, K] of histories [B, M] that hold weights."""
        linear = self.regression.encode(weighted) + self.prior[0]
        return np.hstack((linear, self.factors.encode(weighted, self.prior[1])))


def rating_weights(ratings: NDArray[np.float32], mean: float, slope: float) -> NDArray[np.float32]:
    """1 + slope * (stars - mean), never below 0.1: even a disliked film says that its kind is watched."""
    weights: NDArray[np.float32] = np.maximum(1 + slope * (ratings - mean), LEAST).astype(np.float32)
    return weights


@dataclass(frozen=True)
class RelevanceFit:
    """Fits relevance heads with any hyper-parameters to the same ratings; what they share is computed once."""

    interactions: Interactions
    n_users: int
    features: NDArray[np.float32]  # [M, F]
    config: ModelConfig

    def fit(self, chosen: Hyperparameters) -> Relevance:
        """The head with these hyper-parameters."""
        return self.mixed(self.regression(chosen.l2), self.factors(chosen.factors_l2), chosen.mix)

    @cached_property
    def mean(self) -> float:
        return float(self.interactions.ratings.mean())

    @cached_property
    def histories(self) -> scipy.sparse.csr_matrix:
        """[U, M], weighted."""
        rows = self.interactions
        weights = rating_weights(rows.ratings, self.mean, self.config.relevance_rating_weight)
        return scipy.sparse.csr_matrix((weights, (rows.users, rows.films)), (self.n_users, len(self.features)))

    def regression(self, l2: float) -> ItemRegression:
        return fit_item_regression(self._grams, self.features, self.config, l2)

    @cached_property
    def _grams(self) -> ItemGrams:
        return ItemGrams.of(self.histories, self.config)

    def factors(self, l2: float) -> Factors:
        return fit_factors(self.histories, self.features, self.config, l2)

    def prior(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """What PRIOR average ratings add up to [K], where a rating of each film says its row of `table` [M, K]."""
        said = np.asarray(self.histories.sum(0)).ravel() * (PRIOR / max(len(self.interactions), 1))  # [M]
        return (said @ table).astype(np.float32)

    def mixed(self, regression: ItemRegression, factors: Factors, mix: float) -> Relevance:
        """Both in one head, brought to the same size."""
        prior = self.prior(regression.encoder), self.prior(factors.films)
        some = self.histories[:: max(1, self.n_users // 1000)]
        spread = (
            float((regression.encode(some) @ regression.decoder.T).std()) or 1.0,
            float((factors.encode(some, prior[1]) @ factors.films.T).std()) or 1.0,
        )
        slope = self.config.relevance_rating_weight
        return Relevance(regression, factors, mix, spread, prior, self.mean, slope)
