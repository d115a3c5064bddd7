"""The evaluation, as a person reads it: report.html (one file), report.md with its plots, and evaluation.json."""

import json
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from training.data.known import KNOWN
from training.evaluation.report.glossary import BASELINES, TABLES, TITLES, Metric, Table
from training.evaluation.report.highlights import behaves, highlights
from training.evaluation.report.plots import NAMES, draw
from training.evaluation.results import Evaluation, Row
from training.files import replace

INTERVALS: Final = (
    "rmse",
    "mae",
    "liked_ndcg",
    "ndcg",
    "precision",
)  # shown beside their figures; evaluation.json has all


def write_report(evaluation: Evaluation, folder: Path) -> Path:
    """Write the report of `evaluation` into `folder`; returns the HTML file.

    It holds figures only: nobody's ratings. Each file appears whole; of what else is in the folder, only plots of an
    earlier report that this one has not are removed.
    """
    plots = draw(evaluation)
    files = {f"{plot.name}.svg": plot.svg for plot in plots}
    environment = Environment(
        loader=PackageLoader("training.evaluation.report"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"thousands": "{:,}".format}
    facts: dict[str, Any] = {
        "evaluation": evaluation,
        "plots": {plot.name: plot for plot in plots},
        "highlights": highlights(evaluation),
        "behaves": behaves(evaluation.behaviour) if evaluation.behaviour else [],
        "titles": TITLES,
        "tables": TABLES,
        "baselines": BASELINES,
        "columns": columns,
        "rows_with": rows_with,
        "cell": cell,
        "is_best": is_best,
        "command": command(evaluation),
    }
    for name in ("report.md", "report.html"):
        files[name] = environment.get_template(f"{name}.j2").render(facts).strip() + "\n"
    files["evaluation.json"] = json.dumps(evaluation.as_json(), indent=1, allow_nan=False) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        replace(folder / name, text)
    for name in {f"{plot}.svg" for plot in NAMES} - set(files):
        (folder / name).unlink(missing_ok=True)
    return folder / "report.html"


def columns(table: Table, rows: list[Row]) -> list[Metric]:
    """The columns that any of the rows has a figure for."""
    return [metric for metric in table.metrics if any(metric.key in row.metrics for row in rows)]


def rows_with(chosen: list[Metric], rows: list[Row]) -> list[Row]:
    """The rows that have a figure for any of the columns."""
    return [row for row in rows if any(metric.key in row.metrics for metric in chosen)]


def cell(metric: Metric, row: Row) -> tuple[str, str]:
    """A figure and its interval, as they are shown; each may be empty."""
    if metric.key not in row.metrics:
        return "-", ""
    interval = ""
    if metric.key in INTERVALS and metric.key in row.intervals:
        interval = "{:.3f} to {:.3f}".format(*row.intervals[metric.key])
    return metric.form.format(row.metrics[metric.key]), interval


def is_best(metric: Metric, row: Row, rows: list[Row]) -> bool:
    """Whether no other row is shown with a better figure; never where better is a matter of taste."""
    if metric.better is None or metric.key not in row.metrics:
        return False
    pick = min if metric.better == "low" else max
    best = pick(other.metrics[metric.key] for other in rows if metric.key in other.metrics)
    return metric.form.format(row.metrics[metric.key]) == metric.form.format(best)


def command(evaluation: Evaluation) -> str:
    """What makes the report again."""
    name = evaluation.data["name"]
    data = f"--data {name}" if name in KNOWN else "--ratings FILE --films FILE"
    protocols = " ".join(result.protocol for result in evaluation.results)
    return f"python -m training evaluate {data} --protocols {protocols} --model.seed {evaluation.config['seed']}"
