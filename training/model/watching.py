"""How likely a user is to watch a film: two rankers in one vector, mixed with weights chosen on validation.

The item regression models which films are watched together, the factors what kind of user watches them. Their errors
differ, so that their mixture is better than either (docs/model-card.md has both alone). Both are fitted in closed form
and served as one dot product, and both give the exact contribution of each rating to the score of a film. Ratings have
more weight the further they are above the user's mean: a little in histories, since a disliked film also shows what the
user watches, and more in what the regression is to predict.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from training.data.dataset import Interactions
from training.model.config import ModelConfig
from training.model.factors import Factors, fit_factors
from training.model.item_regression import Design, ItemRegression, fit_item_regression

PRIOR = 3.0  # average ratings that every history starts with, since popularity is better evidence than a single rating
MIN_WEIGHT = 0.1


@dataclass(frozen=True)
class Hyperparameters:
    """Hyper-parameters chosen by relevance_validation.py: regularisation and mixture weights."""

    damped: bool  # histories of the regression; False is EASE
    l2: float  # lambda of the regression
    factors_l2: float
    mix: float  # share of the factors: 0 is the regression alone, 1 the factors alone
    liking: float  # weight of the stars (relevance.py)


@dataclass(frozen=True)
class Watching:
    """score(history) = encode(history) . decoder. M films, K = regression's and factors' dimensions."""

    regression: ItemRegression
    factors: Factors
    mix: float
    spread: tuple[float, float]  # standard deviation of each ranker's scores in training, to mix them at equal size
    correlation: float  # of the scores of the rankers
    prior: tuple[
        NDArray[np.float32], NDArray[np.float32]
    ]  # sum of PRIOR average ratings for each ranker, [K1] and [K2]
    mean: float  # stars
    damping: float  # of the users' means
    rating_weight: float

    @property
    def shares(self) -> tuple[float, float]:
        """Factors of both rankers' scores, such that their sum has a standard deviation of 1."""
        ours, theirs = 1 - self.mix, self.mix
        size = np.sqrt(ours**2 + theirs**2 + 2 * ours * theirs * self.correlation)
        return ours / size / self.spread[0], theirs / size / self.spread[1]

    @cached_property
    def decoder(self) -> NDArray[np.float32]:
        """[M, K]."""
        ours, theirs = self.shares
        return np.hstack((ours * self.regression.decoder, theirs * self.factors.films)).astype(np.float32)

    @property
    def without_ratings(self) -> NDArray[np.float32]:
        """The user vector [K] of an empty history."""
        return np.concatenate(self.prior)

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """User vectors [B, K] of histories [B, M] that hold stars."""
        return self.encode_weighted(rating_weights(histories, self.mean, self.damping, self.rating_weight))

    def encode_weighted(self, weighted: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """User vectors [B, K] of histories [B, M] that hold weights."""
        linear = self.regression.encode(weighted) + self.prior[0]
        return np.hstack((linear, self.factors.encode(weighted, self.prior[1])))


def rating_weights(
    histories: scipy.sparse.csr_matrix, mean: float, damping: float, slope: float
) -> scipy.sparse.csr_matrix:
    """Histories [B, M] that hold 1 + slope * (stars - the user's damped mean), at least 0.1: even a disliked film
    shows what the user watches."""
    lengths = np.diff(histories.indptr)
    above = np.asarray(histories.sum(1)).ravel() - mean * lengths
    centres = mean + above / (lengths + damping)
    weights = np.maximum(1 + slope * (histories.data - np.repeat(centres, lengths)), MIN_WEIGHT).astype(np.float32)
    return scipy.sparse.csr_matrix((weights, histories.indices, histories.indptr), histories.shape)


@dataclass(frozen=True)
class WatchingFit:
    """Fits the rankers to the same ratings with any hyper-parameters; shared intermediate results are cached."""

    interactions: Interactions  # stars of 1 to 5
    n_users: int
    features: NDArray[np.float32]  # [M, F]
    config: ModelConfig

    def fit(self, chosen: Hyperparameters) -> Watching:
        """The rankers with these hyper-parameters."""
        regression = self.regression(chosen.l2, damped=chosen.damped)
        return self.mixed(regression, self.factors(chosen.factors_l2), chosen.mix)

    @cached_property
    def mean(self) -> float:
        return float(self.interactions.ratings.mean())

    @cached_property
    def ratings(self) -> scipy.sparse.csr_matrix:
        """[U, M], stars."""
        rows = self.interactions
        shape = (self.n_users, len(self.features))
        return scipy.sparse.csr_matrix((rows.ratings, (rows.users, rows.films)), shape)

    @cached_property
    def histories(self) -> scipy.sparse.csr_matrix:
        """[U, M], weighted."""
        return rating_weights(self.ratings, self.mean, self.config.damping, self.config.relevance_rating_weight)

    @cached_property
    def targets(self) -> scipy.sparse.csr_matrix:
        """[U, M], what the regression predicts: the same ratings, with more weight of what was liked."""
        return rating_weights(self.ratings, self.mean, self.config.damping, self.config.relevance_target_weight)

    def regression(self, l2: float, *, damped: bool) -> ItemRegression:
        return fit_item_regression(self._damped if damped else self._plain, self.features, l2)

    def forget_designs(self) -> None:
        """Release the regression's matrices, which are large; another regression would compute them anew."""
        for name in ("_damped", "_plain"):
            self.__dict__.pop(name, None)

    @cached_property
    def _damped(self) -> Design:
        return Design.of(self.histories, self.targets, self.config, damped=True)

    @cached_property
    def _plain(self) -> Design:
        return Design.of(self.histories, self.targets, self.config, damped=False)

    def factors(self, l2: float) -> Factors:
        return fit_factors(self.histories, self.features, self.config, l2)

    def prior(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """The sum [K] of PRIOR average ratings, where a rating of a film adds its row of `table` [M, K]."""
        weights = np.asarray(self.histories.sum(0)).ravel() * (PRIOR / max(len(self.interactions), 1))  # [M]
        return (weights @ table).astype(np.float32)

    def mixed(self, regression: ItemRegression, factors: Factors, mix: float) -> Watching:
        """Both rankers, scaled to the same size."""
        prior = self.prior(regression.encoder), self.prior(factors.films)
        some = self.histories[:: max(1, self.n_users // 1000)]
        ours = (regression.encode(some) + prior[0]) @ regression.decoder.T
        theirs = factors.encode(some, prior[1]) @ factors.films.T
        spread = float(ours.std()) or 1.0, float(theirs.std()) or 1.0
        product = float(np.mean((ours - ours.mean()) * (theirs - theirs.mean())))
        config = self.config
        return Watching(
            regression,
            factors,
            mix,
            spread,
            product / (spread[0] * spread[1]),
            prior,
            self.mean,
            config.damping,
            config.relevance_rating_weight,
        )
