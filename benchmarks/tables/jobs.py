"""The tables of docs/distributed.md: what a second worker brings, where one machine ends, and what a job costs."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.tables.document import markdown

Facts = dict[str, Any]
Run = dict[str, Any]
# Name, vCPU, memory in GiB and US dollars an hour: list prices of SageMaker training in us-east-1, to be checked.
INSTANCES: Final = (
    ("ml.m5.large", 2, 8, 0.115),
    ("ml.m5.xlarge", 4, 16, 0.23),
    ("ml.r5.xlarge", 4, 32, 0.302),
    ("ml.r5.2xlarge", 8, 64, 0.605),
    ("ml.r5.4xlarge", 16, 128, 1.21),
    ("ml.r5.12xlarge", 48, 384, 3.629),
    ("ml.r5.24xlarge", 96, 768, 7.258),
)
SYSTEM: Final = 1.5  # GiB that an instance needs besides
START: Final = 300  # seconds billed before and after the training: files, image, archive


def workers(result: Facts) -> str:
    """Seconds of the towers with one worker and with two."""
    rows: list[Sequence[object]] = [
        ("ratings", "one worker, one core, s", "two workers, a core each, s", "speed-up", "one worker, two cores, s")
    ]
    for row in result["rows"]:
        seconds = row["seconds"]
        speed_up = f"**{seconds['one'] / seconds['two']:.2f}**"
        rows.append((f"{row['ratings']:,}", seconds["one"], seconds["two"], speed_up, seconds["one with two cores"]))
    machine = result["machine"]
    note = f"`python -m benchmarks.workers`, {result['date']}, {machine['cpu']}, {machine['cores']} cores"
    return f"{markdown(rows)}\n\n{note}: six passes of each tower, the quicker of {result['rounds']} runs each."


def jobs(growth: Facts) -> str:
    """For each number of generated ratings, the smallest instance that holds it and what a job there costs; then the
    largest numbers that this machine and the largest instance hold, extrapolated."""
    runs = [run for run in growth["runs"] if run["data"] == "generated"]
    rows: list[Sequence[object]] = [("ratings", "memory, GB", "instance", "GiB", "minutes", "US$ a job")]
    for run in runs:
        memory = run["peak_mb"] / 1024
        name, _, size, hourly = next(each for each in INSTANCES if each[2] >= memory + SYSTEM)
        billed = run["seconds"] + START
        rows.append(
            (f"{run['ratings']:,}", f"{memory:.1f}", name, size, f"{billed / 60:.0f}", f"{billed / 3600 * hourly:.2f}")
        )
    (largest, _, most, _), machine = INSTANCES[-1], growth["machine"]
    here = machine["memory_gb"]
    times = (
        f"Times are those of `python -m benchmarks.growth` on {machine['cores']} cores, and {START // 60} minutes more"
    )
    ends = (
        f"If memory grows on as between the last two sizes, {here} GB hold about {_held(runs, here)} million ratings, "
        f"and the largest instance ({largest}, {most} GiB) about {_held(runs, most):,} million. "
        "Workers share time, not memory: several of them end there, too."
    )
    prices = "Prices are inputs (`INSTANCES` in `benchmarks/tables/jobs.py`): check them."
    return f"{markdown(rows)}\n\n{times}. {prices} {ends}"


def _held(runs: Sequence[Run], gigabytes: float) -> int:
    """Millions of ratings that fit into so much memory."""
    former, last = runs[-2:]
    by_million = (last["peak_mb"] - former["peak_mb"]) / (last["ratings"] - former["ratings"]) * 1e6
    room = (gigabytes - SYSTEM) * 1024 - last["peak_mb"]
    held: float = last["ratings"] / 1e6 + room / by_million
    return round(held)
