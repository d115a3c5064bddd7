"""A Docker engine for the tests: this machine's, or one started for the tests and stopped afterwards.

The latter stores layers in artifacts/docker, so that the next run only builds changes.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_SECONDS = 60
STOP_SECONDS = 30


class MissingError(Exception):
    """Something is missing on this machine; the message says how to install it."""


@dataclass(frozen=True)
class Engine:
    """A running engine; with `environment`, the docker and sam commands use it."""

    environment: Mapping[str, str] = field(default_factory=dict)

    def docker(self, *arguments: str, timeout: float = 600) -> str:
        """Run a docker command; returns its standard output. Raises RuntimeError with the output if it fails."""
        done = subprocess.run(
            ["docker", *arguments], env=dict(self.environment), capture_output=True, text=True, timeout=timeout
        )
        if done.returncode:
            raise RuntimeError(f"docker {' '.join(arguments)}: {(done.stdout + done.stderr)[-4000:]}")
        return done.stdout.strip()

    def has_image(self, image: str) -> bool:
        return bool(self.docker("images", "--quiet", image))

    def build(self, context: Path, tag: str, arguments: Mapping[str, str]) -> None:
        """`docker build`, with the classic builder, which every engine has."""
        flags = [flag for name, value in arguments.items() for flag in ("--build-arg", f"{name}={value}")]
        self.docker("build", "--tag", tag, *flags, str(context))

    def size(self, image: str) -> int:
        """Size of an image in bytes, over all layers."""
        return int(self.docker("image", "inspect", "--format", "{{.Size}}", image))


@contextmanager
def docker_engine(data_root: Path) -> Iterator[Engine]:
    """An engine within the context. Raises MissingError if there is none."""
    if shutil.which("docker") is None:
        raise MissingError("docker is not on this machine (apt-get install docker.io)")
    theirs = Engine({**os.environ, "DOCKER_BUILDKIT": "0"})
    if _answers(theirs):
        yield theirs  # a second one beside it would rewrite its network's rules
        return
    if shutil.which("dockerd") is None:
        raise MissingError("no Docker engine answers, and dockerd is not on this machine (apt-get install docker.io)")
    if os.geteuid() != 0:
        raise MissingError("no Docker engine answers, and only root can start one (start yours, then run again)")
    data_root.mkdir(parents=True, exist_ok=True)
    with (data_root.parent / f"{data_root.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two engines on one data root would damage it
        with _own_engine(data_root) as engine:
            yield engine


@contextmanager
def _own_engine(data_root: Path) -> Iterator[Engine]:
    # A short path: a Unix socket's has 108 bytes at most.
    with tempfile.TemporaryDirectory(prefix="films-docker-") as folder, Path(folder, "log").open("w+") as log:
        engine = Engine({**os.environ, "DOCKER_HOST": f"unix://{folder}/sock", "DOCKER_BUILDKIT": "0"})
        where = ["--host", f"unix://{folder}/sock", "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid"]
        daemon = subprocess.Popen(
            # It ends with us, even where nobody is left to stop it.
            ["setpriv", "--pdeathsig", "TERM", "dockerd", "--data-root", str(data_root.resolve()), *where],
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the tests, which then stop it in order
        )
        try:
            _await_start(engine, daemon, Path(folder, "log"))
            engine.docker("image", "prune", "--force", "--filter", "until=48h")  # layers that no build uses any more
            yield engine
        finally:
            if daemon.poll() is None:
                _remove_containers(engine)
            stop(daemon)


def _await_start(engine: Engine, daemon: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(engine):
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"dockerd does not start: {log.read_text()[-4000:]}")
        time.sleep(0.2)


def _answers(engine: Engine) -> bool:
    try:
        engine.docker("version", "--format", "{{.Server.Version}}", timeout=10)
    except (RuntimeError, subprocess.TimeoutExpired):
        return False
    return True


def _remove_containers(engine: Engine) -> None:
    if containers := engine.docker("ps", "--all", "--quiet").split():
        engine.docker("rm", "--force", *containers)


def stop(process: "subprocess.Popen[Any]") -> None:
    """Terminate a process that the tests started; kill it if it does not end."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
