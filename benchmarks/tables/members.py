"""benchmarks/results/members.json as tables in docs/operations.md."""

from typing import Any, Final

from benchmarks.peers.registry import ROOT

PAGE: Final = ROOT / "docs" / "operations.md"


def table(result: dict[str, Any]) -> str:
    """Starts, then requests, in milliseconds."""
    cold, machine = result["cold"], result["machine"]
    starts = [["start, ms, median", "until the first answer", "CPU", "first request"], ["---", "---:", "---:", "---:"]]
    starts += [[kind, *(str(one[name]) for name in ("total", "cpu", "first"))] for kind, one in cold["medians"].items()]
    warm = [["request of a member, ms", "p50", "p99"], ["---", "---:", "---:"]]
    warm += [[f"`{name}`", f"{one['p50']:.1f}", f"{one['p99']:.1f}"] for name, one in result["warm"].items()]
    time, cpu = (f"{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})" for one in cold["ratio"].values())
    note = (
        f"`python -m benchmarks.members`, {result['date']}, {machine['cpu']}, {machine['cores']} cores; {cold['runs']} "
        f"starts of each, in turns; {result['films']:,} films, {result['ratings']} ratings, SQLite. With members "
        f"set up, a visitor's start takes {time} of the time and {cpu} of the CPU that it takes without (95 % "
        "intervals)."
    )
    return f"{_markdown(starts)}\n\n{_markdown(warm)}\n\n{note}"


def _markdown(rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
