"""benchmarks/results/shapes.json as a table in docs/quality.md."""

from typing import Any, Final

OURS: Final = "this model"


def table(result: dict[str, Any]) -> str:
    """A row for each data set: liked NDCG@10, and NDCG@10 of all, of every scorer; the best in bold."""
    scorers = list(dict.fromkeys(run["scorer"] for shape in result["shapes"].values() for run in shape["runs"]))
    head = ["data", "people", "films", "ratings", *scorers, "against the best peer", "training, s"]
    rows = [head, ["---", *["---:"] * (len(head) - 1)]]
    for name, shape in result["shapes"].items():
        runs = {run["scorer"]: run for run in shape["runs"]}
        cells = [name, *(f"{shape[key]:,}" for key in ("users", "films", "ratings"))]
        best = {key: max(run["parts"][0][key] for run in runs.values()) for key in ("liked_ndcg", "ndcg")}
        for scorer in scorers:
            figures = [_figure(runs[scorer], key, best[key]) for key in best] if scorer in runs else ["-"]
            cells.append(" / ".join(figures))
        cells += [" / ".join(_against(runs, key) for key in best), f"{runs[OURS]['seconds']:.0f}"]
        rows.append(cells)
    dates = sorted({run["date"] for shape in result["shapes"].values() for run in shape["runs"]})
    machine = result["machine"]
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    note = f"`python -m benchmarks.shapes`, {when}, {machine['cpu']}, {machine['cores']} cores. Liked / all."
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + f"\n\n{note}"


def _figure(run: dict[str, Any], key: str, best: float) -> str:
    value = run["parts"][0][key]
    return f"**{value:.4f}**" if value == best else f"{value:.4f}"


def _against(runs: dict[str, Any], key: str) -> str:
    """How much further than the best peer ours is, and the half width of the 95 % interval of ours."""
    theirs = max(run["parts"][0][key] for name, run in runs.items() if name != OURS)
    ours = runs[OURS]["parts"][0]
    return f"{ours[key] / theirs - 1:+.1%} (± {ours[f'{key}_half_width'] / theirs:.1%})"
