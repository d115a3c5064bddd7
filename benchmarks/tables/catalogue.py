"""benchmarks/results/catalogue.json as the tables of docs/performance.md."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.tables.document import markdown

Facts = dict[str, Any]
RATIO_GOAL: Final = 2.0  # of a list, beside one sweep over the item matrix
OVERLAP_GOAL: Final = 0.99
PRECISIONS: Final = ("float32", "float16", "int8")
MARGIN: Final = 1.25  # of a function's memory, over what was measured
FULL_CPU: Final = 1769  # MB, with which a function has one whole CPU
LAMBDA: Final = (256, 512, 1024, FULL_CPU, 3008, 5120, 7168, 10240)  # MB; the last is the most there is


def function_size(peak: float) -> int | None:
    """The memory of the smallest function of LAMBDA that has a `peak` of so many MB; None if there is none."""
    return next((size for size in LAMBDA if size >= peak * MARGIN), None)


def sizes(result: Facts) -> str:
    """What a bundle weighs, how a function starts with it, and which function that is."""
    after = "after 50 lists, MB", "of it no file's, MB", "function, MB", "of a CPU"
    rows: list[Sequence[object]] = [
        ("films", "numbers", "bundle, MB", "MB per 1,000 films", "start, s", "memory then, MB", *after)
    ]
    for run in _sorted(result["runs"]):
        mb = sum(run["mb"].values())
        start, answers = run["memory"]["start"], run["memory"]["answers"]
        size = function_size(answers["peak"])
        share = f"{min(1.0, size / FULL_CPU):.0%}" if size else ""
        weight = f"{mb:,.0f}", f"{1000 * mb / run['films']:.2f}", f"{run['start']['seconds']:.2f}"
        memory = f"{start['resident']:,.0f}", f"{answers['resident']:,.0f}", f"{answers['own']:,.0f}"
        rows.append((f"{run['films']:,}", run["precision"], *weight, *memory, f"{size:,}" if size else "none", share))
    return (
        f"{markdown(rows)}\n\n{_note(result)} The function is the smallest of {', '.join(map(str, LAMBDA))} MB with "
        f"{MARGIN - 1:.0%} more than the peak."
    )


def lists(result: Facts) -> str:
    """Milliseconds of a list and its parts, beside the sweep, and how much of the exact list it has."""
    beside = "times the sweep", "goal", "overlap@20", "of a genre", "goal", "scored once"
    rows: list[Sequence[object]] = [
        ("films", "numbers", "sweep, ms", "both heads, ms", "the rest, ms", "a list, ms", "99th percentile", *beside)
    ]
    for run in _sorted(result["runs"]):
        times = run["times"]
        cells = [f"{times[name]['p50']:.2f}" for name in ("sweep", "score", "list", "answer")]
        ratio = times["answer"]["p50"] / times["sweep"]["p50"]
        once = f"{run['overlap_once']:.4f}" if run["precision"] == "int8" and "overlap_once" in run else ""
        shares = f"{run['overlap']:.4f}", f"{run['overlap_genre']:.4f}", OVERLAP_GOAL, once
        late = f"{times['answer']['p99']:.2f}"
        rows.append((f"{run['films']:,}", run["precision"], *cells, late, f"{ratio:.2f}", f"{RATIO_GOAL:g}", *shares))
    return f"{markdown(rows)}\n\n{_note(result)} Medians, in turns, one thread; overlaps are means over 200 people."


def _sorted(runs: Sequence[Facts]) -> list[Facts]:
    return sorted(runs, key=lambda run: (run["films"], PRECISIONS.index(run["precision"])))


def _note(result: Facts) -> str:
    machine = result["machine"]
    return f"`python -m benchmarks.catalogue`, {result['date']}, {machine['cpu']}, {machine['cores']} cores."
