"""Progress reports of long-running work, and bars that draw them."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

Progress = Callable[[str, int, int], None]
"""Called with a label, the number of steps done and the total."""


def quiet(label: str, done: int, steps: int) -> None:
    """A `Progress` that shows nothing."""


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
