"""Vectors of films in fewer bytes point in the same directions."""

import numpy as np
import pytest

from training.export.bundle import directions
from training.model.tables import Precision


@pytest.mark.parametrize(
    ("precision", "size", "error"), [("float32", 2, 1e-3), ("float16", 2, 1e-3), ("int8", 1, 0.02)]
)
def test_directions_stay(precision: Precision, size: int, error: float) -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 30)).astype(np.float32)
    vectors[0] = 0  # a film of which nothing is known
    vectors[1:] /= np.linalg.norm(vectors[1:], axis=1, keepdims=True)
    stored = directions(vectors, precision)
    assert stored.dtype.itemsize == size
    read = stored.astype(np.float32)
    read[1:] /= np.linalg.norm(read[1:], axis=1, keepdims=True)
    assert np.abs(read @ read.T - vectors @ vectors.T).max() <= error
