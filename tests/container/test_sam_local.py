"""The contract suite against `sam local start-api`: the template's route and the image in a real container."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.docker_engine import Engine
from tests.support.sam import ROOT, start_api

pytestmark = [pytest.mark.needs("docker", "debootstrap")]

# SAM decodes every body as UTF-8 itself, and answers 502 where it is none; API Gateway passes such a body on in base64,
# as the same test under the emulator does.
NOT_OVER_SAM = r"tests/contract/test_problems.py::test_wrong_bodies[elsewhere-\xff\xfe\xfa-400]"


@pytest.fixture(scope="module")
def url(engine: Engine, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sam-local")
    # No S3 here: the bundle in the image is served.
    variables = folder / "variables.json"
    variables.write_text(json.dumps({"Function": {"BUNDLE_URI": ""}}))
    with start_api(built, engine.environment, variables, folder / "log") as url:
        yield url


def test_the_whole_contract(url: str) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/contract",
        "--deselect",
        NOT_OVER_SAM,
    ]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "CONTRACT_URL": url}, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
