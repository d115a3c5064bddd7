"""The evaluation, as a person reads it: report.html (one file), report.md with its plots, and evaluation.json."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from training.evaluate import Evaluation
from training.report.plots import draw

# Metric, its heading, and how it is shown; a table has those columns that its rows have.
STARS: Final = (
    ("rmse", "RMSE, stars", "{:.4f}"),
    ("mae", "MAE, stars", "{:.4f}"),
    ("mae_unit", "MAE, min-max", "{:.4f}"),
    ("mae_fifth", "MAE, r / max", "{:.4f}"),
)
LISTS: Final = (
    ("ndcg", "NDCG@10", "{:.4f}"),
    ("precision", "P@10", "{:.4f}"),
    ("recall", "R@10", "{:.4f}"),
    ("hit_rate", "HR@10", "{:.3f}"),
    ("mrr", "MRR@10", "{:.4f}"),
    ("coverage", "Coverage@10", "{:.1%}"),
    ("popularity", "Popularity share", "{:.1%}"),
)
RATED_ONLY: Final = (
    ("surprise_precision_100", "P@10, 100 users", "{:.4f}"),
    ("surprise_recall_100", "R@10, 100 users", "{:.4f}"),
    ("surprise_precision_all", "P@10, all users", "{:.4f}"),
    ("surprise_recall_all", "R@10, all users", "{:.4f}"),
    ("first_ten_precision_100", "P@10 of any ten, 100 users", "{:.4f}"),
    ("first_ten_recall_100", "R@10 of any ten, 100 users", "{:.4f}"),
    ("first_ten_precision_all", "P@10 of any ten, all users", "{:.4f}"),
    ("first_ten_recall_all", "R@10 of any ten, all users", "{:.4f}"),
)


def write_report(evaluation: Evaluation, folder: Path) -> Path:
    """Write the report of `evaluation` into `folder`, in place of what was there; returns the HTML file.

    It holds figures only: nobody's ratings. The folder is replaced when everything is drawn.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        plots = draw(evaluation)
        for plot in plots:
            (staged / f"{plot.name}.svg").write_text(plot.svg)
        environment = Environment(
            loader=PackageLoader("training.report"),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html.j2"]),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        facts: dict[str, Any] = {
            "evaluation": evaluation,
            "plots": plots,
            "tables": [
                ("Predicted stars", STARS),
                ("Lists of ten from the whole catalogue, seen films left out", LISTS),
                ("The reference's protocol: ranking only what the user rated", RATED_ONLY),
            ],
            "best": best,
            "shown": shown,
        }
        for name in ("report.html", "report.md"):
            (staged / name).write_text(environment.get_template(f"{name}.j2").render(facts))
        (staged / "evaluation.json").write_text(json.dumps(evaluation.as_json(), indent=1) + "\n")
        staged.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        staged.rename(folder)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return folder / "report.html"


def shown(rows: list[Any], columns: tuple[tuple[str, str, str], ...]) -> list[tuple[str, str, str]]:
    """The columns that the rows have figures for."""
    return [column for column in columns if any(column[0] in row.metrics for row in rows)]


def best(rows: list[Any], metric: str) -> float:
    """The best figure in a column: the lowest error or popularity share, the highest of everything else."""
    values = [row.metrics[metric] for row in rows if metric in row.metrics]
    low_is_good = metric in ("rmse", "mae", "mae_unit", "mae_fifth", "popularity")
    return float(min(values) if low_is_good else max(values))
