"""The image: contents, user, size, and goldens on both runtimes."""

import base64
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from benchmarks.instruments.phases import event
from tests.support.docker_engine import Engine
from tests.support.sam import emulator

pytestmark = [pytest.mark.needs("docker", "debootstrap")]

MAX_ABOVE_BASE = 100_000_000  # bytes, with the small demo bundle
INVOCATIONS = "/2015-03-31/functions/function/invocations"


def python(engine: Engine, image: str, code: str) -> str:
    """Run Python in the image, as the image's user."""
    return engine.docker("run", "--rm", "--network", "none", "--entrypoint", "python3", image, "-c", code)


@contextmanager
def running(engine: Engine, image: str) -> Iterator[str]:
    """The image run as by Lambda, with its own entry point and only /tmp writable; yields the emulator's address."""
    confined = ["--read-only", "--tmpfs", "/tmp", "--memory", "256m", "--publish", "127.0.0.1::8080"]
    with_emulator = ["--volume", f"{emulator()}:/rie:ro", "--entrypoint", "/rie"]
    command = ["python3", "-m", "awslambdaric", "function.handler.handler"]
    container = engine.docker("run", "--detach", *confined, *with_emulator, image, *command)
    try:
        yield f"http://{engine.docker('port', container, '8080/tcp').splitlines()[0]}{INVOCATIONS}"
    finally:
        engine.docker("rm", "--force", container)


def invoke(url: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Invoke the function, retrying until the emulator listens; returns its response."""
    request = urllib.request.Request(url, json.dumps(asked).encode())
    for _ in range(100):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                answered: dict[str, Any] = json.loads(answer.read())
                return answered
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


@pytest.mark.parametrize("runtime", ["litert", "tflite-runtime"])
def test_its_goldens_come_out_on(runtime: str, engine: Engine, images: dict[str, str], release: str) -> None:
    with running(engine, images[runtime]) as url:
        answer = invoke(url, event("GET", "/api/ready"))
    body = answer["body"]
    report = json.loads(base64.b64decode(body) if answer["isBase64Encoded"] else body)
    assert answer["statusCode"] == 200, report
    assert (report["status"], report["release"], report["runtime"]) == ("ready", release, runtime)
    assert report["max_star_error"] < 1e-4


def test_it_is_small(engine: Engine, images: dict[str, str], bases: dict[str, str]) -> None:
    for runtime, image in images.items():
        above = engine.size(image) - engine.size(bases[runtime])
        assert above <= MAX_ABOVE_BASE, f"{image} is {above / 1e6:.1f} MB above its base"


@pytest.mark.parametrize("runtime", ["litert", "tflite-runtime"])
def test_it_is_nobody_and_writes_nothing_of_its_own(runtime: str, engine: Engine, images: dict[str, str]) -> None:
    code = """
import json, os, pathlib
roots = [pathlib.Path("/var/task"), pathlib.Path("/opt/python")]
own = [path for root in roots for path in (root, *root.rglob("*"))]
writable = [str(path) for path in own if os.access(path, os.W_OK)]
unreadable = [str(path) for path in own if not os.access(path, os.R_OK)]
print(json.dumps([os.getuid(), os.getgid(), writable, unreadable, os.access("/tmp", os.W_OK)]))
"""
    uid, gid, writable, unreadable, scratch = json.loads(python(engine, images[runtime], code))
    assert (uid, gid, scratch) == (65534, 65534, True)
    assert not writable
    assert not unreadable  # Lambda's user is yet another one


def test_it_has_what_runs_and_nothing_else(engine: Engine, images: dict[str, str]) -> None:
    code = "import pathlib; print(*(str(p) for r in ('/var/task', '/opt/python') for p in pathlib.Path(r).rglob('*')))"
    found = set(python(engine, images["litert"], code).split())
    names = {path.split("/")[3] for path in found if path.startswith("/opt/python/")}
    assert {"numpy", "fastapi", "mangum", "ai_edge_litert", "awslambdaric"} <= names
    assert not {"pip", "setuptools", "wheel", "pytest", "tensorflow", "tflite_runtime", "pandas", "tests"} & names
    assert not [path for path in found if "/tests" in path or path.endswith((".pyi", ".whl"))]
    # Every module was compiled, so that no start compiles one; of the packages, nothing else is there.
    sources = {path for path in found if path.endswith(".py")}
    compiled = {path.replace("/__pycache__/", "/").replace(".cpython-313.pyc", ".py") for path in found - sources}
    assert len(sources) > 40
    assert all(path.startswith("/var/task/function/") for path in sources)
    assert sources <= compiled
    assert "/opt/python/numpy/__init__.pyc" in found
