"""The same contract over every transport: in process, under Lambda's emulator, or at any address.

    CONTRACT_URL=https://films.example.org pytest tests/contract

The tests read films, genres and the scale from the API, so they run against any data. Tests of known users are skipped
if no users are open.
"""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.demo_bundle import demo_bundle
from tests.support.rie import EventTransport, emulated_function
from tests.support.served import in_process

Json = dict[str, Any]

ELSEWHERE = os.environ.get("CONTRACT_URL")
EMULATOR = pytest.param("lambda emulator", marks=pytest.mark.installs)  # it comes with SAM


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bundles")
    demo_bundle(root)
    return root


@pytest.fixture(scope="session", params=["elsewhere"] if ELSEWHERE else ["in process", EMULATOR])
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
def document(api: httpx.Client) -> Json:
    """The OpenAPI document from the API."""
    document: Json = api.get("/api/openapi.json").raise_for_status().json()
    return document


@pytest.fixture(scope="session")
def user(api: httpx.Client) -> str:
    """A sample profile, which is open unless OPEN_USERS is `none`."""
    users = api.get("/api/users").json()["users"]
    if ELSEWHERE and not users:
        pytest.skip(f"no users are shown at {ELSEWHERE}")
    user: str = users[0]["id"]
    return user


@pytest.fixture(scope="session")
def films(api: httpx.Client) -> list[Json]:
    """The hundred most rated films."""
    films: list[Json] = api.get("/api/films", params={"sort": "popularity", "limit": 100}).json()["items"]
    return films


@pytest.fixture(scope="session")
def genres(films: list[Json]) -> tuple[str, str]:
    """Two genres that many films have both of."""
    pairs = Counter(pair for film in films for pair in combinations(sorted(film["genres"]), 2))
    ((first, second), _), *_ = pairs.most_common(1)
    return first, second


@pytest.fixture(scope="session")
def scale(api: httpx.Client) -> Json:
    """min, max and step of the ratings."""
    scale: Json = api.get("/api/release").json()["scale"]
    return scale
