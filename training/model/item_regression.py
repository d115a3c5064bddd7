"""The linear half of the relevance head: a denoising item-item regression, kept at low rank.

EASE (Steck, WWW 2019) regresses every film on all others in closed form: with X the histories [U, M] and P the inverse
of X'X + lambda I, the scores are X B with B = I - P / diag(P). Its emphasised denoising form (EDLAE, Steck, NeurIPS
2020) adds p / (1 - p) diag(X'X) to the penalty, as training with dropout p would. Here long histories and popular films
weigh less than their length in X'X, or they would have the say alone (as the normalised adjacency of GF-CF, Shen et
al., CIKM 2021). B is then written as encoder [M, K] . decoder [K, M] by the principal directions of the scores X B,
which lose nothing that ranks: a user vector of K numbers serves instead of M.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

from training.model.cold import place_by_features
from training.model.config import ModelConfig


@dataclass(frozen=True)
class ItemRegression:
    """score(history) = sum over its films i of weight_i * encoder[i], . decoder."""

    encoder: NDArray[np.float32]  # [M, K]
    decoder: NDArray[np.float32]  # [M, K]

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """Codes [B, K] of weighted histories [B, M]."""
        return np.asarray(histories @ self.encoder, np.float32)


@dataclass(frozen=True)
class ItemGrams:
    """What every lambda shares: the products of the films' columns, of the films that take part."""

    chosen: NDArray[np.int64]  # [C] codes
    counts: NDArray[np.int64]  # [M] ratings
    gram: NDArray[np.float64]  # X'X [C, C]
    damped: NDArray[np.float64]  # the same of users and films that weigh less the more ratings they have
    scale: NDArray[np.float64]  # [C] what films were scaled by in it

    @classmethod
    def of(cls, histories: scipy.sparse.csr_matrix, config: ModelConfig) -> "ItemGrams":
        """Of weighted histories [U, M]."""
        counts = np.bincount(histories.indices, minlength=histories.shape[1])
        rated = int((counts > 0).sum())
        chosen = np.sort(np.argsort(-counts, kind="stable")[: min(config.relevance_films, rated)])
        some = histories[:, chosen]
        lengths = np.maximum(np.diff(histories.indptr), 1)
        scale = counts[chosen].astype(np.float64) ** (-config.relevance_film_damping / 2)
        by_user = scipy.sparse.diags(lengths ** (-config.relevance_user_damping / 2))
        scaled = by_user @ some @ scipy.sparse.diags(scale)
        gram, damped = (np.asarray((part.T @ part).todense(), np.float64) for part in (some, scaled))
        # Back to the size that undamped counts have: lambda means the same whatever the damping.
        return cls(chosen, counts, gram, damped * (np.trace(gram) / np.trace(damped)), scale)


def fit_item_regression(
    grams: ItemGrams, features: NDArray[np.float32], config: ModelConfig, l2: float
) -> ItemRegression:
    """Fit with the penalty `l2`; `features` [M, F] place the films that have no ratings or too few."""
    chosen, n_films = grams.chosen, len(features)
    rank = min(config.relevance_rank, len(chosen))
    regression = _regression(grams.damped, l2, config.relevance_dropout)
    regression *= grams.scale[:, None]
    regression /= grams.scale
    # Principal directions of the scores X B: eigenvectors of B' X'X B.
    covariance = regression.T @ grams.gram @ regression
    largest = [len(chosen) - rank, len(chosen) - 1]
    _, directions = scipy.linalg.eigh(covariance, subset_by_index=largest, overwrite_a=True)
    encoder, decoder = np.zeros((n_films, rank)), np.zeros((n_films, rank))
    encoder[chosen], decoder[chosen] = regression @ directions, directions
    known = np.isin(np.arange(n_films), chosen)
    for table in (encoder, decoder):
        place_by_features(table, features, known, grams.counts)
    return ItemRegression(encoder.astype(np.float32), decoder.astype(np.float32))


def _regression(gram: NDArray[np.float64], l2: float, dropout: float) -> NDArray[np.float64]:
    penalised = gram.copy()
    penalised[np.diag_indices_from(penalised)] += l2 + dropout / (1 - dropout) * np.diag(gram)
    # In place, here and below: of 8,000 films, a matrix takes half a gigabyte.
    regression: NDArray[np.float64] = scipy.linalg.inv(penalised, overwrite_a=True)
    regression /= -np.diag(regression).copy()
    np.fill_diagonal(regression, 0)
    return regression
