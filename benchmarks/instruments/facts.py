"""The facts to record beside a measurement: machine, versions, date."""

import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from training.files import replace

RESULTS = Path(__file__).parents[1] / "results"
Run = dict[str, Any]


def facts(*packages: str) -> dict[str, Any]:
    """The date, the machine, and the versions of Python and of `packages`."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": {"cpu": _cpu(), "cores": os.cpu_count(), "memory_gb": _memory_gb(), "system": platform.platform()},
        "versions": {"python": platform.python_version(), **{package: version(package) for package in packages}},
    }


def write(name: str, result: dict[str, Any]) -> Path:
    """Write benchmarks/results/`name`.json by rename; returns its path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    replace(path, json.dumps(result, indent=1) + "\n")
    return path


def add(name: str, run: Run, *packages: str, key: Callable[[Run], Any], order: Callable[[Run], Any]) -> Run:
    """Store `run` among the runs of results/`name`.json, replacing an earlier one with the same `key`; all results."""
    path = RESULTS / f"{name}.json"
    earlier: list[Run] = json.loads(path.read_text())["runs"] if path.exists() else []
    found = facts(*packages)
    others = [each for each in earlier if key(each) != key(run)]
    result = {**found, "runs": sorted([*others, {**run, "date": found["date"]}], key=order)}
    write(name, result)
    return result


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory_gb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
