"""The baselines, each a Scorer: random, popularity, recent popularity, damped biases, EASE.

Each also serves users it was not fitted to: `fold_in(given)` is the same fit with the histories `given`.
"""

from copy import copy
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Self

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from function.bundle.format import RatingScale
from training.data.dataset import Dataset, Interactions
from training.evaluation.histories import Histories, history_weights
from training.metrics import mean_ndcg
from training.model.ridge import inverse_of

WEEKS: Final = 4  # of recent popularity


@dataclass
class Biases:
    """mean + film bias + user bias, both damped (Koren 2008, section 2.1)."""

    dataset: Dataset
    train: Interactions
    damping: float = 5.0
    name: str = "damped biases"

    def __post_init__(self) -> None:
        rows = self.train
        self.mean = float(rows.ratings.mean())
        self.films = self._damped(rows.films, rows.ratings - self.mean, self.dataset.n_films)
        self.users = self._user_biases(rows)

    def fold_in(self, given: Interactions) -> Self:
        other = copy(self)
        other.users = self._user_biases(given)
        return other

    def _user_biases(self, rows: Interactions) -> NDArray[np.float32]:
        residuals = rows.ratings - self.mean - self.films[rows.films]
        return self._damped(rows.users, residuals, self.dataset.n_users)

    def _damped(self, indices: NDArray[np.int32], residuals: NDArray[np.float32], n: int) -> NDArray[np.float32]:
        sums = np.bincount(indices, residuals, minlength=n)
        return (sums / (np.bincount(indices, minlength=n) + self.damping)).astype(np.float32)

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        return _clip(self.mean + self.users[users] + self.films[films], self.dataset.scale)

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.broadcast_to(self.films, (len(users), self.dataset.n_films))


@dataclass
class Random:
    """A random order, and stars drawn from the training ratings."""

    dataset: Dataset
    train: Interactions
    seed: int = 0
    name: str = "random"

    def fold_in(self, given: Interactions) -> Self:  # noqa: ARG002
        return self

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:  # noqa: ARG002
        return np.random.default_rng(self.seed).choice(self.train.ratings, len(users))

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        # One generator per user, so that a list does not depend on the other users in the batch.
        return np.stack(
            [np.random.default_rng((self.seed, int(user))).random(self.dataset.n_films, np.float32) for user in users]
        )


@dataclass
class Popularity:
    """The most rated films for every user; stars are the film's damped mean."""

    dataset: Dataset
    train: Interactions
    name: str = "popularity"

    def __post_init__(self) -> None:
        self.counts = np.bincount(self.train.films, minlength=self.dataset.n_films).astype(np.float32)
        self._biases = Biases(self.dataset, self.train)

    def fold_in(self, given: Interactions) -> Self:  # noqa: ARG002
        return self

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:  # noqa: ARG002
        return _clip(self._biases.mean + self._biases.films[films], self.dataset.scale)

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.broadcast_to(self.counts, (len(users), self.dataset.n_films))


@dataclass
class RecentPopularity(Popularity):
    """The films with the most ratings in the last WEEKS before the last training rating."""

    name: str = "popularity of the last weeks"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.train.timestamps is None or not len(self.train):
            raise ValueError("there are no timestamps")
        times = self.train.timestamps
        recent = self.train.films[times > times.max() - WEEKS * 7 * 86_400]
        self.counts = np.bincount(recent, minlength=self.dataset.n_films).astype(np.float32)


@dataclass
class Ease:
    """EASE (Steck, WWW 2019): a linear autoencoder in closed form; B[i, j] = -P[i, j] / P[j, j], its diagonal 0.

    P is the inverse of X'X + lambda I, where X is the users x films matrix. It is binary or, with `histories`, has only
    liked films, or weights by stars. Films without ratings are left out of it; their scores are 0. EASE only ranks; its
    stars are those of the damped biases. Memory grows with the square of the number of films, so more than MAX_FILMS
    are refused.
    """

    dataset: Dataset
    train: Interactions
    l2: float = 400.0
    name: str = field(default="EASE")
    histories: Histories = "all"

    LAMBDAS = (100.0, 200.0, 300.0, 400.0, 600.0, 800.0, 1200.0, 1600.0)
    MAX_FILMS = 20_000

    def __post_init__(self) -> None:
        if self.dataset.n_films > self.MAX_FILMS:
            raise ValueError(f"EASE takes up to {self.MAX_FILMS:,} films, not {self.dataset.n_films:,}: leave it out.")
        self._histories = self._of(self.train)
        self._films = np.unique(self._histories.indices)
        rated = self._histories[:, self._films]
        gram = (rated.T @ rated).toarray()  # in single precision: NDCG differs by less than 0.0001
        gram[np.diag_indices_from(gram)] += self.l2
        inverse = inverse_of(gram)
        self._weights = (-inverse / np.diag(inverse)).astype(np.float32)
        np.fill_diagonal(self._weights, 0)
        self._biases = Biases(self.dataset, self.train)

    @classmethod
    def tuned(cls, dataset: Dataset, train: Interactions, validation: Interactions, fitted_on: Interactions) -> "Ease":
        """Fitted to `train`, with the lambda that is best on `validation` when fitted to `fitted_on`.

        NDCG@10 has one peak over LAMBDAS, so the search climbs from the default and stops where it falls.
        """

        @cache
        def ndcg(index: int) -> float:
            tried = cls(dataset, fitted_on, cls.LAMBDAS[index])
            return mean_ndcg(tried.relevance, fitted_on, validation, dataset.n_users, dataset.n_films)

        best = cls.LAMBDAS.index(cls.l2)
        for step in (1, -1):
            while 0 <= best + step < len(cls.LAMBDAS) and ndcg(best + step) > ndcg(best):
                best += step
        return cls(dataset, train, cls.LAMBDAS[best])

    def fold_in(self, given: Interactions) -> Self:
        other = copy(self)
        other._histories, other._biases = self._of(given), self._biases.fold_in(given)
        return other

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        return self._biases.stars(users, films)

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        scores = np.zeros((len(users), self.dataset.n_films), np.float32)
        scores[:, self._films] = self._histories[users][:, self._films] @ self._weights
        return scores

    def _of(self, rows: Interactions) -> scipy.sparse.csr_matrix:
        weights = history_weights(rows.ratings, self.dataset.scale.min, self.dataset.scale.max, self.histories)
        shape = (self.dataset.n_users, self.dataset.n_films)
        return scipy.sparse.csr_matrix((weights, (rows.users, rows.films)), shape)


def _clip(stars: NDArray[np.floating], scale: RatingScale) -> NDArray[np.float32]:
    clipped: NDArray[np.float32] = np.clip(stars, scale.min, scale.max).astype(np.float32)
    return clipped
