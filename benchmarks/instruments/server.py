"""The local site and a bare FastAPI, both with workers of uvicorn, as processes of their own on loopback."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from tests.support.docker_engine import stop
from tests.support.sam import ROOT, free_port
from tests.support.started import first_answer

START_SECONDS: Final = 60


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    process: "subprocess.Popen[bytes]"
    count: int

    def workers(self) -> list[int]:
        """The ids of the processes that answer; fewer than `count` while a killed one is started again."""
        if self.count == 1:
            return [self.process.pid]
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children if "spawn_main" in _command(child)]

    def memory(self) -> float:
        """Resident memory of all workers, in MB (2^20 bytes)."""
        statuses = [Path(f"/proc/{worker}/status").read_text() for worker in self.workers()]
        lines = [line for status in statuses for line in status.splitlines() if line.startswith("VmRSS:")]
        return round(sum(int(line.split()[1]) for line in lines) / 1024, 1)


def _command(process: str) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:  # it has just ended
        return ""


@contextmanager
def site(bundle: Path, workers: int, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The local site over a bundle, with every known user open."""
    environment = {"BUNDLE_DIR": str(bundle.resolve()), "OPEN_USERS": "all", **(settings or {})}
    with tempfile.TemporaryDirectory() as dist:
        Path(dist, "index.html").write_text("<title>Films</title>")
        with _serving(["infra.local_site", "--dist", dist], workers, environment) as server:
            yield server


@contextmanager
def hello(workers: int) -> Iterator[Server]:
    """The hello route of a bare FastAPI, with the server of the local site."""
    with _serving(["benchmarks.instruments.bare"], workers, {}) as server:
        yield server


@contextmanager
def _serving(module: Sequence[str], workers: int, environment: Mapping[str, str]) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", *module, "--port", str(port), "--workers", str(workers)]
    one_thread = {"OPENBLAS_NUM_THREADS": "1"}  # as in the image
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **one_thread, **environment}, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            first_answer(lambda: urlopen(f"{url}/api/health").close(), process, Path(log.name), START_SECONDS)
            yield Server(url, process, workers)
        finally:
            stop(process)
