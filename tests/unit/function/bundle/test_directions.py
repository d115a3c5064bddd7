"""Film vectors are the same, small and ready or large and mapped, in every precision."""

from pathlib import Path

import numpy as np
import pytest

from function.bundle import directions
from function.bundle.directions import Directions, mapped_member


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8])
def test_mapped_rows_are_those_that_are_ready(
    dtype: type[np.generic], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 7))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    stored = (np.rint(127 * rows) if dtype is np.int8 else rows).astype(dtype)
    np.savez(tmp_path / "films.npz", other=np.arange(3), vectors=stored)
    ready = Directions(mapped_member(tmp_path / "films.npz", "vectors"))
    monkeypatch.setattr(directions, "SMALL", 0)
    monkeypatch.setattr(directions, "PART", 20)
    mapped = Directions(mapped_member(tmp_path / "films.npz", "vectors"))
    assert ready.shape == mapped.shape == (50, 7)
    assert ready[:] == pytest.approx(rows, abs=0.01)
    assert mapped[:] == pytest.approx(ready[:])
    assert mapped[3] == pytest.approx(ready[3])
    assert mapped[[4, 1]] == pytest.approx(ready[[4, 1]])
    assert mapped @ mapped[3] == pytest.approx(ready @ ready[3], abs=1e-6)


def test_a_member_that_cannot_be_mapped_is_an_error(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "films.npz", vectors=np.ones((2, 2)))
    with pytest.raises(ValueError, match="vectors is compressed"):
        mapped_member(tmp_path / "films.npz", "vectors")
    with pytest.raises(KeyError):
        mapped_member(tmp_path / "films.npz", "other")
