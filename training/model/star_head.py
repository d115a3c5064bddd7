"""The stars head without its towers: a history goes in, a vector comes out that is multiplied with the films'.

Everybody is encoded by what they rated and nothing else, known or not, so that the same ratings get the same stars. The
user tower needs a history only. The film tower has learned a row for every user; it is replaced by the likeliest row,
given the ratings, with the learned rows as a Gaussian prior: a ridge regression in the prior's own coordinates.
docs/model-card.md has what that costs (nothing).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from training.model.factors import least_squares
from training.model.hybrid import Histories, HistoryTower


@dataclass(frozen=True)
class StarHead:
    """stars(history) = encode(history) . films + film_bias, of 1 to 5, not clipped. M films, D dimensions a side."""

    user_said: NDArray[np.float32]  # [M, D] the user tower's reading of a film's residual
    user_seen: NDArray[np.float32]  # [M, D] and of its having been rated
    user_centre: NDArray[np.float32]  # [M] what residuals are taken from
    user_offset: NDArray[np.float32]  # [D]
    damping: float
    place_films: NDArray[np.float32]  # [M, 1 + D] film codes, and a 1 for the bias, in the coordinates of the prior
    place_base: NDArray[np.float32]  # [M] what the film tower predicts for the mean user
    place_mean: NDArray[np.float32]  # [1 + D] the prior: mean of the known users' rows
    place_spread: NDArray[np.float32]  # [1 + D, 1 + D] and a root of their covariance
    noise: float  # variance of a rating around its prediction, stars squared
    films: NDArray[np.float32]  # [M, 1 + 2 D] what a vector is multiplied with
    film_bias: NDArray[np.float32]  # [M]

    @classmethod
    def of(cls, user_tower: HistoryTower, film_tower: HistoryTower, of_films: Histories, noise: float) -> "StarHead":
        """Of trained towers, and the film histories that they were trained on."""
        film_bias, film_codes = film_tower.encode_all(of_films)  # [M], [M, D]
        codes = np.hstack((np.ones((len(film_codes), 1)), film_codes)).astype(np.float64)  # [M, 1 + D]
        rows = np.hstack((film_tower.column_bias.numpy()[:, None], film_tower.decoders().numpy())).astype(np.float64)
        mean = rows.mean(0)
        covariance = np.cov(rows, rowvar=False) + 1e-6 * np.eye(rows.shape[1])
        spread = np.linalg.cholesky(covariance)
        halves = 0.5 * np.hstack((user_tower.decoders().numpy(), film_codes))
        return cls(
            user_said=(user_tower.rated + user_tower.column_features @ user_tower.rated_map).numpy(),
            user_seen=user_tower.seen.numpy(),
            user_centre=user_tower.mean + user_tower.column_bias.numpy(),
            user_offset=user_tower.offset.numpy(),
            damping=user_tower.damping,
            place_films=(codes @ spread).astype(np.float32),
            place_base=(film_tower.mean + film_bias + codes @ mean).astype(np.float32),
            place_mean=mean.astype(np.float32),
            place_spread=spread.astype(np.float32),
            noise=noise,
            films=np.hstack((np.ones((len(film_codes), 1)), halves)).astype(np.float32),
            film_bias=0.5 * (user_tower.mean + user_tower.column_bias.numpy() + film_tower.mean + film_bias),
        )

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """Vectors [B, 1 + 2 D] of histories [B, M] that hold stars."""
        bias, code = self._user_tower_code(histories)
        rows = self.places(histories)
        return np.hstack((0.5 * (bias + rows[:, :1]), code, rows[:, 1:])).astype(np.float32)

    def places(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """The likeliest rows [B, 1 + D] beside the film codes: bias and code."""
        targets = _with(histories, histories.data - self.place_base[histories.indices])
        dimensions = self.place_films.shape[1]
        prior = np.float32(self.noise) * np.eye(dimensions, dtype=np.float32)
        solved = least_squares(targets, self.place_films, prior, np.zeros_like(prior))
        rows: NDArray[np.float32] = self.place_mean + solved @ self.place_spread.T
        return rows

    def scores(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Stars [B, M], not clipped, of vectors [B, 1 + 2 D]."""
        return codes @ self.films.T + self.film_bias

    def nobody(self) -> NDArray[np.float32]:
        """Stars [M] for somebody who has rated nothing."""
        empty = scipy.sparse.csr_matrix((1, len(self.films)), dtype=np.float32)
        nobody: NDArray[np.float32] = self.scores(self.encode(empty))[0]
        return nobody

    def _user_tower_code(self, histories: scipy.sparse.csr_matrix) -> tuple[Any, Any]:
        """What HistoryTower.encode makes of histories without a row of their own: bias [B, 1] and code [B, D]."""
        residuals = _with(histories, histories.data - self.user_centre[histories.indices])
        count = np.diff(histories.indptr)[:, None].astype(np.float32)
        bias = np.asarray(residuals.sum(1), np.float32) / (count + self.damping)
        residuals.data -= np.repeat(bias[:, 0], np.diff(histories.indptr))
        bag = residuals @ self.user_said + _with(histories, np.ones_like(histories.data)) @ self.user_seen
        return bias, np.tanh(bag / np.sqrt(count + 1.0) + self.user_offset)


def _with(histories: scipy.sparse.csr_matrix, values: NDArray[np.float32]) -> scipy.sparse.csr_matrix:
    """The same histories with other values."""
    return scipy.sparse.csr_matrix((values, histories.indices, histories.indptr), histories.shape)
