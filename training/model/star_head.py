"""The stars head without its towers: encode a history as a vector, whose product with the films gives stars.

All users are encoded from their ratings alone, known or not, so that the same ratings give the same stars. The user
tower needs only a history. The film tower has a learned code for every user. It is replaced by the most likely code
given the ratings, with the learned codes as a Gaussian prior: a ridge regression in the coordinates of the prior.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from training.model.factors import least_squares
from training.model.hybrid import Histories, HistoryTower, encode_histories, with_values


@dataclass(frozen=True)
class StarHead:
    """stars(history) = encode(history) . films + film_bias, of 1 to 5, not clipped. M films, D dimensions a side."""

    user_explicit: NDArray[np.float32]  # [M, D] embeddings of the user tower, times residuals
    user_implicit: NDArray[np.float32]  # [M, D] embeddings of the user tower, for having rated (SVD++)
    user_centre: NDArray[np.float32]  # [M] expected rating, for residuals
    user_offset: NDArray[np.float32]  # [D]
    damping: float
    ridge_films: NDArray[np.float32]  # [M, 1 + D] film codes, and a 1 for the bias, in the coordinates of the prior
    ridge_base: NDArray[np.float32]  # [M] what the film tower predicts for the mean user
    prior_mean: NDArray[np.float32]  # [1 + D] mean of the learned user codes
    prior_root: NDArray[np.float32]  # [1 + D, 1 + D] Cholesky factor of their covariance
    noise: float  # variance of a rating around its prediction, stars squared
    films: NDArray[np.float32]  # [M, 1 + 2 D] decoder
    film_bias: NDArray[np.float32]  # [M]

    @classmethod
    def of(cls, user_tower: HistoryTower, film_tower: HistoryTower, of_films: Histories, noise: float) -> "StarHead":
        """From trained towers and the film histories that they were trained on."""
        film_bias, film_codes = film_tower.encode_all(of_films)  # [M], [M, D]
        codes = np.hstack((np.ones((len(film_codes), 1)), film_codes)).astype(np.float64)  # [M, 1 + D]
        rows = np.hstack((film_tower.column_bias.numpy()[:, None], film_tower.decoders().numpy())).astype(np.float64)
        mean = rows.mean(0)
        covariance = np.cov(rows, rowvar=False) + 1e-6 * np.eye(rows.shape[1])
        spread = np.linalg.cholesky(covariance)
        halves = 0.5 * np.hstack((user_tower.decoders().numpy(), film_codes))
        return cls(
            user_explicit=user_tower.explicits().numpy(),
            user_implicit=user_tower.implicit.numpy(),
            user_centre=user_tower.mean + user_tower.column_bias.numpy(),
            user_offset=user_tower.offset.numpy(),
            damping=user_tower.damping,
            ridge_films=(codes @ spread).astype(np.float32),
            ridge_base=(film_tower.mean + film_bias + codes @ mean).astype(np.float32),
            prior_mean=mean.astype(np.float32),
            prior_root=spread.astype(np.float32),
            noise=noise,
            films=np.hstack((np.ones((len(film_codes), 1)), halves)).astype(np.float32),
            film_bias=0.5 * (user_tower.mean + user_tower.column_bias.numpy() + film_tower.mean + film_bias),
        )

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """Vectors [B, 1 + 2 D] of histories [B, M] that hold stars."""
        tables = self.user_explicit, self.user_implicit
        bias, code = encode_histories(histories, self.user_centre, *tables, self.user_offset, self.damping)
        rows = self.film_tower_users(histories)
        return np.hstack((0.5 * (bias + rows[:, :1]), code, rows[:, 1:])).astype(np.float32)

    def film_tower_users(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """The user codes of the film tower [B, 1 + D]: bias and code."""
        targets = with_values(histories, histories.data - self.ridge_base[histories.indices])
        dimensions = self.ridge_films.shape[1]
        prior = np.float32(self.noise) * np.eye(dimensions, dtype=np.float32)
        solved = least_squares(targets, self.ridge_films, prior, np.zeros_like(prior))
        rows: NDArray[np.float32] = self.prior_mean + solved @ self.prior_root.T
        return rows

    def scores(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Stars [B, M], not clipped, of vectors [B, 1 + 2 D]."""
        return codes @ self.films.T + self.film_bias

    def without_ratings(self) -> NDArray[np.float32]:
        """Stars [M] for a user without ratings."""
        empty = scipy.sparse.csr_matrix((1, len(self.films)), dtype=np.float32)
        stars: NDArray[np.float32] = self.scores(self.encode(empty))[0]
        return stars
