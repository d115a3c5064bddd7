"""Films that nobody rated get the vectors that rated films of their genres and decade have."""

import numpy as np
from numpy.typing import NDArray

DOUBT = 10.0  # ratings' worth of doubt in what a genre says
LEAST_KNOWN = 0.1  # share of the rated films that an unrated one is taken to be like


def place_by_features(
    table: NDArray[np.floating],
    features: NDArray[np.float32],
    known: NDArray[np.bool_],
    counts: NDArray[np.int64],
    codes: NDArray[np.floating] | None = None,
) -> None:
    """Fill the rows of `table` [M, K] that are not `known` [M], in place.

    Their direction is that of a ridge regression of the known rows on `features` [M, F], each known film weighing as
    many as its ratings, `counts` [M]. Their size is that of the least rated known films: that nobody has rated a film
    says something of it, too, and a list must not fill with the average film of a genre. The size of a row is its
    length, or, where the table is what users' `codes` [U, K] are multiplied with, the root mean square of its scores.
    """
    if known.all() or not known.any():
        return
    design = np.hstack((features, np.ones((len(features), 1)))).astype(np.float64)
    weight = np.sqrt(counts[known])[:, None]  # a film rated often tells more of its genres
    weighted = design[known] * weight
    gram = weighted.T @ weighted + DOUBT * np.eye(design.shape[1])
    placed = design[~known] @ np.linalg.solve(gram, weighted.T @ (table[known] * weight))
    few = known & (counts <= np.quantile(counts[known], LEAST_KNOWN))
    metric = np.eye(table.shape[1]) if codes is None else codes.T @ codes / len(codes)
    usual, found = (float(np.median(_sizes(rows, metric))) for rows in (table[few], placed))
    table[~known] = placed * (usual / max(found, 1e-12))


def _sizes(rows: NDArray[np.floating], metric: NDArray[np.floating]) -> NDArray[np.floating]:
    sizes: NDArray[np.floating] = np.sqrt(np.maximum(np.einsum("mk,mk->m", rows @ metric, rows), 0))
    return sizes
