"""How long a developer waits for `make check` and `make test-fast`; writes benchmarks/results/development.json.

python -m benchmarks.development [--runs 3]

Each verb runs several times, and the quickest run counts: other processes on the machine only slow one down. The CPU
time of a run and the load average before it tell how much they did.
"""

import argparse
import os
import resource
import shutil
import subprocess
import time

from benchmarks.instruments.facts import facts, write
from tests.support.sam import ROOT

# What `make check` keeps between runs.
CACHES = (".mypy_cache", ".ruff_cache", "artifacts/workflows-checked", "web/node_modules/.cache/tsc.tsbuildinfo")


def run(verb: str) -> dict[str, float]:
    """Seconds, CPU seconds and load of `make verb`. Raises CalledProcessError if it fails."""
    load = os.getloadavg()[0]
    started, cpu = time.monotonic(), _cpu_seconds()
    subprocess.run(["make", "--no-print-directory", verb], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    times = {"seconds": time.monotonic() - started, "cpu": _cpu_seconds() - cpu, "load": load}
    return {name: round(value, 1) for name, value in times.items()}


def _cpu_seconds() -> float:
    """CPU time of all finished child processes."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def forget() -> None:
    """Remove the caches of `make check`."""
    for name in CACHES:
        path = ROOT / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.development")
    parser.add_argument("--runs", type=int, default=3, help="of each (default 3)")
    runs = parser.parse_args().runs
    cold, warm, fast = [], [], []
    for _ in range(runs):
        forget()
        cold.append(run("check"))
        warm.append(run("check"))
        fast.append(run("test-fast"))
    times = {"make check, without caches": cold, "make check": warm, "make test-fast": fast}
    print(write("development", {**facts("ruff", "mypy", "pytest"), "runs": runs, "verbs": times}))


if __name__ == "__main__":
    main()
