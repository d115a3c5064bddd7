"""benchmarks/results/cold_start.json as the tables of README and docs/image.md."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.tables.document import markdown

Facts = dict[str, Any]
DEFAULT: Final = 512  # MB: the template's memory
PHASES: Final = (
    ("interpreter", "the interpreter"),
    ("imports", "imports"),
    ("load", "the bundle and the application"),
    ("first", "the first answer"),
    ("total", "**all of it**"),
    ("cpu", "CPU of it"),
    ("forked", "a fork of the warm process, instead: its first answer"),
)


def cold_start(result: Facts) -> str:
    """The function beside the bare one, wherever both were measured."""
    head = ("cold start, median of N runs, ms", "this function", "bare FastAPI + Mangum + NumPy", "ratio")
    rows: list[Sequence[object]] = [(*head, "peak memory, MB")]
    emulator = result["emulator"]["median"]
    rows.append(
        ("emulator, to the first response", emulator["function"], emulator["hello"], result["emulator"]["ratio"], "")
    )
    where = [("this machine", result["here"]), ("container", result["container"])]
    where += [(f"container, {size['mb']} MB and its CPU share", size) for size in result["memory"]]
    for name, found in where:
        ours, hello = found["function"], found["hello"]
        rows.append((name, ours["total"], hello["total"], found["total_ratio"], ours["peak_mb"]))
    note = f"{_note(result)}, N = {result['emulator']['runs']} (5 for sizes other than {DEFAULT} MB)."
    return f"{markdown(rows)}\n\n{note} While a function starts, Lambda gives it more CPU than its share."


def phases(result: Facts) -> str:
    """The phases of a start in the container with the default memory."""
    (size,) = (size for size in result["memory"] if size["mb"] == DEFAULT)
    rows: list[Sequence[object]] = [(f"milliseconds of a start with {DEFAULT} MB", "this function", "bare", "ratio")]
    for phase, label in PHASES:
        ours, bare = size["function"][phase], size["hello"][phase]
        rows.append((label, ours, bare, f"{ours / bare:.2f}" if phase in ("total", "cpu") else ""))
    return f"{markdown(rows)}\n\n{_note(result)}; medians of {result['emulator']['runs']} starts of each, in turns."


def memory(result: Facts) -> str:
    """Starts and warm requests with each size of memory."""
    rows: list[Sequence[object]] = [
        ("memory, MB", "vCPU", "cold start, ms", "warm, ms, p50", "99th percentile", "peak, MB")
    ]
    for size in result["memory"]:
        ours = size["function"]
        warm = ours["warm"]
        rows.append((size["mb"], size["cpus"], ours["total"], warm["p50"], warm["p99"], ours["peak_mb"]))
    above = f"this image is {result['image_mb_above_base']} MB above the base image"
    return f"{markdown(rows)}\n\n{_note(result)}; {above}. The container is limited to that CPU share."


def _note(result: Facts) -> str:
    machine, bundle = result["machine"], result["bundle"]
    where = f"{machine['cpu']}, {machine['cores']} cores"
    size = f"{bundle['films']:,} films and {bundle['users']:,} users"
    made = f"the bundle of {bundle['data']} ({size}), pruned for publication to {bundle['mb']} MB"
    return f"`python -m benchmarks.cold_start`, {result['date']}, {where}; {made}"
