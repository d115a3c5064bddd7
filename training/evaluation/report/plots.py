"""The report's plots, as SVG that is the same for the same figures."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

from training.evaluation.report.glossary import TITLES
from training.evaluation.results import Evaluation, ProtocolResult, Row
from training.model.tower_fit import Epoch

NAMES: Final = ("ratings", "curves", "lists", "given")
# Text and axes take the reader's colour, light or dark: this one is replaced in the finished SVG.
INK: Final = "#010203"
THEME: Final = "<style>svg{color:#24292f}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"
OURS, THEIRS, SECOND, THIRD = "#e5383b", "#7d8597", "#2a9d8f", "#b08400"
STYLE: Final[Any] = {
    "svg.hashsalt": "report",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 10,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Plot:
    """One picture: its file's name, a caption, the same in words for who cannot see it, and itself."""

    name: str
    caption: str
    alt: str
    svg: str

    @property
    def data_uri(self) -> str:
        """The picture within a page."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode()


def draw(evaluation: Evaluation) -> list[Plot]:
    """All plots that `evaluation` has figures for."""
    histogram = evaluation.data["histogram"]
    told = ", ".join(f"{float(stars):g} stars {count:,} times" for stars, count in histogram.items())
    plots = [Plot("ratings", "How often each number of stars was given", told, _svg(_histogram, evaluation))]
    if curves := _curves(evaluation):
        told = "; ".join(
            f"{name}: validation MAE {min(_of(epochs, 'val_mae')):.3f} at best, in {len(epochs)} epochs"
            for name, epochs in curves.items()
        )
        caption = "Errors by epoch on hidden training ratings and on validation; the dot is where validation is best"
        plots.append(Plot("curves", caption, told, _svg(_paint_curves, evaluation)))
    if results := _lists(evaluation):
        told = "; ".join(
            f"{TITLES[result.protocol]}: "
            + ", ".join(f"{row.scorer} {row.metrics['liked_ndcg']:.3f}" for row in result.rows)
            for result in results
        )
        plots.append(
            Plot(
                "lists",
                "NDCG@10 on liked films of lists from the whole catalogue",
                told,
                _svg(_paint_lists, evaluation),
            )
        )
    if rows := _given(evaluation):
        told = "; ".join(
            f"{row.scorer}: " + ", ".join(f"{n} given {value:.3f}" for n, value in _by_given(row)) for row in rows
        )
        caption = "NDCG@10 on liked films for people the model never saw, by the number of ratings they give"
        plots.append(Plot("given", caption, told, _svg(_paint_given, evaluation)))
    return plots


def _svg(paint: Callable[[Evaluation], Any], evaluation: Evaluation) -> str:
    with plt.rc_context(STYLE):
        return to_svg(paint(evaluation))


def to_svg(figure: Any) -> str:
    """A figure of matplotlib as SVG in the reader's colours, light or dark; closes it."""
    figure.tight_layout()
    buffer = io.StringIO()
    # No date and no version in the file: the same figures give the same bytes.
    nothing = {"Date": None, "Creator": None}
    figure.savefig(buffer, format="svg", transparent=True, bbox_inches="tight", metadata=nothing)
    plt.close(figure)
    svg = "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
    start = svg.index(">", svg.index("<svg")) + 1
    return svg[:start] + THEME + svg[start:].replace(INK, "currentColor")


def _histogram(evaluation: Evaluation) -> Any:
    histogram = evaluation.data["histogram"]
    figure, axes = plt.subplots(figsize=(6, 2.6))
    axes.bar([f"{float(value):g}" for value in histogram], list(histogram.values()), color=THEIRS)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set(xlabel="stars", ylabel="ratings")
    return figure


def _curves(evaluation: Evaluation) -> dict[str, list[Epoch]]:
    curves = evaluation.curves
    if curves is None:
        return {}
    towers = {"user tower": curves.user_tower, "film tower": curves.film_tower}
    return {name: epochs for name, epochs in towers.items() if _of(epochs, "val_loss")}


def _of(epochs: list[Epoch], name: str) -> list[float]:
    values = [getattr(epoch, name) for epoch in epochs]
    return [] if None in values else values


def _paint_curves(evaluation: Evaluation) -> Any:
    curves = _curves(evaluation)
    figure, grid = plt.subplots(2, len(curves), figsize=(4.5 * len(curves), 5), sharex="col", squeeze=False)
    for column, (name, epochs) in enumerate(curves.items()):
        losses = _of(epochs, "val_loss")
        best = losses.index(min(losses))
        for row, (metric, label) in enumerate((("loss", "loss (MSE, stars²)"), ("mae", "MAE, stars"))):
            axes, numbers = grid[row, column], range(1, len(epochs) + 1)
            validation = _of(epochs, f"val_{metric}")
            axes.plot(numbers, _of(epochs, metric), color=THEIRS, linestyle="--", label="hidden in training")
            axes.plot(numbers, validation, color=OURS, label="validation")
            axes.plot(best + 1, validation[best], "o", color=OURS)
            axes.set_ylabel(label)
        grid[0, column].set_title(name)
        grid[1, column].set_xlabel("epoch")
    grid[0, 0].legend()
    return figure


def _lists(evaluation: Evaluation) -> list[ProtocolResult]:
    return [result for result in evaluation.results if result.rows and "liked_ndcg" in result.rows[0].metrics]


def _paint_lists(evaluation: Evaluation) -> Any:
    results = _lists(evaluation)
    across = min(len(results), 2)
    down = -(-len(results) // across)
    figure, grid = plt.subplots(down, across, figsize=(4.6 * across, 2.4 * down), squeeze=False)
    for axes in grid.flat[len(results) :]:
        axes.remove()
    for axes, result in zip(grid.flat, results, strict=False):
        rows = [row for row in reversed(result.rows) if "liked_ndcg" in row.metrics]
        values = [row.metrics["liked_ndcg"] for row in rows]
        spans = [row.intervals.get("liked_ndcg", (value, value)) for row, value in zip(rows, values, strict=True)]
        spread = [
            [value - low for value, (low, _) in zip(values, spans, strict=True)],
            [high - value for value, (_, high) in zip(values, spans, strict=True)],
        ]
        colours = [OURS if row is result.rows[0] else THEIRS for row in rows]
        axes.barh([row.scorer for row in rows], values, color=colours, xerr=spread, ecolor=INK)
        axes.set(title=TITLES[result.protocol], xlabel="liked NDCG@10, 95 % interval")
    return figure


def _given(evaluation: Evaluation) -> list[Row]:
    return [row for result in evaluation.results for row in result.rows if _by_given(row)]


def _by_given(row: Row) -> list[tuple[int, float]]:
    name = "liked_given_"
    return sorted((int(key.removeprefix(name)), value) for key, value in row.metrics.items() if key.startswith(name))


def _paint_given(evaluation: Evaluation) -> Any:
    figure, axes = plt.subplots(figsize=(6, 3.2))
    colours, markers = (OURS, SECOND, THEIRS, THIRD, INK), "os^Dv"
    for row, colour, marker in zip(_given(evaluation), colours, markers, strict=False):
        numbers, values = zip(*_by_given(row), strict=True)
        axes.plot(numbers, values, color=colour, marker=marker, label=row.scorer)
    axes.set_xscale("log")
    axes.set_xticks(numbers, [str(n) for n in numbers])
    axes.minorticks_off()
    axes.set(xlabel="ratings given", ylabel="liked NDCG@10")
    axes.set_ylim(bottom=0)
    axes.legend()
    return figure
