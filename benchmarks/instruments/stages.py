"""Run `python -m training` and time its stages from outside, without changes to its code.

    python -m benchmarks.instruments.stages RESULT.json train --data ml-100k …

writes for each stage its `seconds`, excluding nested stages, and the `peak_mb` of the process during it (VmHWM, reset
at every change of stage).
"""

import functools
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

REST = "the rest"  # imports, and everything outside the stages
EVALUATION = "evaluation"
RELEVANCE = "the relevance head, and encoding all users"
# Module, function and stage.
PARTS = (
    ("training.cli", "Source.load", "reading"),
    ("training.evaluation.evaluate", "evaluate", EVALUATION),
    ("training.model.fit", "fit", RELEVANCE),
    ("training.model.fit", "fit_towers", "the towers"),
    ("training.model.fit", "choose_hyperparameters", "choosing the relevance head"),
    ("training.export.bundle", "export", "export"),
    ("training.export.bundle", "measure", "verifying"),
    ("training.export.bundle", "_distance", "verifying"),
    ("training.export.bundle", "publish_verified", "verifying"),
)
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Watch:
    """Seconds and peak memory of stages, which may be nested."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.stages: dict[str, dict[str, float]] = {}
        self._clock, self._since, self._open = clock, clock(), [REST]

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the block as `name`; within an evaluation, everything counts as evaluation."""
        self._note()
        self._open.append(EVALUATION if EVALUATION in self._open else name)
        try:
            yield
        finally:
            self._note()
            self._open.pop()

    def _note(self) -> None:
        """Add the time and the peak memory since the last call to the current stage."""
        now = self._clock()
        found = self.stages.setdefault(self._open[-1], {"seconds": 0.0, "peak_mb": 0.0})
        found["seconds"] += now - self._since
        found["peak_mb"] = max(found["peak_mb"], _peak_mb())
        self._since = now

    def finish(self) -> dict[str, dict[str, float]]:
        self._note()
        return {
            name: {"seconds": round(found["seconds"], 2), "peak_mb": round(found["peak_mb"], 1)}
            for name, found in self.stages.items()
        }

    def watched(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Wrap `function` as the stage `name`."""

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self.stage(name):
                return function(*args, **kwargs)

        return run


def _peak_mb() -> float:
    """Peak resident memory of this process since the last call, in MB (2^20 bytes)."""
    (line,) = [line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:")]
    with suppress(OSError):  # not every kernel can reset it: then it is the peak since the start
        CLEAR.write_text("5")
    return int(line.split()[1]) / 1024


def main(path: Path, arguments: list[str]) -> int:
    """Run the command; returns its exit status."""
    watch = Watch()
    for module, name, stage in PARTS:
        owner: Any = importlib.import_module(module)
        *outer, name = name.split(".")
        for part in outer:
            owner = getattr(owner, part)
        setattr(owner, name, watch.watched(getattr(owner, name), stage))
    status = importlib.import_module("training.cli").main(arguments)
    path.write_text(json.dumps(watch.finish()))
    return int(status)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
