"""A ridge regression of targets Y on X, P X'Y with P = (X'X + D)^-1, computed on the smaller side.

X and Y [U, M] are sparse, D is diagonal. Only the diagonals of P and of P X'Y are needed, and products of P with a few
columns:

- few films: P is inverted, films x films;
- few users: the Woodbury identity turns it into a system of users x users. Users with a single rating need no row,
  since they only add to the diagonals of X'X and X'Y;
- many of both: conjugate gradients, preconditioned by the diagonal (Hestenes & Stiefel 1952), in time linear in the
  ratings; the diagonals come from the Woodbury identity with the largest singular values of X, to within a percent.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

Block = NDArray[np.float32]

MAX_SIDE: Final = 5_000  # of an inverted matrix: seconds, and 200 MB
MANY: Final = 2_000_000  # ratings; beyond, conjugate gradients take longer than inverting films x films
PART: Final = 500  # rows of a matrix that are computed at once
STEPS: Final = 20  # of conjugate gradients; the error is about 0.001, far below what changes a ranking


@dataclass(frozen=True)
class Inverse:
    """P, [M, M]."""

    diagonal: NDArray[np.float64]  # [M]
    of_targets: NDArray[np.float64]  # [M] the diagonal of P X'Y
    times: Callable[[Block], Block]  # P block of a block [M, B]


@dataclass(frozen=True)
class Ridge:
    """X and Y, whose regression can be had with any penalty."""

    rows: scipy.sparse.csr_matrix  # X [U, M]
    targets: scipy.sparse.csr_matrix  # Y [U, M], with its entries at the same places
    singular: tuple[NDArray[np.float64], Block]  # X's largest singular values [K], and their right vectors [M, K]

    def invert(self, penalty: NDArray[np.float64]) -> Inverse:
        """P with D = diag(`penalty` [M])."""
        rows, targets, pairs = self.rows, self.targets, np.diff(self.rows.indptr) >= 2
        if rows.shape[1] <= min(MAX_SIDE, pairs.sum()):
            return self._of_films(penalty)
        if pairs.sum() <= MAX_SIDE:
            alone = rows[~pairs]
            inverse = _of_users(rows[pairs], targets[pairs], penalty + column_products(alone, alone))
            of_targets = inverse.of_targets + inverse.diagonal * column_products(alone, targets[~pairs])
            return replace(inverse, of_targets=of_targets)
        if rows.nnz > MANY:
            return self._of_films(penalty)
        return _iterative(rows, targets, penalty, self.singular)

    def _of_films(self, penalty: NDArray[np.float64]) -> Inverse:
        gram, cross = self._products
        system = gram.copy()
        system[np.diag_indices_from(system)] += penalty.astype(np.float32)
        inverse = inverse_of(system)
        diagonal = np.diag(inverse).astype(np.float64)
        return Inverse(diagonal, np.einsum("ij,ij->j", inverse, cross, dtype=np.float64), lambda block: inverse @ block)

    @cached_property
    def _products(self) -> tuple[Block, Block]:
        """X'X and X'Y [M, M], the same for every penalty: of many ratings, they take longer than an inverse.

        In parts, since a sparse product that is nearly dense takes several times the memory of a dense matrix.
        """
        turned, films = self.rows.T.tocsr(), self.rows.shape[1]
        gram, cross = np.empty((2, films, films), np.float32)

        def multiply(start: int) -> None:
            part = slice(start, start + PART)
            for product, other in (gram, self.rows), (cross, self.targets):
                product[part] = (turned[part] @ other).toarray()

        with ThreadPoolExecutor(os.cpu_count()) as pool:  # SciPy multiplies without the interpreter's lock
            list(pool.map(multiply, range(0, films, PART)))
        return gram, cross


def _of_users(rows: scipy.sparse.csr_matrix, targets: scipy.sparse.csr_matrix, penalty: NDArray[np.float64]) -> Inverse:
    """P is D^-1 - D^-1 X' (X D^-1 X' + I)^-1 X D^-1, and P X' is D^-1 X' (X D^-1 X' + I)^-1."""
    scaled = (rows @ scipy.sparse.diags(1 / penalty)).tocsr()
    gram = np.asarray((scaled @ rows.T).todense(), np.float64)
    gram[np.diag_indices_from(gram)] += 1
    inner = inverse_of(gram).astype(np.float32)
    scaled = scaled.astype(np.float32)
    taken, of_targets = np.zeros((2, rows.shape[1]))
    for start in range(0, rows.shape[1], 1000):  # [U, M] would be dense
        part = slice(start, start + 1000)
        some = scaled[:, part]
        solved = some.multiply(inner @ some), some.multiply(inner @ targets[:, part])
        taken[part], of_targets[part] = (np.asarray(each.sum(0)).ravel() for each in solved)
    turned = scaled.T.tocsr()
    by_film = (1 / penalty)[:, None].astype(np.float32)

    def times(block: Block) -> Block:
        product: Block = by_film * block - turned @ (inner @ (scaled @ block))
        return product

    return Inverse(1 / penalty - taken, of_targets, times)


def _iterative(
    rows: scipy.sparse.csr_matrix,
    targets: scipy.sparse.csr_matrix,
    penalty: NDArray[np.float64],
    singular: tuple[NDArray[np.float64], Block],
) -> Inverse:
    rows = rows.astype(np.float32)
    turned = rows.T.tocsr()
    added = penalty.astype(np.float32)[:, None]
    squares = column_products(rows, rows)
    jacobi = 1 / (added + squares.astype(np.float32)[:, None])

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
    rest = penalty + np.maximum(squares - np.square(wide) @ np.square(values[held]), 0)
    scaled = wide / rest[:, None]
    inner = scaled @ np.linalg.inv(np.diag(values[held] ** -2.0) + wide.T @ scaled)
    diagonal = 1 / rest - np.einsum("mk,mk->m", inner, scaled)
    of_targets = column_products(rows, targets) / rest - np.einsum("mk,mk->m", inner, targets.T @ (rows @ scaled))
    return Inverse(diagonal, of_targets, times)


def inverse_of(matrix: NDArray[Any]) -> NDArray[Any]:
    """The inverse of a symmetric positive definite matrix, in its place and precision, by Cholesky: half the work of
    any other's. Raises LinAlgError if the matrix is not positive definite."""
    # LAPACK stores by columns, and would copy; the matrix is symmetric.
    root, _ = scipy.linalg.cho_factor(matrix.T, lower=True, overwrite_a=True, check_finite=False)
    (invert,) = scipy.linalg.get_lapack_funcs(("potri",), (root,))
    inverse: NDArray[Any]
    inverse, _ = invert(root, lower=True, overwrite_c=True)  # its lower half
    for start in range(0, len(inverse), PART):
        left, own = slice(start), slice(start, start + PART)
        inverse[left, own] = inverse[own, left].T
        half = np.tril(inverse[own, own])
        inverse[own, own] = half + np.tril(half, -1).T
    return inverse


def column_products(left: scipy.sparse.csr_matrix, right: scipy.sparse.csr_matrix) -> NDArray[np.float64]:
    """The diagonal of X'Y, [M], of matrices [U, M] with entries at the same places."""
    weights: NDArray[np.float64] = left.data.astype(np.float64) * right.data
    sums: NDArray[np.float64] = np.bincount(left.indices, weights, left.shape[1])  # type: ignore[assignment]
    return sums
