"""How long a developer waits for `make check` and `make test-fast`; writes benchmarks/results/development.json.

python -m benchmarks.development [--runs 3]

Each verb runs several times, and the quickest run counts: other processes on the machine only slow one down.
"""

import argparse
import shutil
import subprocess
import time

from benchmarks.instruments.facts import facts, write
from tests.support.sam import ROOT

# What `make check` keeps between runs.
CACHES = (".mypy_cache", ".ruff_cache", "artifacts/workflows-checked", "web/node_modules/.cache/tsc.tsbuildinfo")


def seconds(verb: str) -> float:
    """Wall time of `make verb`. Raises CalledProcessError where it fails."""
    started = time.monotonic()
    subprocess.run(["make", "--no-print-directory", verb], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return round(time.monotonic() - started, 1)


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
        cold.append(seconds("check"))
        warm.append(seconds("check"))
        fast.append(seconds("test-fast"))
    times = {"make check, without caches": cold, "make check": warm, "make test-fast": fast}
    print(write("development", {**facts("ruff", "mypy", "pytest"), "runs": runs, "seconds": times}))


if __name__ == "__main__":
    main()
