"""Catalogues that are drawn out, and their tables."""

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from benchmarks.instruments.generated_bundle import _served
from benchmarks.instruments.generated_catalogue import (
    DECODER,
    SEED,
    Likenesses,
    grow,
    item_matrix,
    seed_data,
    served_tables,
)
from benchmarks.tables.catalogue import function_size, lists, sizes
from training.model.config import ModelConfig
from training.model.served import to_tflite
from training.model.tables import Precision

SEEDS, FILMS = 2003, 2500
FACTS = {"date": "2026-01-02", "machine": {"cpu": "A processor", "cores": 2}}
RUN = {
    "films": 60_000,
    "precision": "int8",
    "mb": {"model.tflite": 90.0, "rows.npy": 30.0},
    "start": {"seconds": 0.25, "answers": 1.0},
    "memory": {
        "start": {"resident": 90.0, "own": 50.0, "peak": 95.0},
        "answers": {"resident": 190.0, "own": 60.0, "peak": 410.0},
    },
    "times": {name: {"p50": ms, "p99": 9.5} for name, ms in (("sweep", 8), ("score", 5), ("list", 1), ("answer", 6))},
    "overlap": 0.9975,
    "overlap_genre": 1.0,
    "overlap_once": 0.95,
}


@pytest.mark.parametrize(("precision", "error"), [("float32", 1e-5), ("int8", 0.1)])
def test_a_grown_model_is_the_product_of_the_item_matrix(precision: Precision, error: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    served = _served(seed_data().catalog, ModelConfig(), rng)
    tables = served_tables(served, rng.normal(size=(SEEDS, 8)).astype(np.float32))
    np.savez(tmp_path / SEED, allow_pickle=False, counts=np.arange(SEEDS), people=np.zeros(1), **tables)
    films = Likenesses.of(tmp_path, FILMS)
    assert films.table(DECODER)[:SEEDS] == pytest.approx(served.relevance.decoder, abs=1e-5)
    path = tmp_path / "model.tflite"
    grow(to_tflite(served, precision), films, path)
    person = np.random.default_rng(1).normal(size=served.dimensions).astype(np.float32) * 0.1
    found = Interpreter(str(path)).get_signature_runner("score")(user=person[None])["relevance"][0]
    exact = item_matrix(films) @ person + films.table("film_bias")[:, 0]
    assert found.shape == (FILMS,)
    assert found == pytest.approx(exact, abs=error)


def test_a_list_is_beside_the_sweep_and_the_goals() -> None:
    text = lists({**FACTS, "runs": [RUN]})
    assert "| 60,000 | int8 | 8.00 | 5.00 | 1.00 | 6.00 | 9.50 | 0.75 | 2 | 0.9975 | 1.0000 | 0.99 | 0.9500 |" in text
    assert "`python -m benchmarks.catalogue`, 2026-01-02" in text


def test_a_size_has_the_function_that_serves_it() -> None:
    text = sizes({**FACTS, "runs": [RUN]})
    assert "| 60,000 | int8 | 120 | 2.00 | 0.25 | 90 | 190 | 60 | 1,024 | 58% |" in text
    assert [function_size(peak) for peak in (100, 409, 410, 9000)] == [256, 512, 1024, None]
