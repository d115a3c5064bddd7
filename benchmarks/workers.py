"""Two workers beside one, a core each: the seconds of the towers, which are what is distributed.

python -m benchmarks.workers [RATINGS …]     writes benchmarks/results/workers.json

Each run is `python -m training train` on generated ratings (instruments/growth_data.py). Every process is bound to a
core of its own: a second worker brings a second core, as a second machine would, over a network without a delay.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.instruments import growth_data
from benchmarks.instruments.facts import facts, write
from tests.support.sam import ROOT, free_port

RATINGS: Final = (100_000, 1_000_000)
ROUNDS: Final = 2  # of all runs, in turns; the quicker one counts, since other processes only slow a run down
PASSES: Final = ("--model.epochs", "6", "--model.no-refit")
# The relevance head is not distributed: given hyper-parameters are not searched, and one round is enough.
REST: Final = ("--model.relevance-l2", "400", "--model.relevance-factors-l2", "0.02", "--model.relevance-mix", "0.6")
LESS: Final = ("--model.relevance-liking", "0.25", "--model.relevance-rounds", "1", "--protocols")
SECONDS: Final = 1800  # after which a run has failed


def seconds(folder: Path, workers: int, *, cores: int) -> float:
    """Train on the files of `folder` with so many workers, each with so many cores; seconds of the towers."""
    ports = [f"127.0.0.1:{free_port()}" for _ in range(workers)]
    results = [folder / f"stages-{index}.json" for index in range(workers)]
    processes = []
    for index, result in enumerate(results):
        command = [sys.executable, "-m", "benchmarks.instruments.stages", str(result), "train", *PASSES, *REST, *LESS]
        command += ["--ratings", str(folder / "ratings.parquet"), "--films", str(folder / "films.parquet")]
        command += ["--out", str(folder / "bundles"), "--report", str(folder / "report")]
        config = json.dumps({"cluster": {"worker": ports}, "task": {"type": "worker", "index": index}})
        bind = partial(os.sched_setaffinity, 0, set(range(index * cores, (index + 1) * cores)))
        environment = {**os.environ, "TF_CONFIG": config if workers > 1 else ""}
        processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=bind))
    for process in processes:
        if process.wait(SECONDS):
            raise SystemExit(f"a worker ended with status {process.returncode}: see above")
    stages: dict[str, dict[str, float]] = json.loads(results[0].read_text())
    return stages["the towers"]["seconds"]


def measure(ratings: int) -> dict[str, Any]:
    """One data set, in turns."""
    users, films = growth_data.size(ratings)
    with tempfile.TemporaryDirectory(prefix="workers-", dir=ROOT / "artifacts") as name:
        folder = Path(name)
        growth_data.write(folder, ratings)
        ways = {"one": (1, 1), "two": (2, 1), "one with two cores": (1, 2)}
        runs = [{way: seconds(folder, n, cores=cores) for way, (n, cores) in ways.items()} for _ in range(ROUNDS)]
    best = {way: round(min(run[way] for run in runs), 1) for way in ways}
    return {"ratings": ratings, "users": users, "films": films, "seconds": best}


def main(arguments: Sequence[str]) -> None:
    rows = [measure(int(ratings)) for ratings in arguments or RATINGS]
    write("workers", {**facts("tensorflow"), "rounds": ROUNDS, "rows": rows})


if __name__ == "__main__":
    main(sys.argv[1:])
