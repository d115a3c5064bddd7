"""The rooms of docs/architecture.md: the tree keeps to them, and the linter sees it where a file does not.

The rules are in pyproject.toml, [tool.importlinter]. What breaks them is written into a copy of the tree.
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
    """The sources without what is not Python."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in ("function", "training", "infra", "benchmarks"):
        for path in (ROOT / package).rglob("*.py"):
            there = folder / path.relative_to(ROOT)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, there)
    return folder


def test_the_tree_keeps_to_its_rooms() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("function/settings.py", "import training.metrics", "the packages"),
        ("training/files.py", "import infra.plan", "the packages"),
        ("infra/plan.py", "import training.metrics", "infra knows of training how a bundle is pruned"),
        ("function/bundle/goldens.py", "from function.recommending.ranking import top", "the rooms of the function"),
        ("function/recommending/ratings.py", "from function.api.problems import Problem", "the rooms of the function"),
        ("training/metrics.py", "from training.evaluation.protocols import parts", "the rooms of training"),
        ("training/posters/tmdb.py", "from training.export.publish import publish", "the rooms of training"),
        ("benchmarks/peers/registry.py", "import benchmarks.tables.document", "the rooms of the benchmarks"),
        ("benchmarks/slices.py", "from benchmarks.requests import main", "the rooms of the benchmarks"),
        (
            "training/evaluation/evaluate.py",
            "from function.recommending.recommender import Recommender",
            "training knows of the function the bundle, the ranking and the samples",
        ),
        ("function/bundle/s3.py", "import boto3", "the function is small"),
        ("function/recommending/why.py", "from starlette.requests import Request", "below the API nothing knows HTTP"),
        ("function/api/answers.py", "import numpy", "the API knows no arrays"),
        ("training/data/dataset.py", "from training.data.splits import folds", "no room imports in a circle"),
        ("training/newcomer.py", "", "the rooms of training"),
        ("function/newcomer.py", "", "the rooms of the function"),
    ],
)
def test_a_wrong_import_is_seen(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        done = lint(copy)
    finally:
        path.write_text(before) if before is not None else path.unlink()
    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def test_every_file_that_the_document_names_is_there() -> None:
    chapter = (
        (ROOT / "docs" / "architecture.md").read_text().partition("## Where to change what")[2].partition("\n## ")[0]
    )
    named = re.findall(r"`([\w./-]*[/.][\w./-]*)`", chapter)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).exists()] == []
