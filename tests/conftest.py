"""What a machine may lack: tests marked `needs("docker")` are left out there, by name, and fail in CI.

LEFT_OUT=docker,debootstrap leaves out, in CI as well, what needs those.
"""

import os
import shutil
import sys

import pytest

_MEND = {
    "docker": ("dockerd", "apt-get install docker.io"),
    "debootstrap": ("debootstrap", "apt-get install debootstrap"),
    "python3.11": ("python3.11", "install Python 3.11 (tflite-runtime has no wheels for later ones)"),
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*programs): leave out where the machine lacks a program; a failure in CI")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for need in mark.args:
            if need in os.environ.get("LEFT_OUT", "").split(","):
                pytest.skip(f"{need} is left out (LEFT_OUT)")
            program, mend = _MEND[need]
            if shutil.which(program) is None and not _is_this_python(program):
                leave_out(f"{program} is not on this machine ({mend})")


def _is_this_python(program: str) -> bool:
    return program == f"python{sys.version_info.major}.{sys.version_info.minor}"


def leave_out(reason: str) -> None:
    """Skip a test for want of something; in CI nothing is skipped, so there it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"left out in CI: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
