"""A denoising item-item regression at low rank, one of the two rankers of watching.py.

EASE (Steck, WWW 2019) regresses every film on all others in closed form: with X the histories [U, M] and P the inverse
of X'X + lambda I, the scores are X B with B = I - P / diag(P). That is a regression of targets Y on X where Y = X,
B = P X'Y - P diag(c). Here c = diag(P X'Y) / diag(P), so that no film predicts itself, and Y are the same ratings,
weighted more by how much they were liked. The emphasised denoising form (EDLAE, Steck, NeurIPS
2020) adds p / (1 - p) diag(X'X) to the penalty, as training with dropout p would; and long histories and popular films
can be damped in X'X, which they would otherwise dominate (as in the normalised adjacency of GF-CF, Shen et al., CIKM
2021). Validation chooses whether both are done; without, and with Y = X, it is EASE.

B is then written as encoder [M, K] . decoder [K, M] by the principal directions of the scores X B: a user vector has K
numbers instead of M. They are found by one power step from the singular vectors of X (Halko, Martinsson & Tropp,
SIAM Review 2011), so that B is never formed.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd

from training.model.cold import impute_by_features
from training.model.config import ModelConfig
from training.model.ridge import MANY, Ridge, column_products


@dataclass(frozen=True)
class ItemRegression:
    """score(history) = sum over its films i of weight_i * encoder[i], . decoder."""

    encoder: NDArray[np.float32]  # [M, K]
    decoder: NDArray[np.float32]  # [M, K]

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """Codes [B, K] of weighted histories [B, M]."""
        return np.asarray(histories @ self.encoder, np.float32)


@dataclass(frozen=True)
class Design:
    """The histories of the regression, which are the same for every lambda."""

    films: NDArray[np.int64]  # [C] indices
    counts: NDArray[np.int64]  # [M] ratings
    ridge: Ridge  # of histories and targets [U, C]
    scale: NDArray[np.float64]  # [C] scale of each film
    dropout: float

    @classmethod
    def of(
        cls,
        histories: scipy.sparse.csr_matrix,
        targets: scipy.sparse.csr_matrix,
        config: ModelConfig,
        *,
        damped: bool,
    ) -> "Design":
        """Of histories and targets [U, M], the same ratings with other weights; without `damped`, as in EASE."""
        counts = np.bincount(histories.indices, minlength=histories.shape[1])
        rated = int((counts > 0).sum())
        most = rated if histories.nnz <= MANY else min(config.relevance_films, rated)
        films = np.sort(np.argsort(-counts, kind="stable")[:most])
        by_user, by_film, dropout = 0.0, 0.0, 0.0
        if damped:
            by_user, by_film = config.relevance_user_damping, config.relevance_film_damping
            dropout = config.relevance_dropout
        scale = counts[films].astype(np.float64) ** (-by_film / 2)
        rows, wanted = histories[:, films], targets[:, films]
        lengths = np.maximum(np.diff(histories.indptr), 1) ** (-by_user / 2)
        damping = (np.repeat(lengths, np.diff(rows.indptr)) * scale[rows.indices]).astype(np.float32)
        # Rescale to the size of undamped ratings, so that lambda has the same meaning with any damping.
        damping *= np.linalg.norm(rows.data) / np.linalg.norm(rows.data * damping)
        for each in rows, wanted:
            each.data *= damping
        rank = min(config.relevance_rank, *rows.shape)
        _, values, vectors = randomized_svd(rows, rank, n_iter=2, random_state=config.seed)
        ridge = Ridge(rows, wanted, (values.astype(np.float64), vectors.T))
        return cls(films, counts, ridge, scale, dropout)


def fit_item_regression(design: Design, features: NDArray[np.float32], l2: float) -> ItemRegression:
    """Fit with the penalty `l2`; films that are left out are imputed from `features` [M, F]."""
    rows, targets, films = design.ridge.rows, design.ridge.targets, design.films
    dropped = design.dropout / (1 - design.dropout) * column_products(rows, rows)
    inverse = design.ridge.invert(l2 + dropped)
    own = (inverse.of_targets / inverse.diagonal).astype(np.float32)[:, None]

    def regress(block: NDArray[np.float32]) -> NDArray[np.float32]:
        """B block."""
        return inverse.times(rows.T @ (targets @ block) - own * block).astype(np.float32)

    solved = inverse.times(rows.T @ (rows @ regress(design.ridge.singular[1])))
    directions, _ = np.linalg.qr(targets.T @ (rows @ solved) - own * solved)  # of B' X'X B
    directions = directions.astype(np.float32)
    regressed = regress(directions)
    size = (len(features), directions.shape[1])
    encoder, decoder = np.zeros(size, np.float32), np.zeros(size, np.float32)
    scale = design.scale.astype(np.float32)[:, None]
    encoder[films], decoder[films] = scale * regressed, directions / scale
    known = np.isin(np.arange(len(features)), films)
    impute_by_features(encoder, features, known, design.counts)
    impute_by_features(decoder, features, known, design.counts, rows @ regressed)
    return ItemRegression(encoder, decoder)
