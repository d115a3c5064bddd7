"""Implicit factors by alternating least squares, one of the two rankers of watching.py.

Every film and every user is a vector. Their products fit 1 (weighted by the stars) for rated films and, with a small
weight, 0 for unrated ones: iALS (Hu, Koren & Volinsky, ICDM 2008), with regularisation that grows with the number of
ratings and is searched over a wide range, as Rendle et al. (RecSys 2022) recommend. Time and memory are linear in the
ratings. Fold-in of a new user is the same least squares.

    x = argmin  sum over rated i (w_i - x . v_i)^2  +  w0 sum over all j (x . v_j)^2  +  l2 (n + w0 M) |x|^2

Vectors are stored in coordinates in which w0 V'V + l2 w0 M I is the identity. There the objective is the part of the
ratings, |z|^2 and a small rest, so that conjugate gradients need few steps (training/model/served.py).
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from training.model.cold import impute_by_features
from training.model.config import ModelConfig

CHUNK: Final = 4_000_000  # numbers in a batch of histories
STEPS: Final = 3  # of conjugate gradients in a round


@dataclass(frozen=True)
class Factors:
    """Film vectors, in the coordinates of the module's docstring."""

    films: NDArray[np.float32]  # [M, K]
    rest: NDArray[np.float32]  # [K, K] regularisation per rating, in these coordinates

    def encode(self, histories: scipy.sparse.csr_matrix, prior: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors [B, K] of weighted histories [B, M]; `prior` [K] is added to the right-hand side."""
        codes = least_squares(histories, self.films, np.eye(len(self.rest), dtype=np.float32), self.rest, prior)
        codes[np.diff(histories.indptr) == 0] = prior
        return codes


def fit_factors(
    histories: scipy.sparse.csr_matrix, features: NDArray[np.float32], config: ModelConfig, l2: float
) -> Factors:
    """Fit to weighted histories [U, M]; films without ratings are imputed from `features` [M, F]."""
    by_film = histories.T.tocsr()
    n_films = histories.shape[1]
    unseen = config.relevance_unseen
    rng = np.random.default_rng(config.seed)
    spread = 0.1 / np.sqrt(config.relevance_factors)
    films = rng.normal(0, spread, (n_films, config.relevance_factors)).astype(np.float32)
    users = np.zeros((histories.shape[0], config.relevance_factors), np.float32)
    for _ in range(config.relevance_rounds):
        users = _alternate(histories, films, users, l2, unseen)
        films = _alternate(by_film, users, films, l2, unseen)
    counts = np.diff(by_film.indptr)
    impute_by_features(films, features, counts > 0, counts, users)
    return _in_own_coordinates(films, counts > 0, l2, unseen)


def _alternate(
    histories: scipy.sparse.csr_matrix,
    others: NDArray[np.float32],
    former: NDArray[np.float32],
    l2: float,
    unseen: float,
) -> NDArray[np.float32]:
    """Vectors [rows, K] nearer to the best fit of `histories` [rows, columns] than the `former`, given those of the
    columns [columns, K]; 0 for empty rows.

    A few steps of conjugate gradients from the former vectors (Takács, Pilászy & Tikk, RecSys 2011), preconditioned by
    what all rows have in common: the error that is left is made up for in the next round.
    """
    dimensions = others.shape[1]
    for_all = unseen * (others.T @ others) + np.float32(l2 * unseen * len(others)) * np.eye(
        dimensions, dtype=np.float32
    )
    average = np.float32(l2 * histories.nnz / max(1, np.count_nonzero(np.diff(histories.indptr))))
    common = np.linalg.inv(for_all + average * np.eye(dimensions, dtype=np.float32))
    vectors = np.zeros_like(former)

    def improve(batch: _Batch) -> None:
        rows, columns, weights, counts = batch
        rated, found = _rows(others, columns), former[rows]  # [B, L, K], [B, K]

        def image(x: NDArray[np.float32]) -> Any:
            return x @ for_all + np.float32(l2) * counts[:, None] * x + _weighted(rated, _products(rated, x))

        residual = _weighted(rated, weights) - image(found)
        direction = conditioned = residual @ common
        norm = np.einsum("bk,bk->b", residual, conditioned)
        for _ in range(STEPS):
            turned = image(direction)
            step = norm / (np.einsum("bk,bk->b", direction, turned) + np.finfo(np.float32).tiny)
            found = found + step[:, None] * direction
            residual = residual - step[:, None] * turned
            conditioned = residual @ common
            previous, norm = norm, np.einsum("bk,bk->b", residual, conditioned)
            direction = conditioned + (norm / (previous + np.finfo(np.float32).tiny))[:, None] * direction
        vectors[rows] = found

    _in_threads(improve, _batches(histories, len(others), dimensions))
    return vectors


def least_squares(
    histories: scipy.sparse.csr_matrix,
    others: NDArray[np.float32],
    for_all: NDArray[np.float32],
    for_each: NDArray[np.float32],
    prior: NDArray[np.float32] | float = 0.0,
) -> NDArray[np.float32]:
    """Solve (V'V + for_all + n for_each) x = V'w + prior for every row of `histories`; [rows, K], 0 for an empty one.

    V [n, K] are the rows of `others` of the rated columns, w [n] the weights; `for_all` and `for_each` are [K, K].
    """
    dimensions = others.shape[1]
    vectors = np.zeros((histories.shape[0], dimensions), np.float32)

    def solve(batch: _Batch) -> None:
        rows, columns, weights, counts = batch
        rated = _rows(others, columns)  # [B, L, K]
        systems = rated.transpose(0, 2, 1) @ rated + for_all + counts[:, None, None] * for_each
        targets = _weighted(rated, weights) + prior
        vectors[rows] = np.linalg.solve(systems, targets[..., None])[..., 0]

    if histories.shape[0] == 1:
        for batch in _batches(histories, len(others), dimensions):
            solve(batch)
    else:
        _in_threads(solve, _batches(histories, len(others), dimensions))
    return vectors


def _in_threads(work: Callable[["_Batch"], None], batches: Iterator["_Batch"]) -> None:
    """For thousands of small systems: one thread per batch and none within, where threads would wait for each other."""
    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, batches):
            pass


def _products(rated: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Products [B, L] of each row's `rated` [B, L, K] and its vector [B, K]."""
    products: NDArray[np.float32] = (rated @ vectors[..., None])[..., 0]
    return products


def _weighted(rated: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums [B, K] of each row's `rated` [B, L, K], with weights [B, L]."""
    sums: NDArray[np.float32] = (weights[:, None] @ rated)[:, 0]
    return sums


def _in_own_coordinates(films: NDArray[np.float32], known: NDArray[np.bool_], l2: float, unseen: float) -> Factors:
    wide = films.astype(np.float64)
    rated = wide[known]  # unrated films are no evidence
    metric = unseen * (rated.T @ rated) + l2 * unseen * len(films) * np.eye(films.shape[1])
    root = scipy.linalg.cholesky(metric, lower=True)
    turned = scipy.linalg.solve_triangular(root, wide.T, lower=True).T  # [M, K]
    inverse = scipy.linalg.solve_triangular(root, np.eye(len(root)), lower=True)
    return Factors(turned.astype(np.float32), (l2 * inverse @ inverse.T).astype(np.float32))


_Batch = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]


def _batches(histories: scipy.sparse.csr_matrix, padding: int, dimensions: int) -> Iterator[_Batch]:
    """Batches of rows of similar length: row indices [B], columns [B, L] padded with `padding`, weights [B, L] and
    counts [B]. Rows without ratings are left out."""
    lengths = np.diff(histories.indptr)
    order = np.argsort(lengths, kind="stable")
    start = int(np.searchsorted(lengths[order], 1))
    while start < len(order):
        longest = int(lengths[order[min(start + 255, len(order) - 1)]])
        rows = order[start : start + max(1, min(256, CHUNK // (dimensions * max(longest, dimensions))))]
        start += len(rows)
        positions = np.arange(lengths[rows[-1]])[None]
        real = positions < lengths[rows][:, None]
        entries = np.where(real, histories.indptr[rows][:, None] + positions, 0)
        columns = np.where(real, histories.indices[entries], padding)
        weights = np.where(real, histories.data[entries], 0).astype(np.float32)
        yield rows, columns, weights, lengths[rows].astype(np.float32)


def _rows(vectors: NDArray[np.float32], indices: NDArray[np.int32]) -> NDArray[np.float32]:
    """Rows [B, L, K] of `vectors` [M, K]; zeros for the padding index M."""
    rows: NDArray[np.float32] = np.take(vectors, indices, axis=0, mode="clip")
    rows[indices == len(vectors)] = 0
    return rows
