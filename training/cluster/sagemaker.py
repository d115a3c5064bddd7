"""The entry point of a SageMaker training job: turns its folders into flags of `python -m training train`.

SageMaker's contract (its guide, "How Amazon SageMaker Provides Training Information"), below /opt/ml:

    input/config/hyperparameters.json    flags without dashes: {"data": "ml-1m", "model.epochs": "30"}
    input/config/resourceconfig.json     this host and all hosts; several make a TF_CONFIG
    input/data/ratings, input/data/films channels with one file each; without them, the data set `data`
    model/                               the bundle root, kept as model.tar.gz
    output/data/                         the report, kept as output.tar.gz
    output/failure                       the reason of a failure, shown by DescribeTrainingJob
"""

import json
import os
import shlex
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path("/opt/ml")
PORT: Final = 2222  # SageMaker's hosts reach each other on all ports
RESERVED: Final = ("ratings", "films", "out", "report", "if-needed")  # flags set by SageMaker's folders
LAST_LINES: Final = 20
FAILURE_LENGTH: Final = 1024  # characters that DescribeTrainingJob shows


class JobError(Exception):
    """An invalid job. The message says what, where, and how to fix it."""


def main(root: Path = ROOT) -> int:
    """Run the job and return the exit status. A failure leaves its reason in output/failure."""
    try:
        command = [sys.executable, "-m", "training", "train", *arguments(root)]
        environment = {**os.environ, **cluster(root)}
    except JobError as error:
        return _fail(root, str(error), 1)
    last: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, errors="replace") as process:
        for line in process.stderr or ():
            sys.stderr.write(line)  # to CloudWatch
            last.append(line)
    if process.returncode == 0:
        return 0
    if process.returncode < 0:
        last.append(f"ended by signal {-process.returncode}; 9 means out of memory: use a larger instance type")
    reasons = [line for line in last if line.startswith(("error: ", "ended by"))] or list(last)
    return _fail(root, "".join(reasons).strip(), 1)


def arguments(root: Path) -> list[str]:
    """The flags of `train`. Raises JobError."""
    path = root / "input" / "config" / "hyperparameters.json"
    given = _json(path) if path.exists() else {}
    words = []
    for name, value in given.items():
        flag = str(name).lstrip("-").replace("_", "-")
        if flag in RESERVED:
            raise JobError(f"hyperparameter {name}: set by SageMaker's folders. Use the channels ratings and films.")
        words += [f"--{flag}", *shlex.split(str(value))]
    for channel in ("ratings", "films"):
        folder = root / "input" / "data" / channel
        if folder.is_dir():
            files = sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))
            if len(files) != 1:
                raise JobError(f"{folder}: {len(files)} files; the channel {channel} must have one, CSV or Parquet.")
            words += [f"--{channel}", str(files[0])]
    return [*words, "--out", str(root / "model"), "--report", str(root / "output" / "data" / "report")]


def cluster(root: Path) -> dict[str, str]:
    """TF_CONFIG for a job with several hosts. Raises JobError."""
    path = root / "input" / "config" / "resourceconfig.json"
    if not path.exists():
        return {}
    config = _json(path)
    try:
        hosts, current = sorted(config["hosts"]), config["current_host"]
        index = hosts.index(current)
    except (KeyError, TypeError, ValueError) as error:
        raise JobError(f"{path}: not a resource configuration ({error!r}). It needs hosts and current_host.") from error
    if len(hosts) == 1:
        return {}
    workers = [f"{host}:{PORT}" for host in hosts]
    task = {"type": "worker", "index": index}
    return {"TF_CONFIG": json.dumps({"cluster": {"worker": workers}, "task": task})}


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise JobError(f"{path}: cannot be read ({error}).") from error
    if not isinstance(found, dict):
        raise JobError(f"{path}: not a JSON object.")
    return found


def _fail(root: Path, reason: str, status: int) -> int:
    (root / "output").mkdir(parents=True, exist_ok=True)
    (root / "output" / "failure").write_text(reason[-FAILURE_LENGTH:])
    sys.stderr.write(f"{reason}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
