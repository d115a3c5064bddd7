"""Fixtures that build the image: a Docker engine, replacements for the public base images, wheels, a small bundle."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import leave_out
from tests.support.base_image import base_image
from tests.support.docker_engine import Engine, MissingError, docker_engine
from tests.support.locked_environment import TOOLS
from tests.support.sam import ROOT, sam

# Below the root, where the build context is.
BUNDLES = ROOT / "artifacts" / "demo-bundles"
ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
PYTHONS = {"litert": "3.13", "tflite-runtime": "3.11"}


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    try:
        with docker_engine(ROOT / "artifacts" / "docker") as engine:
            yield engine
    except MissingError as error:
        leave_out(str(error))


@pytest.fixture(scope="session")
def architecture() -> str:
    return ARCHITECTURES[platform.machine()]


@pytest.fixture(scope="session")
def release() -> str:
    """The id of the bundle in the images."""
    _run(sys.executable, "-m", "tests.support.demo_bundle", str(BUNDLES))
    return (BUNDLES / "current").readlink().name


@pytest.fixture(scope="session")
def bases(engine: Engine) -> dict[str, str]:
    """A base image for each runtime."""
    try:
        return {runtime: base_image(engine, python, TOOLS) for runtime, python in PYTHONS.items()}
    except MissingError as error:
        leave_out(str(error))
        raise


@pytest.fixture(scope="session")
def wheels(architecture: str) -> Path:
    """The folder with the wheels of the image, with LiteRT."""
    _run("scripts/wheelhouse", PYTHONS["litert"], architecture, "litert")
    return ROOT / "artifacts" / "wheelhouse"


@pytest.fixture(scope="session")
def built(
    engine: Engine,
    architecture: str,
    release: str,
    bases: dict[str, str],
    wheels: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The output of `sam build` for template.yaml: the template to deploy, and the image function:latest."""
    folder = tmp_path_factory.mktemp("sam-build")
    parameters = {
        "Architecture": architecture,
        "BaseImage": bases["litert"],
        "Bundle": str((BUNDLES / "current").relative_to(ROOT)),
    }
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    output = sam(
        "build", "--build-dir", str(folder), "--parameter-overrides", *overrides, environment=engine.environment
    )
    assert "Build Succeeded" in output
    return folder / "template.yaml"


@pytest.fixture(scope="session")
def images(engine: Engine, architecture: str, built: Path, bases: dict[str, str]) -> dict[str, str]:
    """The image of each runtime: LiteRT's from `sam build`, the other from `docker build`."""
    _run("scripts/wheelhouse", PYTHONS["tflite-runtime"], architecture, "tflite-runtime")
    arguments = {
        "BASE_IMAGE": bases["tflite-runtime"],
        "RUNTIME": "tflite-runtime",
        "BUNDLE": str((BUNDLES / "current").relative_to(ROOT)),
    }
    engine.build(ROOT, "function:tflite-runtime", arguments)
    return {"litert": "function:latest", "tflite-runtime": "function:tflite-runtime"}


def _run(*command: str) -> None:
    environment = {**os.environ, "PIP": f"{sys.executable} -m pip", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{' '.join(command)}: {(done.stdout + done.stderr)[-4000:]}"
