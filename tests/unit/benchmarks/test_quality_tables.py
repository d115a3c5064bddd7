"""The quality tables: means and intervals that agree with the JSON."""

from typing import Any

import pytest

from benchmarks.tables import quality as quality_tables
from benchmarks.tables.document import put
from benchmarks.tables.quality import chapter, lines, plot, table


def run(scorer: str, seed: int, parts: list[dict[str, float]], protocol: str = "kfold", **more: Any) -> dict[str, Any]:
    return {
        "data": "ml-100k",
        "protocol": protocol,
        "seed": seed,
        "scorer": scorer,
        "library": "ours" if scorer == "this model" else "Surprise",
        "date": "2026-01-02",
        "versions": {"python": "3.11.1", "scikit-surprise": "1.1.5"},
        "seconds": 12.0 + seed,
        "choosing_seconds": 1.25,
        "tried": 1 if scorer == "this model" else 5,
        "memory_mb": 100.0 + seed,
        "parts": parts,
        **more,
    }


def stars(*rmse: float) -> list[dict[str, float]]:
    return [{"rmse": each, "mae": each - 0.2, **RATED} for each in rmse]


RATED = {"rated_precision": 0.7, "rated_recall": 0.4, "first_ten_precision": 0.75, "first_ten_recall": 0.65}
LIST = {
    "liked_ndcg": 0.35,
    "ndcg": 0.4,
    "bad_hits": 0.05,
    "precision": 0.3,
    "recall": 0.2,
    "coverage": 0.15,
    "popularity": 0.25,
}


@pytest.fixture
def result() -> dict[str, Any]:
    runs = [
        run("SVD", 0, stars(0.93, 0.95)),
        run("this model", 0, stars(0.88, 0.90)),
        run("this model", 1, stars(0.89, 0.91)),
        run("SVD", 0, [LIST], "ranking"),
    ]
    machine = {"cpu": "A processor", "cores": 2, "memory_gb": 8, "system": "Linux"}
    return {"date": "2026-01-02", "machine": machine, "versions": {"python": "3.11.1"}, "runs": runs}


def test_means_are_over_seeds_and_intervals_by_student(result: dict[str, Any]) -> None:
    ours, svd = lines(result["runs"], "ml-100k", "kfold")
    assert (ours.scorer, svd.scorer) == ("this model", "SVD")
    assert ours.means["rmse"] == pytest.approx(0.895)
    # Seeds 0.89 and 0.90: t(0.975, 1) = 12.706, standard error 0.005.
    assert ours.half_widths["rmse"] == pytest.approx(12.706 * 0.005, abs=1e-5)
    # One seed: over its folds, 0.93 and 0.95.
    assert svd.half_widths["rmse"] == pytest.approx(12.706 * 0.01, abs=1e-5)
    assert (ours.seeds, ours.folds, svd.seeds) == (2, 2, 1)
    assert (ours.seconds, ours.memory_mb) == (12.5, 101.0)


def test_a_single_run_has_no_interval(result: dict[str, Any]) -> None:
    (line,) = lines(result["runs"], "ml-100k", "ranking")
    assert line.half_widths == {}
    assert (
        table([line], "ranking").splitlines()[-1].startswith("| Surprise SVD | 0.3500 | 0.4000 | 5.0% | - | 0.3000 |")
    )


def test_the_best_comes_first_and_ours_is_bold(result: dict[str, Any]) -> None:
    head, rule, first, second = table(lines(result["runs"], "ml-100k", "kfold"), "kfold").splitlines()
    assert head.count("|") == rule.count("|") == first.count("|") == second.count("|")
    assert first.startswith("| **this model** | **0.8950 ± 0.0635** | **0.6950 ± 0.0635** | **0.7000** | **0.4000** |")
    assert "| **0.7500** | **0.6500** | **12** | **-** | **101** |" in first
    assert first.endswith("| **2 x 2 folds** |")
    assert second.startswith("| Surprise SVD | 0.9400 ± 0.1271 |")
    assert "| 12 | 1.2 (5) | 100 | 1 x 2 folds |" in second


def test_a_chapter_has_date_machine_and_versions(result: dict[str, Any]) -> None:
    text = chapter(result, "ml-100k")
    assert "2026-01-02, A processor, 2 cores; python 3.11.1, scikit-surprise 1.1.5." in text
    assert "img/quality-ml-100k.svg" in text
    assert text.index("5-fold") < text.index("a random quarter")


def test_figures_go_only_between_their_marks() -> None:
    page = "before\n<!-- figures: a -->\nold\n<!-- end -->\nafter <!-- figures: b --><!-- end -->\n"
    filled = put(page, "a", "| new \\1 |")
    assert filled == "before\n<!-- figures: a -->\n| new \\1 |\n<!-- end -->\nafter <!-- figures: b --><!-- end -->\n"
    assert put(filled, "a", "| new \\1 |") == filled
    with pytest.raises(ValueError, match="no block for the figures 'c'"):
        put(page, "c", "")


def test_the_plot_names_every_scorer_and_is_deterministic(result: dict[str, Any]) -> None:
    svg = plot(result, "ml-100k")
    assert "this model" in svg
    assert "SVD" in svg
    assert svg == plot(result, "ml-100k")


def test_the_page_has_a_block_for_every_data_set() -> None:
    page = quality_tables.PAGE.read_text()
    for data in ("ml-100k", "ml-1m"):
        put(page, f"quality {data}", "")
