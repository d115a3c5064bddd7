"""wrk, a load generator in C that leaves the processor to the server: Debian's package, or Homebrew's.

It asks again as soon as it is answered, on each of its connections, with one thread.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.instruments.mix import Request

SCRIPT: Final = Path(__file__).with_suffix(".lua")


class MissingError(Exception):
    """wrk is not on this machine; the message says how to install it."""


class Load(NamedTuple):
    """What came of it. Latencies are in milliseconds; an answer of 4xx or 5xx is an error, too."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def version() -> str:
    """Raises MissingError."""
    if shutil.which("wrk") is None:
        raise MissingError("wrk is not on this machine: apt-get install wrk, or brew install wrk")
    said = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False)  # it exits with 1
    return said.stdout.split()[1]


def load(url: str, requests: Sequence[Request], connections: int, seconds: int) -> Load:
    """Send `requests` over and over for so many seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        file.writelines("\t".join(request) + "\n" for request in requests)
        file.flush()
        how = ["--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout", "10s"]
        command = ["wrk", *how, "--script", str(SCRIPT), url, "--", file.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True)
    return Load(**json.loads(done.stdout.splitlines()[-1]))
