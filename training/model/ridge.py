"""The inverse of a ridge regression, P = (X'X + D)^-1 with sparse X and diagonal D, computed on the smaller side.

Only its diagonal and its product with a few columns are needed:

- few films: P is inverted, films x films;
- few users: the Woodbury identity turns it into a system of users x users. Users with a single rating need no row,
  since they only add to the diagonal of X'X;
- many of both: conjugate gradients, preconditioned by the diagonal (Hestenes & Stiefel 1952), in time linear in the
  ratings; the diagonal comes from the Woodbury identity with the largest singular values of X, to within a percent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

Block = NDArray[np.float32]

MAX_SIDE: Final = 5_000  # of an inverted matrix: seconds, and 200 MB
MANY: Final = 2_000_000  # ratings; beyond, conjugate gradients take longer than inverting films x films
STEPS: Final = 20  # of conjugate gradients; the error is about 0.001, far below what changes a ranking


@dataclass(frozen=True)
class Inverse:
    """P, [M, M]."""

    diagonal: NDArray[np.float64]  # [M]
    times: Callable[[Block], Block]  # P block of a block [M, B]


def invert(
    rows: scipy.sparse.csr_matrix, penalty: NDArray[np.float64], singular: tuple[NDArray[np.float64], Block]
) -> Inverse:
    """P of X = `rows` [U, M] and D = diag(`penalty` [M]); `singular` are X's largest singular values [K] and their
    right vectors [M, K]."""
    pairs = np.diff(rows.indptr) >= 2
    if rows.shape[1] <= min(MAX_SIDE, pairs.sum()):
        return _of_films(rows, penalty)
    if pairs.sum() <= MAX_SIDE:
        return _of_users(rows[pairs], penalty + column_squares(rows[~pairs]))
    if rows.nnz > MANY:
        return _of_films(rows, penalty)
    return _iterative(rows, penalty, singular)


def _of_films(rows: scipy.sparse.csr_matrix, penalty: NDArray[np.float64]) -> Inverse:
    gram = np.asarray((rows.T @ rows).todense(), np.float64)
    gram[np.diag_indices_from(gram)] += penalty
    inverse = _inverse(gram)
    diagonal, single = np.diag(inverse).copy(), inverse.astype(np.float32)
    return Inverse(diagonal, lambda block: single @ block)


def _of_users(rows: scipy.sparse.csr_matrix, penalty: NDArray[np.float64]) -> Inverse:
    """D^-1 - D^-1 X' (X D^-1 X' + I)^-1 X D^-1."""
    scaled = (rows @ scipy.sparse.diags(1 / penalty)).tocsr()
    gram = np.asarray((scaled @ rows.T).todense(), np.float64)
    gram[np.diag_indices_from(gram)] += 1
    inner = _inverse(gram).astype(np.float32)
    scaled = scaled.astype(np.float32)
    taken = np.zeros(rows.shape[1])
    for start in range(0, rows.shape[1], 1000):  # [U, M] would be dense
        some = scaled[:, start : start + 1000]
        taken[start : start + 1000] = np.asarray(some.multiply(inner @ some).sum(0)).ravel()
    turned = scaled.T.tocsr()
    by_film = (1 / penalty)[:, None].astype(np.float32)
    return Inverse(1 / penalty - taken, lambda block: by_film * block - turned @ (inner @ (scaled @ block)))


def _iterative(
    rows: scipy.sparse.csr_matrix, penalty: NDArray[np.float64], singular: tuple[NDArray[np.float64], Block]
) -> Inverse:
    rows = rows.astype(np.float32)
    turned = rows.T.tocsr()
    added = penalty.astype(np.float32)[:, None]
    jacobi = 1 / (added + column_squares(rows).astype(np.float32)[:, None])

    def times(block: Block) -> Block:
        solution, residual = np.zeros_like(block), block.copy()
        direction = jacobi * residual
        norm = np.einsum("mb,mb->b", residual, direction)
        for _ in range(STEPS):
            image = turned @ (rows @ direction) + added * direction
            step = norm / np.maximum(np.einsum("mb,mb->b", direction, image), np.finfo(np.float32).tiny)
            solution += step * direction
            residual -= step * image
            conditioned = jacobi * residual
            former, norm = norm, np.einsum("mb,mb->b", residual, conditioned)
            direction = conditioned + norm / np.maximum(former, np.finfo(np.float32).tiny) * direction
        return solution

    values, vectors = singular
    held = values > 1e-6 * values.max()
    wide = vectors[:, held].astype(np.float64)
    # The remaining singular values are approximated by a diagonal.
    rest = penalty + np.maximum(column_squares(rows) - np.square(wide) @ np.square(values[held]), 0)
    scaled = wide / rest[:, None]
    inner = np.linalg.inv(np.diag(values[held] ** -2.0) + wide.T @ scaled)
    return Inverse(1 / rest - np.einsum("mk,mk->m", scaled @ inner, scaled), times)


def _inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of a positive definite matrix, which is overwritten."""
    root, _ = scipy.linalg.cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)
    half, _ = scipy.linalg.lapack.dpotri(root, lower=True, overwrite_c=True)
    inverse: NDArray[np.float64] = np.tril(half)
    inverse += np.tril(half, -1).T
    return inverse


def column_squares(rows: scipy.sparse.csr_matrix) -> NDArray[np.float64]:
    """The diagonal of X'X, [M]."""
    squares: NDArray[np.float64] = np.bincount(
        rows.indices, np.square(rows.data, dtype=np.float64), rows.shape[1]
    ).astype(np.float64)
    return squares
