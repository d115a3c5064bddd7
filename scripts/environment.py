"""A Python environment with the locked packages; made again if it is incomplete, was moved, or has another Python."""

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path

from scripts.errors import SetupError

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass
class Record:
    """The state of an environment, stored in it as installed.json."""

    python: str = PYTHON
    folder: str = ""
    """Its path when it was made. Its programs have this path in their first line, so they break if it is moved."""
    locks: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each installed lock, by name."""
    altering: bool = False
    """An installation has begun and not ended."""


class Environment:
    """The environment in `folder`, with the Python that runs this; `root` is the repository, whose .venv has uv."""

    def __init__(self, folder: Path, *, root: Path) -> None:
        self.folder = folder.absolute()
        self.root = root
        self.python = self.folder / "bin" / "python"
        self.installer_lock = root / "requirements" / "uv.txt"

    def install(self, lock: Path, *, megabytes: int = 0, exactly: bool = False) -> None:
        """Install the packages of `lock`, unless it is installed; with `exactly`, remove all others.

        `megabytes` is the size of the whole environment. Raises SetupError.
        """
        if self._has(lock) or self.folder.is_symlink():  # a link: the environment is kept elsewhere
            return
        from scripts.installer import pip_install, uv_install  # imported late, for a fast check

        with _alone(self.root):
            if self._has(lock):  # another make has just installed it
                return
            self._need_room(megabytes)
            if not self._is_sound():
                self._make()
            uv = self._uv()
            with self._altering(lock):
                name = os.path.relpath(lock, self.root)
                title = f"Installing {name} into {os.path.relpath(self.folder, self.root)}"
                if uv is None:
                    pip_install(self.python, lock, name, title)
                else:
                    uv_install(uv, self.python, lock, name, title, exactly=exactly)

    def _has(self, lock: Path) -> bool:
        record = self._read()
        return self._is_sound(record) and record.locks.get(lock.name) == _digest(lock)

    def _is_sound(self, record: Record | None = None) -> bool:
        record = record or self._read()
        made_here = record.python == PYTHON and record.folder == str(self.folder)
        return made_here and not record.altering and os.access(self.python, os.X_OK)

    def _make(self) -> None:
        from scripts.installer import run

        if find_spec("venv") is None or find_spec("ensurepip") is None:
            raise SetupError(
                f"{sys.executable} has no venv module; on Debian and Ubuntu it is a separate package. "
                f"Try: apt-get install python{PYTHON}-venv"
            )
        base = getattr(
            sys, "_base_executable", sys.executable
        )  # sys.executable may be in the environment that is replaced
        (self.folder / "installed.json").unlink(missing_ok=True)
        run([base, "-m", "venv", "--clear", str(self.folder)], f"Making {os.path.relpath(self.folder, self.root)}")
        self._write(Record(folder=str(self.folder)))

    def _uv(self) -> Path | None:
        """The installer uv; None if it has no wheel for this machine, so that pip is used."""
        from scripts.installer import NoWheelError, pip_install

        shared = self.root / ".venv" / "bin" / "uv"
        if self.folder != self.root / ".venv" and os.access(shared, os.X_OK):
            return shared
        uv = self.folder / "bin" / "uv"
        if not self._has(self.installer_lock):
            name = os.path.relpath(self.installer_lock, self.root)
            try:
                with self._altering(self.installer_lock):
                    pip_install(self.python, self.installer_lock, name, "Installing uv, which installs the rest")
            except NoWheelError:
                return None
        return uv

    def _need_room(self, megabytes: int) -> None:
        from shutil import disk_usage

        taken = sum(file.lstat().st_size for file in self.folder.rglob("*")) if self.folder.exists() else 0
        need, free = megabytes - taken / 1e6, disk_usage(self.root).free / 1e6
        if free < need:
            raise SetupError(
                f"{os.path.relpath(self.folder, self.root)} needs {need:,.0f} MB more, and the disk of {self.root} has "
                f"{free:,.0f} MB free. Free some space, and run this again."
            )

    @contextmanager
    def _altering(self, lock: Path) -> Iterator[None]:
        """Mark the environment while it changes. If the process is killed, the next set-up makes it again."""
        (site,) = (self.folder / "lib").glob("python*/site-packages")
        record, before = self._read(), site.stat().st_mtime_ns
        record.locks.pop(lock.name, None)
        record.altering = True
        self._write(record)
        try:
            yield
            record.locks[lock.name] = _digest(lock)
        except BaseException:
            if site.stat().st_mtime_ns != before:
                raise
            record.altering = False
            self._write(record)
            raise
        record.altering = False
        self._write(record)

    def _read(self) -> Record:
        try:
            return Record(**json.loads((self.folder / "installed.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return Record()

    def _write(self, record: Record) -> None:
        part = self.folder / "installed.json.part"
        part.write_text(json.dumps(asdict(record), indent=1))
        part.replace(self.folder / "installed.json")


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Allow one set-up at a time in a repository. Child processes inherit the lock and outlive this process with it."""
    descriptor = os.open(root, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("Waiting for another set-up in this folder …\n")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
