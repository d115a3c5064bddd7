"""The map of the films."""

import os
import subprocess
import sys

import numpy as np
import pytest

from training.export.film_map import film_map


def test_neighbours_are_neighbours_on_the_map() -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(4, 12)
    vectors = np.repeat(centres, 20, 0) + 0.05 * rng.normal(size=(80, 12))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    counts = np.full(80, 5)
    counts[7] = 0
    places = film_map(vectors, counts)
    assert np.isnan(places[7]).all()
    drawn = np.delete(np.arange(80), 7)
    assert np.abs(places[drawn]).max() == pytest.approx(1)
    distances = np.linalg.norm(places[drawn][:, None] - places[drawn][None], axis=2)
    nearest = drawn[np.argsort(distances, axis=1)[:, 1:6]]
    assert (nearest // 20 == drawn[:, None] // 20).mean() > 0.95
    assert np.array_equal(places, film_map(vectors, counts), equal_nan=True)
    assert np.isnan(film_map(vectors[:5], counts[:5])).all()


def test_a_machine_that_does_not_tell_its_cores_gets_a_map_without_a_warning() -> None:
    code = (
        "import numpy as np; from training.export.film_map import film_map; "
        "film_map(np.eye(12, dtype=np.float32), np.full(12, 5))"
    )
    environment = {**os.environ, "PATH": ""}  # no lscpu
    environment.pop("OMP_NUM_THREADS", None)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
