"""The report's plots, as SVG that is the same for the same figures."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

from training.evaluate import Evaluation

# Readable on a light and on a dark page: mid tones on no background.
INK, OURS, THEIRS, SECOND = "#808890", "#e5383b", "#7d8597", "#2a9d8f"
STYLE: Any = {
    "svg.hashsalt": "report",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Plot:
    """One picture: its file's name, what it shows, and itself."""

    name: str
    alt: str
    svg: str


def draw(evaluation: Evaluation) -> list[Plot]:
    """All plots that `evaluation` has figures for."""
    plots = [Plot("ratings", "How often each number of stars was given", _svg(_histogram, evaluation))]
    if evaluation.curves is not None:
        alt = "Error of each epoch on hidden training ratings and on validation, for both towers"
        plots.append(Plot("curves", alt, _svg(_curves, evaluation)))
    if any(_lists(evaluation)):
        plots.append(Plot("lists", "NDCG@10 of this model beside the baselines", _svg(_ndcg, evaluation)))
    return plots


def _svg(paint: Callable[[Evaluation], Any], evaluation: Evaluation) -> str:
    with plt.rc_context(STYLE):
        figure = paint(evaluation)
        buffer = io.StringIO()
        # No date in the file: the same figures give the same bytes.
        figure.savefig(buffer, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _histogram(evaluation: Evaluation) -> Any:
    histogram = evaluation.data["histogram"]
    figure, axes = plt.subplots(figsize=(6, 2.6))
    stars, counts = [f"{float(value):g}" for value in histogram], list(histogram.values())
    axes.bar(stars, counts, color=THEIRS)
    axes.set(xlabel="stars", ylabel="ratings")
    return figure


def _curves(evaluation: Evaluation) -> Any:
    figure, grid = plt.subplots(2, 2, figsize=(9, 5), sharex="col")
    curves = evaluation.curves
    if curves is None:
        raise ValueError("there are no curves to draw")
    for column, (name, epochs) in enumerate((("user tower", curves.user_tower), ("film tower", curves.film_tower))):
        numbers = range(1, len(epochs) + 1)
        for row, (metric, label) in enumerate((("loss", "MSE, stars²"), ("mae", "MAE, stars"))):
            axes = grid[row, column]
            axes.plot(numbers, [getattr(epoch, metric) for epoch in epochs], color=THEIRS, label="hidden in training")
            axes.plot(numbers, [getattr(epoch, f"val_{metric}") for epoch in epochs], color=OURS, label="validation")
            axes.set_ylabel(label)
        grid[0, column].set_title(name)
        grid[1, column].set_xlabel("epoch")
    grid[0, 0].legend()
    return figure


def _lists(evaluation: Evaluation) -> list[Any]:
    return [result for result in evaluation.results if result.rows and "ndcg" in result.rows[0].metrics]


def _ndcg(evaluation: Evaluation) -> Any:
    results = _lists(evaluation)
    figure, grid = plt.subplots(1, len(results), figsize=(4.2 * len(results), 2.6), squeeze=False)
    for axes, result in zip(grid[0], results, strict=True):
        rows = list(reversed(result.rows))
        values = [row.metrics["ndcg"] for row in rows]
        spread = [
            [row.metrics["ndcg"] - row.intervals["ndcg"][0] for row in rows],
            [row.intervals["ndcg"][1] - row.metrics["ndcg"] for row in rows],
        ]
        colours = [OURS if row is result.rows[0] else THEIRS for row in rows]
        axes.barh([row.scorer for row in rows], values, color=colours, xerr=spread, ecolor=INK)
        axes.set(title=f"{result.protocol} split", xlabel="NDCG@10, 95 % interval")
    figure.tight_layout()
    return figure
