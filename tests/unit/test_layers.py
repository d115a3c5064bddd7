"""The layers of docs/architecture.md: the sources respect them, and the linter finds imports that do not.

The contracts are in pyproject.toml, [tool.importlinter]. The wrong imports are written into a copy of the sources.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the Python sources."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in ("function", "training", "infra", "benchmarks"):
        for path in (ROOT / package).rglob("*.py"):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return folder


def test_the_sources_respect_the_layers() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("function/settings.py", "import training.metrics", "layers of the packages"),
        ("training/files.py", "import infra.plan", "layers of the packages"),
        ("infra/plan.py", "import training.data.splits", "infra imports only the pruning of training"),
        ("function/bundle/goldens.py", "from function.recommending.ranking import top", "layers of the function"),
        ("function/recommending/ratings.py", "from function.api.problems import Problem", "layers of the function"),
        ("training/metrics.py", "from training.evaluation.protocols import parts", "layers of training"),
        ("training/posters/tmdb.py", "from training.export.publish import publish", "layers of training"),
        ("benchmarks/peers/registry.py", "import benchmarks.tables.document", "layers of the benchmarks"),
        ("benchmarks/slices.py", "from benchmarks.requests import main", "layers of the benchmarks"),
        (
            "training/evaluation/evaluate.py",
            "from function.recommending.recommender import Recommender",
            "training imports only what it may of the function",
        ),
        ("function/bundle/s3.py", "import boto3", "the function imports no heavy packages"),
        ("function/recommending/why.py", "from starlette.requests import Request", "no HTTP below the API"),
        ("function/members/films.py", "from fastapi import Request", "no HTTP below the API"),
        ("function/members/store.py", "import boto3", "the function imports no heavy packages"),
        ("function/recommending/why.py", "import function.members.store", "layers of the function"),
        ("function/api/answers.py", "import numpy", "no arrays in the API"),
        ("training/data/dataset.py", "from training.data.splits import folds", "no import cycles"),
        ("training/newcomer.py", "", "layers of training"),
        ("function/newcomer.py", "", "layers of the function"),
    ],
)
def test_a_wrong_import_is_found(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        done = lint(copy)
    finally:
        path.write_text(before) if before is not None else path.unlink()
    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def test_every_file_named_in_the_document_exists() -> None:
    chapter = (
        (ROOT / "docs" / "architecture.md").read_text().partition("## Where to change what")[2].partition("\n## ")[0]
    )
    named = re.findall(r"`([\w./-]*[/.][\w./-]*)`", chapter)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_commands_in_aws_need_no_more_than_serving_does() -> None:
    """`make release` sets up the first of the three layers only (requirements/serve.in)."""
    code = "import sys, infra.__main__; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {
        "tensorflow",
        "pandas",
        "scipy",
        "sklearn",
        "httpx",
        "tyro",
        "tqdm",
        "optuna",
    }
