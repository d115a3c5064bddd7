"""benchmarks/results/growth.json as a table in docs/model-card.md and as a plot."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from benchmarks.instruments.stages import EVALUATION, RELEVANCE, REST
from benchmarks.tables.document import put
from tests.support.sam import ROOT
from training.files import replace

PAGE: Final = ROOT / "docs" / "model-card.md"
PLOT: Final = ROOT / "docs" / "img" / "growth.svg"
# Columns, each the sum of some stages of benchmarks/instruments/stages.py.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "reading": ("reading",),
    "evaluation": (EVALUATION,),
    "towers": ("the towers",),
    "relevance head": ("choosing the relevance head", RELEVANCE),
    "export": ("export", "verifying"),
    "rest": (REST,),
}
STAGES: Final = frozenset(name for names in COLUMNS.values() for name in names)
Run = dict[str, Any]


def exponent(ratings: Sequence[float], values: Sequence[float]) -> float:
    """The exponent p of values ~ ratings^p, by least squares on logarithms; 1 is linear growth."""
    return float(np.polyfit(np.log(ratings), np.log(values), 1)[0])


def table(result: dict[str, Any]) -> str:
    """A Markdown table with a row per run, and how time and memory grow."""
    head = ["ratings", "users", "films", "seconds", *COLUMNS, "peak memory, GB", "reached in", "bundle, MB"]
    body = [_cells(run) for run in result["runs"]]
    rule = ["---", *["---:"] * (len(head) - 1)]
    rows = ["| " + " | ".join(row) + " |" for row in (head, rule, *body)]
    dates, machine, versions = sorted({run["date"] for run in result["runs"]}), result["machine"], result["versions"]
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    notes = [
        f"`python -m benchmarks.growth`, {when}, {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_gb']} GB, TensorFlow {versions['tensorflow']}.",
        *(f"The archive of {run['data']} was {run['fetch']['how']}." for run in result["runs"] if "fetch" in run),
    ]
    return "\n".join([*rows, "", " ".join([*notes, growth(result)]).strip()])


def growth(result: dict[str, Any]) -> str:
    """A sentence with the exponents; empty if fewer than two sizes were generated."""
    runs = _generated(result)
    if len(runs) < 2:
        return ""
    ratings = [run["ratings"] for run in runs]
    time, memory = (exponent(ratings, [run[name] for run in runs]) for name in ("seconds", "peak_mb"))
    span = f"From {ratings[0]:,} to {ratings[-1]:,} ratings"
    return f"{span}, time grows as ratings^{time:.2f} and memory as ratings^{memory:.2f}."


def _cells(run: Run) -> list[str]:
    stages = run["stages"]
    seconds = [sum(stages[name]["seconds"] for name in names if name in stages) for names in COLUMNS.values()]
    peak = max(stages, key=lambda name: float(stages[name]["peak_mb"]))
    what = "generated" if run["data"] == "generated" else run["data"]
    return [
        f"{run['ratings']:,} {'' if what == 'generated' else f'({what})'}".strip(),
        f"{run['users']:,}",
        f"{run['films']:,}",
        f"**{run['seconds']:.0f}**",
        *(f"{value:.0f}" if value >= 10 else f"{value:.1f}" for value in seconds),
        f"**{run['peak_mb'] / 1024:.1f}**",
        peak,
        f"{run['bundle_mb']:.0f}",
    ]


def _generated(result: dict[str, Any]) -> list[Run]:
    return [run for run in result["runs"] if run["data"] == "generated"]


def plot(result: dict[str, Any]) -> str:
    """Time and memory against the number of generated ratings, log-log, with linear growth dotted; as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    from training.evaluation.report.plots import OURS, STYLE, THEIRS, to_svg

    runs = _generated(result)
    ratings = np.array([run["ratings"] for run in runs], np.float64)
    with mpl.rc_context({**STYLE, "svg.hashsalt": "growth"}):
        figure, axes = plt.subplots(1, 2, figsize=(8.4, 3.2))
        for axis, name, unit, label in zip(axes, ("seconds", "peak_mb"), (60, 1024), ("minutes", "GB"), strict=True):
            values = np.array([run[name] for run in runs]) / unit
            axis.loglog(ratings, values, "o-", color=OURS)
            axis.loglog(ratings, values[-1] * ratings / ratings[-1], ":", color=THEIRS)
            for x, y in zip(ratings, values, strict=True):
                axis.annotate(f"{y:.1f}", (x, y), textcoords="offset points", xytext=(0, 7), ha="center")
            axis.set_xticks(ratings, [f"{x / 1e6:g}M" for x in ratings], minor=False)
            axis.xaxis.set_minor_formatter(mpl.ticker.NullFormatter())
            axis.yaxis.set_major_formatter("{x:g}")
            axis.yaxis.set_minor_formatter(mpl.ticker.NullFormatter())
            axis.set_xlabel("ratings")
            axis.set_title(f"{'Time' if name == 'seconds' else 'Peak memory'}, {label} (dotted: linear)")
            axis.margins(0.12, 0.2)
        return to_svg(figure)


def publish(result: dict[str, Any]) -> None:
    """Write the table into docs/model-card.md and, with two sizes or more, docs/img/growth.svg; by rename."""
    text = table(result)
    if len(runs := _generated(result)) > 1:
        summary = "; ".join(
            f"{run['ratings']:,} ratings {run['seconds']:.0f} s and {run['peak_mb'] / 1024:.1f} GB" for run in runs
        )
        replace(PLOT, plot(result))
        text += f"\n\n![Time and memory of training: {summary}.](img/growth.svg)"
    replace(PAGE, put(PAGE.read_text(), "growth", text))
