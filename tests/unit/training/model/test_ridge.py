"""Every way to the inverse leads to the same one."""

import numpy as np
import pytest
import scipy.sparse
from numpy.typing import NDArray

from training.model import ridge
from training.model.ridge import Ridge, column_products


@pytest.fixture(scope="module")
def rows() -> scipy.sparse.csr_matrix:
    """Users x films with a few strong directions; a fifth of the users has one rating."""
    rng = np.random.default_rng(0)
    taste, kind = rng.normal(size=(60, 3)), rng.normal(size=(90, 3))
    seen = rng.random((60, 90)) < 0.5 / (1 + np.exp(-taste @ kind.T))
    seen[:12] = False
    seen[np.arange(12), rng.integers(0, 90, 12)] = True
    return scipy.sparse.csr_matrix(seen.astype(np.float32))


@pytest.fixture(scope="module")
def targets(rows: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    """What is regressed on `rows`: the same entries, of other sizes, some of them 0."""
    sizes = np.random.default_rng(2).uniform(-0.5, 2, rows.nnz).clip(0).astype(np.float32)
    return scipy.sparse.csr_matrix((sizes, rows.indices, rows.indptr), rows.shape)


@pytest.fixture(scope="module")
def penalty(rows: scipy.sparse.csr_matrix) -> NDArray[np.float64]:
    return np.linspace(5, 20, rows.shape[1])


@pytest.mark.parametrize(("largest", "error"), [(1000, 1e-5), (50, 1e-5), (10, 0.05)])
def test_films_users_and_conjugate_gradients_agree(
    largest: int,
    error: float,
    rows: scipy.sparse.csr_matrix,
    targets: scipy.sparse.csr_matrix,
    penalty: NDArray[np.float64],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ridge, "MAX_SIDE", largest)
    dense = np.asarray(rows.todense(), np.float64)
    exact = np.linalg.inv(dense.T @ dense + np.diag(penalty))
    _, values, vectors = np.linalg.svd(dense, full_matrices=False)
    found = Ridge(rows, targets, (values[:40], vectors[:40].T.astype(np.float32))).invert(penalty)
    block = np.random.default_rng(1).normal(size=(90, 4)).astype(np.float32)
    assert found.times(block) == pytest.approx(exact @ block, rel=1e-3, abs=1e-4)
    assert found.diagonal == pytest.approx(np.diag(exact), rel=error)
    of_targets = np.diag(exact @ dense.T @ targets.toarray())
    assert found.of_targets == pytest.approx(of_targets, rel=error, abs=error * of_targets.max())


def test_the_diagonal_of_a_product(rows: scipy.sparse.csr_matrix, targets: scipy.sparse.csr_matrix) -> None:
    expected = np.diag(rows.toarray().T @ targets.toarray())
    assert column_products(rows, targets) == pytest.approx(expected)
