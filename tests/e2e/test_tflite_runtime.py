"""The same bundle on the older tflite-runtime, in its own environment with NumPy 1 and Python 3.11."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from function.bundle.format import read_bundle
from tests.support.demo_bundle import demo_bundle
from tests.support.locked_environment import locked_environment
from training.data.synthetic import synthetic
from training.export.bundle import export
from training.model.config import ModelConfig
from training.model.fit import fit

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "function" / "requirements-tflite-runtime.txt"
CHECK = """
import json, sys
from pathlib import Path
from function.bundle.format import read_bundle
from function.bundle.goldens import check_goldens
from function.bundle.interpreter import RUNTIME, Model
bundle = read_bundle(Path(sys.argv[1]))
checked = check_goldens(bundle, Model(bundle.model))
print(json.dumps([RUNTIME, checked.goldens, checked.max_star_error, checked.top10_agreement]))
"""

pytestmark = pytest.mark.needs("python3.11")


@pytest.fixture(scope="module")
def python() -> Path:
    """A Python interpreter with function/requirements-tflite-runtime.txt, made once."""
    base = sys.executable if sys.version_info[:2] == (3, 11) else "python3.11"
    return locked_environment("tflite-env", LOCK, base)


def check(python: Path, root: Path) -> list[object]:
    command = [str(python), "-c", CHECK, str(root)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: list[object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.training
def test_a_trained_bundle_gives_the_same_goldens(python: Path, tmp_path: Path) -> None:
    """The goldens cover both heads and the encoder, with known users and histories of 0 to 512 ratings."""
    dataset = synthetic(users=150, films=200, ratings=6000)
    fitted = fit(dataset, dataset.interactions, ModelConfig(embedding=16, epochs=4, learning_rate=0.01))
    export(fitted, root=tmp_path, training={}, metrics={})
    runtime, goldens, error, agreement = check(python, tmp_path)
    assert runtime == "tflite-runtime"
    assert goldens == len(read_bundle(tmp_path).goldens) >= 12
    assert isinstance(error, float)
    assert error <= 1e-4
    assert agreement == 1


def test_the_demo_bundle_does(python: Path, tmp_path: Path) -> None:
    demo_bundle(tmp_path)
    assert check(python, tmp_path)[0] == "tflite-runtime"
