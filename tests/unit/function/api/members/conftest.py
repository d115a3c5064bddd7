"""The API for members, with a provider of tokens."""

import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.support.members import Provider, bearer, members_api

Json = dict[str, Any]


@pytest.fixture(scope="session")
def provider() -> Provider:
    return Provider()


@pytest.fixture(scope="session")
def members(root: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The API, without a token."""
    store = f"sqlite:///{tmp_path_factory.mktemp('members')}/members.sqlite3"
    with members_api(root, store, provider) as client:
        yield client


@pytest.fixture
def ada(members: httpx.Client, provider: Provider, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """The API as a member sees it; a new one for each test."""
    yield from _signed_in(members, provider.token(subject("ada", request)))


@pytest.fixture
def bob(members: httpx.Client, provider: Provider, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """Another member."""
    yield from _signed_in(members, provider.token(subject("bob", request)))


def subject(name: str, request: pytest.FixtureRequest) -> str:
    """Somebody of this name who is in no other test."""
    return f"{name} {zlib.crc32(request.node.nodeid.encode())}"


def _signed_in(members: httpx.Client, token: str) -> Iterator[httpx.Client]:
    with httpx.Client(transport=members._transport, base_url=members.base_url, headers=bearer(token)) as client:
        yield client


@pytest.fixture(scope="session")
def ids(members: httpx.Client) -> list[str]:
    """The hundred most rated films."""
    films = members.get("/api/films", params={"sort": "popularity", "limit": 100}).json()["items"]
    return [film["id"] for film in films]


def rate(client: httpx.Client, film: str, rating: float = 4, **more: Any) -> Json:
    answer = client.put(f"/api/me/ratings/{film}", json={"rating": rating, **more})
    assert answer.status_code == 200, answer.text
    rated: Json = answer.json()
    return rated


def ratings(client: httpx.Client) -> dict[str, float]:
    items = client.get("/api/me/ratings", params={"limit": 1000}).raise_for_status().json()["items"]
    return {item["film_id"]: item["rating"] for item in items}


class Operation(NamedTuple):
    """An operation of the document, with a body that it takes; None if it takes none."""

    method: str
    path: str
    body: Json | None
    takes: list[str]
    """The fields of its body."""

    def send(self, client: httpx.Client, *, query: str = "", film: str = "1", **ids: str) -> httpx.Response:
        """Send it with these ids in its path; those that are not given are nobody's."""
        address = self.path.format_map(defaultdict(lambda: "none", film_id=film, user_id="1", **ids))
        return client.request(self.method, address + query, json=self.body)


def operations(client: httpx.Client) -> list[Operation]:
    """All operations of the document; the deletion of the account is last, since nothing works after it."""
    document = client.get("/api/openapi.json").json()
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            takes: list[str] = []
            if "requestBody" in operation:
                reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
                takes = list(document["components"]["schemas"][reference.rpartition("/")[2]]["properties"])
            found.append(Operation(method, path, _good(client, path) if takes else None, takes))
    return sorted(found, key=lambda operation: (operation.method, operation.path) == ("delete", "/api/me"))


def _good(client: httpx.Client, path: str) -> Json:
    films = [film["id"] for film in client.get("/api/films", params={"limit": 3}).json()["items"]]
    bodies: dict[str, Json] = {
        "/api/scores": {"films": films, "people": [{}]},
        "/api/me/ratings/{film_id}": {"rating": 3},
        "/api/me/import": {"source": "export", "rows": []},
        "/api/me/shelves": {"name": "theirs"},
        "/api/me/shelves/{shelf_id}": {"name": "theirs"},
        "/api/me/consent": {"training": False},
    }
    return bodies.get(path, {"ratings": []})
