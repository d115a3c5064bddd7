"""Train on several machines: each worker runs the same command, with TF_CONFIG as TensorFlow documents it.

    TF_CONFIG='{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, "task": {"type": "worker", "index": 0}}'

Every worker reads all ratings and iterates over the same batches with the same random numbers. It computes its share
of each batch, and gradients are summed over the workers (tf.distribute's all-reduce). A step is therefore the same as
on one machine, but for the order of additions. Worker 0 is the chief: only it writes files.
"""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.data.errors import DataError

MEET_SECONDS: Final = 600.0  # machines start and read their ratings at different times

_HINT = (
    'Write {"cluster": {"worker": ["HOST:PORT", …]}, "task": {"type": "worker", "index": 0}} with this worker\'s index,'
    " or unset it to train on one machine."
)


@dataclass(frozen=True)
class Cluster:
    """The workers of a training run, as seen by one of them."""

    size: int = 1
    index: int = 0
    strategy: Any = None  # None for a single worker

    @property
    def chief(self) -> bool:
        return self.index == 0

    def share(self, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which ratings of a batch [E] are this worker's, by the index of their row in the batch."""
        mine: NDArray[np.bool_] = rows % self.size == self.index
        return mine

    def run(self, step: Callable[..., Any], *arguments: Any) -> Any:
        """Run `step` such that `sum` is over all workers."""
        if self.strategy is None:
            return step(*arguments)
        return self.strategy.run(step, arguments)

    def sum(self, value: Any) -> Any:
        """The sum of a tensor, or of each in a list, over all workers; only within `run`."""
        if self.strategy is None:
            return value
        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, value)


@cache
def cluster() -> Cluster:
    """The cluster of this process, from TF_CONFIG. The first call joins it and must precede other work.

    Raises DataError where TF_CONFIG is invalid, or a worker does not answer.
    """
    workers, index = read_config(os.environ)
    if len(workers) < 2:
        return Cluster()
    meet(workers, index)
    return Cluster(len(workers), index, tf.distribute.MultiWorkerMirroredStrategy())


def meet(workers: Sequence[str], index: int, seconds: float = MEET_SECONDS) -> None:
    """Wait until every worker answers at its HOST:PORT. Raises DataError where one does not.

    TensorFlow itself would wait for ever for a missing worker, and ignore Ctrl-C and SIGTERM meanwhile.
    """
    deadline = time.monotonic() + seconds
    try:
        # The operating system accepts connections; afterwards TensorFlow takes the port.
        ours = socket.create_server(("", _address(workers[index])[1]), backlog=len(workers))
    except OSError as error:
        raise DataError(
            f"TF_CONFIG: {workers[index]}, this worker, cannot listen on its port ({error}). {_HINT}"
        ) from error
    with ours:
        for other in (*workers[:index], *workers[index + 1 :]):
            while not _answers(other):
                if time.monotonic() > deadline:
                    raise DataError(
                        f"worker {index} of {len(workers)}: {other} did not answer within {seconds:g} s. Start all "
                        "workers at about the same time; check its log, and whether it can be reached."
                    )
                time.sleep(0.2)


def _answers(worker: str) -> bool:
    try:
        socket.create_connection(_address(worker), timeout=5).close()
    except OSError:
        return False
    return True


def _address(worker: object) -> tuple[str, int]:
    host, _, port = worker.rpartition(":") if isinstance(worker, str) else ("", "", "")
    if not (host and port.isdecimal() and 0 < int(port) < 2**16):
        raise ValueError(f"worker {worker!r} is not HOST:PORT")
    return host.strip("[]"), int(port)


def read_config(environment: Mapping[str, str]) -> tuple[list[str], int]:
    """The workers of TF_CONFIG and the index of this one; none and 0 where it is not set. Raises DataError."""
    raw = environment.get("TF_CONFIG", "").strip()
    if not raw:
        return [], 0
    try:
        config = json.loads(raw)
        jobs, task = config["cluster"], config["task"]
        workers, index = jobs["worker"], task["index"]
        if set(jobs) != {"worker"} or task["type"] != "worker":
            raise ValueError("all tasks must be of the type worker; the first is the chief")
        if not isinstance(workers, list):
            raise ValueError("worker must be a list of HOST:PORT")
        for worker in workers:
            _address(worker)
        if type(index) is not int or not 0 <= index < len(workers):
            raise ValueError(f"index {index!r} is out of range for {len(workers)} workers")
    except (ValueError, KeyError, TypeError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise DataError(f"TF_CONFIG: {reason}. {_HINT}") from error
    return workers, index


@contextmanager
def together() -> Iterator[Cluster]:
    """Join the cluster before TensorFlow does anything else. Raises DataError where another worker is lost."""
    workers, index = read_config(os.environ)
    try:
        yield cluster()
    except (tf.errors.OpError, RuntimeError) as error:
        if len(workers) < 2:
            raise
        raise DataError(
            f"worker {index} of {len(workers)}: another stopped, cannot be reached, or has other flags or ratings "
            f"({type(error).__name__}). Check the logs of the others, then restart all of them."
        ) from error
