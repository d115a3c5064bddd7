"""Who may import whom: the function is deployed alone, its ranking knows no HTTP, and its routes know no NumPy."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FUNCTION = sorted((ROOT / "function").rglob("*.py"))
BELOW = sorted(path for room in ("recommending", "bundle") for path in (ROOT / "function" / room).glob("*.py"))
HEAVY = ("tensorflow", "keras", "pandas", "sklearn", "scipy", "training", "infra")


def imports(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def of(names: set[str], *packages: str) -> set[str]:
    return {name for name in names if name.split(".")[0] in packages or name in packages}


@pytest.mark.parametrize("path", FUNCTION, ids=lambda path: path.name)
def test_the_function_imports_nothing_of_training(path: Path) -> None:
    assert not of(imports(path), *HEAVY)


@pytest.mark.parametrize("path", BELOW, ids=lambda path: path.name)
def test_below_the_api_nothing_knows_http(path: Path) -> None:
    found = imports(path)
    assert not of(found, "fastapi", "starlette", "mangum")
    assert not {name for name in found if name.startswith("function.api")}


@pytest.mark.parametrize("path", sorted((ROOT / "function" / "api").glob("*.py")), ids=lambda path: path.name)
def test_the_api_knows_no_arrays(path: Path) -> None:
    assert not of(imports(path), "numpy")


def test_training_knows_of_the_function_only_its_bundle_and_what_checks_it() -> None:
    allowed = {
        "function.bundle.format",
        "function.bundle.goldens",
        "function.bundle.interpreter",
        "function.recommending.ranking",
    }
    for path in (ROOT / "training").rglob("*.py"):
        assert of(imports(path), "function", "infra", "tests") - of(imports(path), *allowed) == set(), path


def test_a_cold_start_loads_nothing_that_is_not_needed(root: Path) -> None:
    code = "import sys, function.handler; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    environment = {**os.environ, "BUNDLE_DIR": str(root), "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {*HEAVY, "boto3", "botocore", "jwt", "cryptography", "httpx", "uvicorn"}


def test_ranking_loads_no_http() -> None:
    """Not even by way of another module."""
    modules = "function.recommending.home, function.recommending.why, function.bundle.goldens"
    code = f"import sys, {modules}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {*HEAVY, "fastapi", "starlette", "mangum", "boto3"}
