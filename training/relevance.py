"""The relevance head: a denoising item-item regression, kept at low rank.

EASE (Steck, WWW 2019) regresses every film on all others in closed form: with X the histories [U, M] and P the inverse
of X'X + lambda I, the scores are X B with B = I - P / diag(P). Its emphasised denoising form (EDLAE, Steck, NeurIPS
2020) adds p / (1 - p) diag(X'X) to the penalty, as training with dropout p would. B is then written as
encoder [M, K] . decoder [K, M] by the principal directions of the scores X B, which lose nothing that ranks: a user
vector of K numbers serves instead of M.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

from training.config import ModelConfig
from training.data import Interactions

LAMBDAS = (50.0, 100.0, 200.0, 400.0, 800.0)
PRIOR = 1.0  # a history starts as if one average rating had been given: nobody's list is empty


@dataclass(frozen=True)
class Relevance:
    """score(history) = (prior + sum over its films i of weight(rating_i) * encoder[i]) . decoder."""

    encoder: NDArray[np.float32]  # [M, K]
    decoder: NDArray[np.float32]  # [M, K]
    prior: NDArray[np.float32]  # [K]
    mean: float  # stars
    rating_weight: float

    def weights(self, ratings: NDArray[np.float32]) -> NDArray[np.float32]:
        """What each rating counts: 1 for having rated, more above the mean, less below it."""
        return rating_weights(ratings, self.mean, self.rating_weight)

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """User vectors [B, K] of histories [B, M] that hold stars."""
        weighted = histories.copy()
        weighted.data = self.weights(weighted.data)
        return np.asarray(weighted @ self.encoder + self.prior, np.float32)


def rating_weights(ratings: NDArray[np.float32], mean: float, slope: float) -> NDArray[np.float32]:
    """1 + slope * (stars - mean), never below 0.1: even a disliked film says that its kind is watched."""
    weights: NDArray[np.float32] = np.maximum(1 + slope * (ratings - mean), 0.1).astype(np.float32)
    return weights


def fit_relevance(
    interactions: Interactions, n_users: int, features: NDArray[np.float32], config: ModelConfig, l2: float
) -> Relevance:
    """Fit the head to `interactions`; `features` [M, F] place the films that have no ratings or too few."""
    n_films = len(features)
    mean = float(interactions.ratings.mean())
    weights = rating_weights(interactions.ratings, mean, config.relevance_rating_weight)
    histories = scipy.sparse.csr_matrix((weights, (interactions.users, interactions.films)), (n_users, n_films))
    counts = np.bincount(interactions.films, minlength=n_films)
    chosen = np.sort(np.argsort(-counts, kind="stable")[: min(config.relevance_films, int((counts > 0).sum()))])
    rank = min(config.relevance_rank, len(chosen))
    some = histories[:, chosen]
    gram = np.asarray((some.T @ some).todense(), np.float64)  # [C, C]
    regression = _regression(gram, l2, config.relevance_dropout)
    # Principal directions of the scores X B: eigenvectors of B' X'X B.
    covariance = regression.T @ gram @ regression
    _, directions = scipy.linalg.eigh(covariance, subset_by_index=[len(chosen) - rank, len(chosen) - 1])
    encoder, decoder = np.zeros((n_films, rank)), np.zeros((n_films, rank))
    encoder[chosen], decoder[chosen] = regression @ directions, directions
    _place_the_rest(encoder, decoder, features, chosen, counts)
    average = np.asarray(histories.sum(0)).ravel() @ encoder / max(len(interactions), 1)
    return Relevance(
        encoder.astype(np.float32),
        decoder.astype(np.float32),
        (PRIOR * average).astype(np.float32),
        mean,
        config.relevance_rating_weight,
    )


def _regression(gram: NDArray[np.float64], l2: float, dropout: float) -> NDArray[np.float64]:
    penalised = gram.copy()
    penalised[np.diag_indices_from(penalised)] += l2 + dropout / (1 - dropout) * np.diag(gram)
    inverse = scipy.linalg.inv(penalised, overwrite_a=True)
    regression: NDArray[np.float64] = -inverse / np.diag(inverse)
    np.fill_diagonal(regression, 0)
    return regression


def _place_the_rest(
    encoder: NDArray[np.float64],
    decoder: NDArray[np.float64],
    features: NDArray[np.float32],
    chosen: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> None:
    """Give every film that was left out the vectors that films of its genres and decade have (ridge regression)."""
    rest = np.setdiff1d(np.arange(len(features)), chosen)
    if not len(rest):
        return
    design = np.hstack((features, np.ones((len(features), 1)))).astype(np.float64)
    weight = np.sqrt(counts[chosen])[:, None]  # a film rated often tells more of its genres
    weighted = design[chosen] * weight
    gram = weighted.T @ weighted + 10.0 * np.eye(design.shape[1])
    for table in (encoder, decoder):
        table[rest] = design[rest] @ np.linalg.solve(gram, weighted.T @ (table[chosen] * weight))
