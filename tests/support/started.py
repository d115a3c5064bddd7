"""Programs that the tests start, until they answer."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx

T = TypeVar("T")


def first_answer(ask: Callable[[], T], process: "subprocess.Popen[bytes]", log: Path, seconds: float) -> T:
    """What `ask` returns, once it no longer raises OSError or httpx.TransportError.

    Raises RuntimeError, with the end of the log, if the process ends before, or does not answer in so many `seconds`.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except (OSError, httpx.TransportError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{process.args!r}: {error}. {log.read_text()[-4000:]}") from error
            time.sleep(0.1)
