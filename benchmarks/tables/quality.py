"""benchmarks/results/quality.json as tables in docs/quality.md and as plots."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy.stats

from benchmarks.peers.registry import ROOT
from benchmarks.tables.document import put
from training.files import replace

NAME: Final = "quality"
PAGE: Final = ROOT / "docs" / "quality.md"
PLOTS: Final = ROOT / "docs" / "img"
OURS: Final = "this model"
HEADINGS: Final = {
    "kfold": "Stars, 5-fold cross-validation",
    "random": "Stars, a random tenth held out",
    "ranking": "Lists, a random quarter of each user's ratings held out",
    "new_users": "Lists, for new users",
    "recbole": "Lists, RecBole's split (ratings of 3 or more, 8:1:1)",
}
TITLES: Final = {
    "kfold": "Stars, 5-fold",
    "random": "Stars, 90/10",
    "ranking": "Lists, 75/25 per user",
    "new_users": "Lists, new users",
    "recbole": "Lists, RecBole's 8:1:1",
}
STARS: Final = (("rmse", "RMSE", "{:.4f}"), ("mae", "MAE", "{:.4f}"))
RATED_ONLY: Final = (
    ("rated_precision", "P@10 of rated", "{:.4f}"),
    ("rated_recall", "R@10 of rated", "{:.4f}"),
    ("first_ten_precision", "P, top ten of rated", "{:.4f}"),
    ("first_ten_recall", "R, top ten of rated", "{:.4f}"),
)
LISTS: Final = (
    ("liked_ndcg", "NDCG@10, liked", "{:.4f}"),
    ("ndcg", "NDCG@10, all", "{:.4f}"),
    ("bad_hits", "disliked hits", "{:.1%}"),
    ("below_mean", "below own mean", "{:.1%}"),
    ("precision", "P@10", "{:.4f}"),
    ("recall", "R@10", "{:.4f}"),
    ("coverage", "coverage", "{:.1%}"),
    ("popularity", "popularity", "{:.1%}"),
)
COLUMNS: Final = {
    "kfold": STARS + RATED_ONLY,
    "random": STARS + RATED_ONLY,
    "ranking": LISTS,
    "new_users": LISTS,
    "recbole": LISTS,
}
WITH_INTERVAL: Final = ("rmse", "mae", "liked_ndcg", "ndcg", "precision")


@dataclass(frozen=True)
class Line:
    """One scorer under one protocol: means, and half widths of the 95 % intervals."""

    scorer: str
    library: str
    means: dict[str, float]
    half_widths: dict[str, float]  # empty for a single run
    seeds: int
    folds: int
    seconds: float
    choosing_seconds: float
    tried: int
    memory_mb: float


def lines(runs: list[dict[str, Any]], data: str, protocol: str) -> list[Line]:
    """The lines of one table, best first."""
    chosen = [run for run in runs if (run["data"], run["protocol"]) == (data, protocol)]
    names = list(dict.fromkeys(run["scorer"] for run in chosen))
    found = [_line([run for run in chosen if run["scorer"] == name]) for name in names]
    stars = COLUMNS[protocol][0][0] == "rmse"
    return sorted(found, key=lambda line: line.means["rmse"] if stars else -line.means.get("liked_ndcg", 0))


def _line(runs: list[dict[str, Any]]) -> Line:
    first = runs[0]
    per_seed = [
        {name: float(np.mean([part[name] for part in run["parts"]])) for name in run["parts"][0]} for run in runs
    ]
    # Older runs may have fewer metrics.
    names = [name for name in per_seed[0] if all(name in each for each in per_seed)]
    samples = per_seed if len(runs) > 1 else first["parts"]  # with a single seed, intervals are over its folds
    return Line(
        first["scorer"],
        first["library"],
        {name: float(np.mean([each[name] for each in per_seed])) for name in names},
        {name: _half_width([each[name] for each in samples]) for name in names} if len(samples) > 1 else {},
        len(runs),
        len(first["parts"]),
        float(np.mean([run["seconds"] for run in runs])),
        float(np.mean([run["choosing_seconds"] for run in runs])),
        first["tried"],
        max(run["memory_mb"] for run in runs),
    )


def _half_width(values: list[float]) -> float:
    """Half the width of the 95 % interval of the mean, by Student's t."""
    n = len(values)
    return float(scipy.stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / n**0.5)


