"""benchmarks/results/load.json as the tables of docs/performance.md."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.tables.document import markdown

Facts = dict[str, Any]
STEP: Final = 50_000  # requests between two rows of the memory's table


def throughput(result: Facts) -> str:
    """Requests a second within the goal, for every number of workers."""
    part = result["parts"]["throughput"]
    workers: dict[str, Facts] = part["workers"]
    heads = ["requests a second", "connections", "p50, ms", "p99, ms", "of hello"]
    tables = []
    for count, rows in workers.items():
        head = [f"{count} worker{'s' if count != '1' else ''}", *heads]
        lines = [
            (name, f"{row['rate']:,}", row["connections"], row["p50"], row["p99"], f"{row['ratio']:.0%}")
            for name, row in rows.items()
        ]
        tables.append(markdown([head, *lines]))
    errors, requests = (sum(row[what] for rows in workers.values() for row in rows.values()) for what in _SUMS)
    note = (
        f"{_note(result, 'throughput')} The most requests a second whose 99th percentile is within {part['goal_ms']} "
        f"ms, of 1 to 32 connections for {part['seconds']} seconds each. {errors} of {requests:,} requests failed."
    )
    return "\n\n".join([*tables, note])


def memory(result: Facts) -> str:
    """The workers' memory, by requests answered."""
    part = result["parts"]["memory"]
    points: list[tuple[int, float]] = part["points"]
    marks = [0, 20_000, *range(STEP, part["requests"] - STEP // 2, STEP), part["requests"]]
    chosen = [next(point for point in points if point[0] >= mark) for mark in marks]
    rows = [("requests answered", *(f"{requests:,}" for requests, _ in chosen))]
    rows += [("memory of two workers, MB", *(f"{megabytes:.1f}" for _, megabytes in chosen))]
    note = (
        f"{_note(result, 'memory')} {part['errors']} errors. From {chosen[1][0]:,} requests on: {part['growth']:+.1%}."
    )
    return f"{markdown(rows)}\n\n{note}"


def faults(result: Facts) -> str:
    """Answers that were compared, while nothing went wrong and while much did."""
    quiet, broken = result["parts"]["answers"], result["parts"]["faults"]
    rows: list[Sequence[object]] = [("", "nothing goes wrong", "releases, rollbacks, damage, kills")]
    for label, key, form in _COMPARED:
        rows.append((label, format(quiet[key], form), format(broken[key], form)))
    done = ", ".join(f"{count} {what}" for what, count in sorted(broken["done"].items()))
    failures = ", ".join(f"{count} {what}" for what, count in sorted(broken["failed"].items()))
    image = broken["answered_by"]["image"]
    note = (
        f"{_note(result, 'faults')} {quiet['people']} people at the same time. On the right: {broken['minutes']} "
        f"minutes with {done}. First attempts failed by {failures or 'nothing'}. {image:,} answers were of the bundle "
        "in the image, while the pointer was damaged."
    )
    return f"{markdown(rows)}\n\n{note}"


_SUMS: Final = ("errors", "requests")
_COMPARED: Final = (
    ("answers compared", "asked", ",d"),
    ("wrong answers", "wrong", ",d"),
    ("without an answer after a second attempt", "unanswered", ",d"),
    ("availability", "availability", ".3%"),
    ("availability with a second attempt", "availability_second", ".3%"),
    ("longest time without an answer to anybody, s", "silence_seconds", ".2f"),
)


def _note(result: Facts, part: str) -> str:
    machine, found = result["machine"], result["parts"][part]
    where = f"{machine['cpu']}, {machine['cores']} cores, load average before {found['load']}"
    return f"`python -m benchmarks.load --only {part}`, {found['date']}, {where}."
