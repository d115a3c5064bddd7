"""What `make test-fast` runs, and the hooks that call the Makefile's verbs."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from training.data.synthetic import synthetic
from training.model.config import ModelConfig
from training.model.fit import fit

ROOT = Path(__file__).parents[3]
HOOKS = ROOT / ".pre-commit-config.yaml"


def recipe(verb: str) -> list[list[str]]:
    """The commands of a verb of the Makefile."""
    command = ["make", "--no-print-directory", "--dry-run", verb]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [shlex.split(line) for line in done.stdout.splitlines()]


def collect(*arguments: str) -> set[str]:
    """The node ids that pytest selects."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 5), done.stdout + done.stderr
    return {line for line in done.stdout.splitlines() if "::" in line}


@pytest.fixture(scope="module")
def fast() -> set[str]:
    (pytest_arguments,) = [arguments for program, *arguments in recipe("test-fast") if program == ".venv/bin/pytest"]
    return collect(*pytest_arguments)


def test_the_fast_tests_cover_code_and_api(fast: set[str]) -> None:
    assert {node.split("/")[1] for node in fast} == {"unit", "contract"}


def test_the_fast_tests_neither_train_nor_install_nor_need_docker(fast: set[str]) -> None:
    marked = collect("-m", "training or installs or needs", "tests/unit/training", "tests/container")
    assert any("test_fit.py" in node for node in marked)
    assert any("test_image.py" in node for node in marked)
    assert any("rectools" in node for node in marked)
    assert not fast & marked


def test_training_without_the_mark_fails() -> None:
    dataset = synthetic(users=20, films=15, ratings=200)
    with pytest.raises(pytest.fail.Exception, match=r"pytest\.mark\.training"):
        fit(dataset, dataset.interactions, ModelConfig(embedding=2, epochs=1))


def test_the_hooks_are_valid_and_call_verbs() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(HOOKS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    repositories = yaml.safe_load(HOOKS.read_text())["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]  # nothing is downloaded
    for hook in repositories[0]["hooks"]:
        *make, verb = shlex.split(hook["entry"])
        assert make == ["make", "--no-print-directory"]
        assert recipe(verb)
