"""Progress: what long work tells of itself, and bars that show it."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the steps that are done, and the steps in all."""


def quiet(label: str, done: int, steps: int) -> None:
    """A Progress that shows nothing."""


class Bars:
    """A `Progress` that draws: calls with a new label end the bar before and begin another."""

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
