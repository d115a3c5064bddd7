"""A newcomer to the project: their commands, environment and processes."""

import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

MARK = "STRANGER"  # environment variable that marks all processes of a newcomer
UP_SECONDS = 900
RUN_SECONDS = 3600
STOP_SECONDS = 20

# No proxy for loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class BrokenPromiseError(Exception):
    """Something did not work as README says."""


@dataclass(frozen=True)
class Site:
    """The site served by `make up`."""

    process: "subprocess.Popen[bytes]"
    url: str

    def recommended(self) -> str:
        """The title of the first film recommended to some user."""
        user = _get(f"{self.url}/api/users?limit=1")["users"][0]["id"]
        return str(_get(f"{self.url}/api/users/{user}/recommendations")["items"][0]["title"])

    def ready(self) -> bool:
        if (status := self.process.poll()) is not None:
            raise BrokenPromiseError(f"make up ended before it served: {status}")
        try:
            return bool(_get(f"{self.url}/api/ready"))
        except OSError:
            return False


class Newcomer:
    """Runs commands in the folder `project`, and kills all remaining processes at exit.

    `environment` is the whole environment of the commands, including MARK. `chroot` is the command prefix that runs
    them below `root`.
    """

    def __init__(
        self, project: Path, environment: Mapping[str, str], *, chroot: tuple[str, ...] = (), root: Path = Path("/")
    ) -> None:
        self.project = project
        self.environment = environment
        self._chroot = chroot
        self._root = root

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _await(lambda: not self.processes(), STOP_SECONDS, "what was left behind does not end")

    def run(self, *command: str, environment: Mapping[str, str] | None = None, folder: Path | None = None) -> None:
        """Run a command. Raises BrokenPromiseError if it fails, or takes more than RUN_SECONDS."""
        process = self._start(*command, environment=environment, folder=folder)
        _await(lambda: process.poll() is not None, RUN_SECONDS, f"{' '.join(command)}: not done")
        if process.returncode:
            raise BrokenPromiseError(f"{' '.join(command)}: status {process.returncode}")

    def up(self) -> Site:
        """Run `make up` until it serves."""
        port = _free_port()
        site = Site(self._start("make", "up", f"PORT={port}"), f"http://127.0.0.1:{port}")
        _await(site.ready, UP_SECONDS, "make up does not serve")
        return site

    def has_browser(self) -> bool:
        """Whether there is a Chromium: npm's, or the one in CHROMIUM."""
        return "CHROMIUM" in self.environment or (sys.platform, platform.machine()) == ("linux", "x86_64")

    def view(self, site: Site) -> Path:
        """Open the page in a browser, where it must not log errors; returns the screenshot."""
        picture = self.project / "artifacts" / "first-view.png"
        environment = {"SITE_URL": site.url, "FIRST_VIEW": str(picture)}
        self.run("make", "web/node_modules/.installed-dev")
        self.run("npm", "--prefix", "web", "run", "--silent", "test:first-view", environment=environment)
        return self._root / picture.relative_to("/")

    def stop(self, site: Site) -> None:
        """Press Ctrl-C. Raises BrokenPromiseError if processes remain."""
        os.killpg(site.process.pid, signal.SIGINT)
        _await(lambda: site.process.poll() is not None, STOP_SECONDS, "Ctrl-C did not end make up")
        _await(lambda: not self.processes(), STOP_SECONDS, "make up left processes behind")

    def processes(self) -> list[int]:
        """Their running processes, in any process group; needs /proc."""
        mark = f"{MARK}={self.environment[MARK]}".encode()
        return [
            int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _read(path).split(b"\0")
        ]

    def _start(
        self, *command: str, environment: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> "subprocess.Popen[bytes]":
        where = folder or self.project
        return subprocess.Popen(
            [*self._chroot, "env", f"--chdir={where}", *command] if self._chroot else command,
            cwd=None if self._chroot else where,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # a group for Ctrl-C
        )


def _get(url: str) -> Any:
    with _opener.open(url, timeout=30) as answer:
        return json.load(answer)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _await(done: Callable[[], bool], seconds: float, otherwise: str) -> None:
    latest = time.monotonic() + seconds
    while not done():
        if time.monotonic() > latest:
            raise BrokenPromiseError(f"{otherwise} within {seconds} s")
        time.sleep(0.5)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process has ended, or belongs to another user
        return b""
