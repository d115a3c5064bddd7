"""benchmarks/results/people.json as the tables of docs/performance.md."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.tables.document import markdown

Facts = dict[str, Any]
WEIGHT_GOAL: Final = 120  # MB, of what a start reads at the larger size
GOALS: Final = {"visitor": 1.3, "known": 2.0}  # the first answer, beside that of the smaller size
WHO: Final = {"visitor": "a visitor", "known": "a known user"}


def weights(result: Facts) -> str:
    """Megabytes of a bundle, by precision and size."""
    files = ("model.tflite", "films.npz", "catalog.jsonl")
    rows: list[Sequence[object]] = [("MB", "size", *files, "all that a start reads", "goal", "people.bin, beside it")]
    for bundle in result["bundles"]:
        for size, mb in bundle["mb"].items():
            goal = WEIGHT_GOAL if size == "ml-32m" else ""
            rows.append((bundle["precision"], size, *(mb[name] for name in files), mb["start"], goal, mb["people.bin"]))
    sizes = "; ".join(
        f"{name}: {shape['users']:,} people, {shape['films']:,} films, {shape['ratings']:,} ratings"
        for name, shape in result["shapes"].items()
    )
    return f"{markdown(rows)}\n\n{sizes}. {_note(result)}"


def starts(result: Facts) -> str:
    """Milliseconds from the start of the process to the first answer, beside those of the smaller size."""
    head = ("first answer, ms", "of", "bundle from", "ml-1m", "ml-32m", "ratio", "goal", "CPU, ratio")
    rows: list[Sequence[object]] = [(*head, "memory, MB", "sent by the store, MB", "of people: reads, kB")]
    for bundle in result["bundles"]:
        for row in bundle["starts"]:
            small, large = row["ml-1m"], row["ml-32m"]
            people = f"{large['reads_of_people']:.0f}, {large['people_kb']:.1f}" if row["bundle"] == "release" else ""
            sent = f"{large['sent_mb']:.1f}" if row["bundle"] == "release" else ""
            times = f"{small['total']:.0f}", f"{large['total']:.0f}", f"{row['ratio']['total']:.2f}"
            goal = f"{GOALS[row['who']]:g}"
            cells = (*times, goal, f"{row['ratio']['cpu']:.2f}", f"{large['peak_mb']:.0f}", sent, people)
            rows.append((bundle["precision"], WHO[row["who"]], f"the {row['bundle']}", *cells))
    return f"{markdown(rows)}\n\n{_note(result)} {result['runs']} starts of each, in turns, medians."


def _note(result: Facts) -> str:
    machine = result["machine"]
    return f"`python -m benchmarks.people`, {result['date']}, {machine['cpu']}, {machine['cores']} cores."
