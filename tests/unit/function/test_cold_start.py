"""The modules that a cold start loads, by running it; tests/unit/test_layers.py only reads imports."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
HEAVY = {"tensorflow", "keras", "pandas", "sklearn", "scipy", "training", "infra"}


def test_a_cold_start_loads_nothing_that_is_not_needed(root: Path) -> None:
    code = "import sys, function.handler; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    environment = {**os.environ, "BUNDLE_DIR": str(root), "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {*HEAVY, "boto3", "botocore", "jwt", "cryptography", "httpx", "uvicorn"}


def test_a_cold_start_reads_no_route(root: Path) -> None:
    code = """
from function.api.direct import DirectRoute
from function.handler import _api
ours = [route for route in _api().app.app.routes if isinstance(route, DirectRoute)]
print(len(ours), [route.path for route in ours if "dependant" in vars(route)])
"""
    environment = {**os.environ, "BUNDLE_DIR": str(root), "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    count, read = done.stdout.split(maxsplit=1)
    assert int(count) > 15
    assert read.strip() == "[]"


def test_ranking_loads_no_http() -> None:
    """Not even indirectly."""
    modules = "function.recommending.home, function.recommending.why, function.bundle.goldens"
    code = f"import sys, {modules}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {*HEAVY, "fastapi", "starlette", "mangum", "boto3"}
