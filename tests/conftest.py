"""What a test needs, as marks on it.

`needs("docker")`: the test is skipped, with the reason, where the machine lacks that program; in CI it fails instead.
LEFT_OUT=docker,debootstrap skips what needs those, in CI as well. `training`: the test trains a model. `installs`: the
test installs packages into an environment. `make test-fast` leaves out all three.
"""

import os
import shutil
import sys

import pytest

# Program to look for, and how to get it.
_PROGRAMS = {
    "docker": ("dockerd", "apt-get install docker.io"),
    "debootstrap": ("debootstrap", "apt-get install debootstrap"),
    "python3.11": ("python3.11", "install Python 3.11 (tflite-runtime has no wheels for later ones)"),
}
_TRAINED = "fitted"  # the fixture that is a trained model


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*programs): skipped where the machine lacks a program; a failure in CI")
    config.addinivalue_line("markers", "training: trains a model, so `make test-fast` leaves it out")
    config.addinivalue_line("markers", "installs: installs packages, so `make test-fast` leaves it out")


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and _TRAINED in item.fixturenames:
            item.add_marker("training")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for need in mark.args:
            if need in os.environ.get("LEFT_OUT", "").split(","):
                pytest.skip(f"{need} is left out (LEFT_OUT)")
            program, fix = _PROGRAMS[need]
            if shutil.which(program) is None and not _is_this_python(program):
                leave_out(f"{program} is not on this machine ({fix})")


def _is_this_python(program: str) -> bool:
    return program == f"python{sys.version_info.major}.{sys.version_info.minor}"


def leave_out(reason: str) -> None:
    """Skip a test because the machine lacks something; in CI nothing may be skipped, so there it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"left out in CI: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def no_unmarked_training(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that trains a model without the mark fails."""
    towers = sys.modules.get("training.model.tower_fit")
    if towers is not None and request.node.get_closest_marker("training") is None:

        def refuse(*_: object, **__: object) -> None:
            pytest.fail("this test trains a model: mark it with pytest.mark.training")

        monkeypatch.setattr(towers, "new_tower", refuse)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