def table(found: list[Line], protocol: str) -> str:
    """A Markdown table with our model in bold."""
    columns = COLUMNS[protocol]
    with_folds = found[0].folds > 1
    head = [
        "scorer",
        *(label for _, label, _ in columns),
        "training, s",
        "choosing, s (tried)",
        "peak memory, MB",
        "runs",
    ]
    body = []
    for line in found:
        cells = [line.scorer if line.library == "ours" else f"{line.library} {line.scorer}"]
        for name, _, form in columns:
            has_interval = name in line.half_widths and name in WITH_INTERVAL
            interval = f" ± {line.half_widths[name]:.4f}" if has_interval else ""
            cells.append(form.format(line.means[name]) + interval if name in line.means else "-")
        cells.append(_seconds(line.seconds))
        cells.append(f"{_seconds(line.choosing_seconds)} ({line.tried})" if line.tried > 1 else "-")
        cells.append(f"{line.memory_mb:.0f}")
        cells.append(f"{line.seeds} x {line.folds} folds" if with_folds else str(line.seeds))
        body.append([f"**{cell}**" for cell in cells] if line.scorer == OURS else cells)
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *body))


def chapter(result: dict[str, Any], data: str) -> str:
    """All tables of one data set, with date, machine and versions."""
    runs = result["runs"]
    protocols = [name for name in COLUMNS if any((run["data"], run["protocol"]) == (data, name) for run in runs)]
    blocks = [f"### {HEADINGS[name]}\n\n{table(lines(runs, data, name), name)}" for name in protocols]
    mine = [run for run in runs if run["data"] == data]
    absent = "" if any(run["scorer"] == OURS for run in mine) else " Our model has not been measured yet."
    dates = sorted({run["date"] for run in mine})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    machine, versions = result["machine"], _versions(mine)
    blocks.append(f"`make bench-quality`, {when}, {machine['cpu']}, {machine['cores']} cores; {versions}.{absent}")
    blocks.append(f"![{_alt(runs, data, protocols)}](img/quality-{data}.svg)")
    return "\n\n".join(blocks)


def _versions(runs: list[dict[str, Any]]) -> str:
    known: dict[str, str] = {}
    for run in runs:
        known |= run["versions"]
    shown = ("python", "scikit-surprise", "implicit", "lenskit", "tensorflow")
    return ", ".join(f"{name} {known[name]}" for name in shown if name in known)


def _alt(runs: list[dict[str, Any]], data: str, protocols: list[str]) -> str:
    best = []
    for protocol in protocols:
        name, label, form = COLUMNS[protocol][0]
        measured = (line for line in lines(runs, data, protocol) if name in line.means)
        values = ", ".join(f"{line.scorer} {form.format(line.means[name])}" for line in measured)
        best.append(f"{HEADINGS[protocol]}, {label}: {values}")
    return f"{data}. " + ". ".join(best) + "."


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}"


def plot(result: dict[str, Any], data: str) -> str:
    """A panel for each protocol: the main metric of every scorer with its interval, best on top; as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    from training.evaluation.report.plots import OURS as RED
    from training.evaluation.report.plots import STYLE, THEIRS, to_svg

    runs = result["runs"]
    protocols = [name for name in COLUMNS if any((run["data"], run["protocol"]) == (data, name) for run in runs)]
    with mpl.rc_context({**STYLE, "svg.hashsalt": NAME}):
        figure, axes = plt.subplots(1, len(protocols), figsize=(4.2 * len(protocols), 3.6), squeeze=False)
        for axis, protocol in zip(axes[0], protocols, strict=True):
            name, label, _ = COLUMNS[protocol][0]
            # The weakest scorers would squeeze the others together.
            weak = ("random", "popularity") if name == "rmse" else ("random",)
            found = lines(runs, data, protocol)
            shown = [line for line in found if line.scorer not in weak and name in line.means][::-1]
            for height, line in enumerate(shown):
                colour = RED if line.scorer == OURS else THEIRS
                axis.errorbar(
                    line.means[name], height, xerr=line.half_widths.get(name, 0), fmt="o", color=colour, capsize=2
                )
            axis.set_yticks(range(len(shown)), [line.scorer for line in shown])
            axis.set_title(TITLES[protocol])
            axis.set_xlabel(f"{label} ({'lower' if name == 'rmse' else 'higher'} is better)")
            axis.grid(axis="x", color=THEIRS, alpha=0.25)
        return to_svg(figure)


def publish(result: dict[str, Any]) -> None:
    """Write the tables into docs/quality.md, and docs/img/quality-….svg; all by rename."""
    page = PAGE.read_text()
    for data in dict.fromkeys(run["data"] for run in result["runs"]):
        page = put(page, f"{NAME} {data}", chapter(result, data))
        replace(PLOTS / f"{NAME}-{data}.svg", plot(result, data))
    replace(PAGE, page)
