"""Impute the vectors of unrated films from rated films of their genres and decade."""

import numpy as np
from numpy.typing import NDArray

RIDGE = 10.0  # ratings
SPARSE_SHARE = 0.1  # the share of the rated films, with the fewest ratings, that unrated ones resemble


def impute_by_features(
    table: NDArray[np.floating],
    features: NDArray[np.float32],
    known: NDArray[np.bool_],
    counts: NDArray[np.int64],
    codes: NDArray[np.floating] | None = None,
) -> None:
    """Fill the rows of `table` [M, K] that are not `known` [M], in place.

    Their direction is given by a ridge regression of the known rows on `features` [M, F], in which each known film is
    weighted by its ratings, `counts` [M]. Their size is that of the least rated known films: a film without ratings is
    probably obscure, and lists must not fill with the average film of a genre. The size of a row is its length or, for
    a decoder of user `codes` [U, K], the root mean square of its scores.
    """
    if known.all() or not known.any():
        return
    design = np.hstack((features, np.ones((len(features), 1)))).astype(np.float64)
    weight = np.sqrt(counts[known])[:, None]  # a film with many ratings is better evidence of its genres
    weighted = design[known] * weight
    gram = weighted.T @ weighted + RIDGE * np.eye(design.shape[1])
    imputed = design[~known] @ np.linalg.solve(gram, weighted.T @ (table[known] * weight))
    few = known & (counts <= np.quantile(counts[known], SPARSE_SHARE))
    metric = np.eye(table.shape[1]) if codes is None else codes.T @ codes / len(codes)
    wanted, found = (float(np.median(_sizes(rows, metric))) for rows in (table[few], imputed))
    table[~known] = imputed * (wanted / max(found, 1e-12))


def _sizes(rows: NDArray[np.floating], metric: NDArray[np.floating]) -> NDArray[np.floating]:
    sizes: NDArray[np.floating] = np.sqrt(np.maximum(np.einsum("mk,mk->m", rows @ metric, rows), 0))
    return sizes
