"""The stars head without its towers: encode a history as a vector, whose product with the films gives stars.

All users are encoded from their ratings alone, known or not, so that the same ratings give the same stars. The user
tower needs only a history. The film tower has a learned code for every user. It is replaced by the most likely code
given the ratings, with the learned codes as a Gaussian prior: a ridge regression in the coordinates of the prior.

Both predictions are mixed, by the share of the user tower that is best on validation.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from training.data.dataset import Interactions
from training.data.splits import evenly_spaced
from training.model.factors import least_squares
from training.model.hybrid import Histories, HistoryTower, encode_histories, with_values

MAX_FOR_SHARE: Final = 6000  # users
# Neither tower is left out: the error is flat near its lowest, and after a few low ratings the film tower by itself
# predicts low stars for nearly all films.
SHARES: Final = (0.3, 0.7)


@dataclass(frozen=True)
class StarHead:
    """stars(history) = encode(history) . films + film_bias, of 1 to 5, not clipped. M films, D dimensions a side."""

    user_explicit: NDArray[np.float32]  # [M, D] embeddings of the user tower, times residuals
    user_implicit: NDArray[np.float32]  # [M, D] embeddings of the user tower, for having rated (SVD++)
    user_centre: NDArray[np.float32]  # [M] expected rating, for residuals
    user_offset: NDArray[np.float32]  # [D]
    user_decoder: NDArray[np.float32]  # [M, D]
    damping: float
    ridge_films: NDArray[np.float32]  # [M, 1 + D] film codes, and a 1 for the bias, in the coordinates of the prior
    ridge_base: NDArray[np.float32]  # [M] what the film tower predicts for the mean user
    prior_mean: NDArray[np.float32]  # [1 + D] mean of the learned user codes
    prior_root: NDArray[np.float32]  # [1 + D, 1 + D] Cholesky factor of their covariance
    noise: float  # variance of a rating around its prediction, stars squared
    film_codes: NDArray[np.float32]  # [M, D]
    film_centre: NDArray[np.float32]  # [M] expected rating, by the film tower
    share: float  # of the user tower's prediction; the film tower's has the rest

    @classmethod
    def of(
        cls, user_tower: HistoryTower, film_tower: HistoryTower, of_films: Histories, noise: float, share: float
    ) -> "StarHead":
        """From trained towers and the film histories that they were trained on."""
        film_bias, film_codes = film_tower.encode_all(of_films)  # [M], [M, D]
        codes = np.hstack((np.ones((len(film_codes), 1)), film_codes)).astype(np.float64)  # [M, 1 + D]
        rows = np.hstack((film_tower.column_bias.numpy()[:, None], film_tower.decoders().numpy())).astype(np.float64)
        mean = rows.mean(0)
        covariance = np.cov(rows, rowvar=False) + 1e-6 * np.eye(rows.shape[1])
        spread = np.linalg.cholesky(covariance)
        return cls(
            user_explicit=user_tower.explicits().numpy(),
            user_implicit=user_tower.implicit.numpy(),
            user_centre=user_tower.mean + user_tower.column_bias.numpy(),
            user_offset=user_tower.offset.numpy(),
            user_decoder=user_tower.decoders().numpy(),
            damping=user_tower.damping,
            ridge_films=(codes @ spread).astype(np.float32),
            ridge_base=(film_tower.mean + film_bias + codes @ mean).astype(np.float32),
            prior_mean=mean.astype(np.float32),
            prior_root=spread.astype(np.float32),
            noise=noise,
            film_codes=film_codes,
            film_centre=film_tower.mean + film_bias,
            share=share,
        )

    @cached_property
    def films(self) -> NDArray[np.float32]:
        """The decoder of both towers, [M, 1 + 2 D]; its first column is 1, for the user's bias."""
        ones = np.ones((len(self.film_codes), 1), np.float32)
        shares = np.float32(self.share), np.float32(1 - self.share)
        return np.hstack((ones, shares[0] * self.user_decoder, shares[1] * self.film_codes))

    @cached_property
    def film_bias(self) -> NDArray[np.float32]:
        """What both towers expect of each film, [M]."""
        return np.float32(self.share) * self.user_centre + np.float32(1 - self.share) * self.film_centre

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """Vectors [B, 1 + 2 D] of histories [B, M] that hold stars."""
        tables = self.user_explicit, self.user_implicit
        bias, code = encode_histories(histories, self.user_centre, *tables, self.user_offset, self.damping)
        rows = self.film_tower_users(histories)
        both = self.share * bias + (1 - self.share) * rows[:, :1]
        return np.hstack((both, code, rows[:, 1:])).astype(np.float32)

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

    def pairs(
        self, codes: NDArray[np.float32], users: NDArray[np.integer], films: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Stars [R], not clipped, of pairs: rows of the vectors [B, 1 + 2 D], and films."""
        stars: NDArray[np.float32] = np.einsum("rd,rd->r", codes[users], self.films[films]) + self.film_bias[films]
        return stars

    def without_ratings(self) -> NDArray[np.float32]:
        """Stars [M] for a user without ratings."""
        empty = scipy.sparse.csr_matrix((1, len(self.films)), dtype=np.float32)
        stars: NDArray[np.float32] = self.scores(self.encode(empty))[0]
        return stars


def best_share(head: StarHead, histories: scipy.sparse.csr_matrix, validation: Interactions) -> float:
    """The share of the user tower with the least squared error on `validation`, within SHARES: least squares of one
    number. The share of `head` without validation.

    `histories` [U, M] hold the stars of the same users, at most MAX_FOR_SHARE of whom are taken.
    """
    users = evenly_spaced(np.unique(validation.users), MAX_FOR_SHARE)
    held_out = validation.take(np.isin(validation.users, users))
    if not len(held_out):
        return head.share
    rows = np.searchsorted(users, held_out.users)

    def alone(share: float) -> NDArray[np.float32]:
        one = replace(head, share=share)
        return one.pairs(one.encode(histories[users]), rows, held_out.films)

    by_film = alone(0.0)
    difference = alone(1.0) - by_film
    return float(np.clip((held_out.ratings - by_film) @ difference / (difference @ difference), *SHARES))
