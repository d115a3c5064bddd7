"""Progress reports of long-running work, and bars that draw them."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

Progress = Callable[[str, int, int], None]
"""Called with a label, the number of steps done and the total."""


def quiet(label: str, done: int, steps: int) -> None:
    """A `Progress` that shows nothing."""


class StoppedError(Exception):
    """Raised in a thread whose work is no longer wanted."""


class SharedProgress:
    """One `Progress` for parts that run in several threads, which end once `stop` is called."""

    def __init__(self, progress: Progress, label: str, steps: int) -> None:
        self._progress, self._label, self._steps = progress, label, steps
        self._done: list[int] = []
        self._lock = threading.Lock()
        self._stopped = False

    def part(self) -> Callable[[int], None]:
        """Another part: call it with the number of its steps done. Raises StoppedError after `stop`."""
        index = len(self._done)
        self._done.append(0)

        def report(done: int) -> None:
            with self._lock:
                if self._stopped:
                    raise StoppedError
                self._done[index] = done
                self._progress(self._label, sum(self._done), self._steps)

        return report

    def stop(self) -> None:
        """End the other parts at their next step."""
        with self._lock:
            self._stopped = True


class Bars:
    """A `Progress` that draws. A call with a new label closes the current bar and starts another."""

    def __init__(self) -> None:
        self._label = ""
        self._bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def __call__(self, label: str, done: int, steps: int) -> None:
        if label != self._label:
            self._end()
            self._label = label
            self._bar = tqdm(total=steps, desc=label, leave=True, mininterval=0.5, ascii=" ━")
        if self._bar is not None:
            self._bar.update(done - self._bar.n)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar, self._label = None, ""
