"""Replacements for the public base images, for machines without access to their registry.

Debian's packages make the same thing: Debian 13 with Python 3.13 stands for python:3.13-slim-trixie, Debian 12 with
Python 3.11 for python:3.11-slim-bookworm. They are made once, and stored in artifacts/tools.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support.docker_engine import Engine, MissingError

SUITES = {"3.13": "trixie", "3.11": "bookworm"}
PACKAGES = "python3,python3-pip,ca-certificates"
_LEFT_OUT = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale", "usr/share/man")


def base_image(engine: Engine, python: str, tools: Path) -> str:
    """The name of a base image with Python `python` in the engine; makes it if necessary.

    Raises MissingError if this machine cannot make it.
    """
    image = f"localhost/films-base:python{python}"
    if not engine.has_image(image):
        archive = tools / f"base-python{python}.tar"
        if not archive.exists():
            _make(SUITES[python], archive)
        engine.docker("import", str(archive), image)
    return image


def _make(suite: str, archive: Path) -> None:
    if shutil.which("debootstrap") is None:
        raise MissingError("debootstrap is not on this machine (apt-get install debootstrap)")
    if os.geteuid() != 0:
        raise MissingError("a base image can be made by root only (debootstrap)")
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="films-base-") as folder:
        root = Path(folder, "root")
        mirror = _run("scripts/debian-mirror").strip()
        _run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(root), mirror)
        for path in _LEFT_OUT:
            shutil.rmtree(root / path, ignore_errors=True)
        whole = archive.with_suffix(".part")
        _run("tar", "--directory", str(root), "--create", "--file", str(whole), ".")
        whole.rename(archive)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:1])}: {(done.stdout + done.stderr)[-4000:]}")
    return done.stdout
