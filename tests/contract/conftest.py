"""The same contract over every transport: in process, under Lambda's emulator, or at CONTRACT_URL (`sam local`)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.demo_bundle import demo_bundle
from tests.support.rie import EventTransport, emulated_function
from tests.support.served import in_process

ELSEWHERE = os.environ.get("CONTRACT_URL")


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bundles")
    demo_bundle(root)
    return root


@pytest.fixture(scope="session", params=["elsewhere"] if ELSEWHERE else ["in process", "lambda emulator"])
def api(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    if ELSEWHERE:
        with httpx.Client(base_url=ELSEWHERE, timeout=60) as client:
            yield client
    elif request.param == "in process":
        root = request.getfixturevalue("root")
        with httpx.Client(transport=in_process(root), base_url="http://function") as client:
            yield client
    else:
        root = request.getfixturevalue("root")
        log = request.getfixturevalue("tmp_path_factory").mktemp("emulator") / "log"
        with (
            emulated_function(root, log) as url,
            httpx.Client(transport=EventTransport(url), base_url="http://function") as client,
        ):
            yield client


@pytest.fixture(scope="session")
def document(api: httpx.Client) -> dict[str, Any]:
    """The OpenAPI document as it is served."""
    document: dict[str, Any] = api.get("/api/openapi.json").raise_for_status().json()
    return document


@pytest.fixture(scope="session")
def user(api: httpx.Client) -> str:
    """A sample profile: in reach whatever OPEN_USERS says."""
    user: str = api.get("/api/users").json()["users"][0]["id"]
    return user


@pytest.fixture(scope="session")
def films(api: httpx.Client) -> list[dict[str, Any]]:
    films: list[dict[str, Any]] = api.get("/api/films", params={"limit": 100}).json()["items"]
    return films
