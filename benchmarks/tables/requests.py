"""benchmarks/results/requests.json as the tables of docs/performance.md and README."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.tables.document import markdown

Facts = dict[str, Any]
# What was asked for: the median beside that of hello.
GOALS: Final = {
    "top 20 of a known user": 1.5,
    "top 20 of a known user, of two genres": 1.6,
    "top 20 of a known user, another each time": 1.5,
    "top 20 of a visitor with 20 ratings": 3,
    "top 20 of a visitor with 20 ratings, another each time": 3,
    "home of a known user": 5,
    "home of a known user, another each time": 5,
}


def requests(result: Facts) -> str:
    """Every kind of request: median, 99th percentile, and the ratio to hello."""
    rows: list[Sequence[object]] = [("request", "median, ms", "99th percentile", "times hello", "goal")]
    for name, found in result["milliseconds"].items():
        goal = f"{GOALS[name]:g}" if name in GOALS else ""
        rows.append((name, f"{found['p50']:.3f}", f"{found['p99']:.3f}", f"{found['ratio']:.2f}", goal))
    runs = next(iter(result["milliseconds"].values()))["runs"]
    return f"{markdown(rows)}\n\n{_note(result)} {runs:,} of each, in a random order; load average {result['load']}."


def layers(result: Facts) -> str:
    """Where the time goes, in milliseconds: the share of each layer in a profile, of the median."""
    kinds = result["layers"]
    rows: list[Sequence[object]] = [("milliseconds, of the median", *kinds)]
    for layer in next(iter(kinds.values())):
        medians = (result["milliseconds"][kind]["p50"] for kind in kinds)
        cells = [share[layer] * median for share, median in zip(kinds.values(), medians, strict=True)]
        rows.append((layer, *(f"{cell:.3f}" for cell in cells)))
    return f"{markdown(rows)}\n\n{_note(result)}"


def scoring(result: Facts) -> str:
    """Ways to score the catalogue for one user."""
    rows: list[Sequence[object]] = [("way", "median, ms", "99th percentile", "times NumPy")]
    for name, found in result["scoring"]["ways"].items():
        rows.append((name, f"{found['p50']:.3f}", f"{found['p99']:.3f}", f"{found['ratio']:,.1f}"))
    missing = result["scoring"]["missing"]
    left_out = f" Left out, since the environment was missing: {', '.join(missing)}." if missing else ""
    return f"{markdown(rows)}\n\n{_note(result)}{left_out}"


def _note(result: Facts) -> str:
    machine, bundle = result["machine"], result["bundle"]
    where = f"{machine['cpu']}, {machine['cores']} cores, one thread"
    return f"`python -m benchmarks.requests`, {result['date']}, {where}; {bundle['data']}, {bundle['films']:,} films."
