"""Who asks: nobody without a good token, and nobody for another."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from function.api.app import create_app
from function.members.account import CHANGES_PER_MINUTE
from function.members.sqlite import SqliteStore
from function.members.store import BusyError
from function.settings import Settings, SignIn
from tests.support.members import CLIENT, Provider, bearer, members_api
from tests.support.served import InProcess
from tests.unit.function.api.members.conftest import rate, ratings


def test_without_sign_in_there_is_nobody(root: Path) -> None:
    with httpx.Client(transport=InProcess(create_app(Settings(bundle_dir=root))), base_url="http://function") as client:
        for path in ("/api/me", "/api/me/ratings"):
            answer = client.get(path, headers=bearer("x"))
            assert (answer.status_code, answer.json()["detail"][:26]) == (404, "Sign-in is not set up here")
        assert client.get("/api/mean").json()["detail"].startswith("There is nothing at this address")
        assert not [path for path in client.get("/api/openapi.json").json()["paths"] if path.startswith("/api/me")]


def test_without_a_token_nothing_is_told(members: httpx.Client) -> None:
    document = members.get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        for method in operations if path.startswith("/api/me") else ():
            address = path.format(film_id="1", shelf_id="x", undo="x")
            for headers in ({}, bearer("x.y.z"), {"authorization": "Basic eDp5"}):
                answer = members.request(method, address, headers=headers, json={})
                assert answer.status_code == 401, (method, path, answer.text)
                assert answer.headers["www-authenticate"].startswith("Bearer")
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["cache-control"] == "no-store"


def test_the_document_says_that_members_sign_in(members: httpx.Client) -> None:
    document = members.get("/api/openapi.json").json()
    assert document["components"]["securitySchemes"]["signIn"]["scheme"] == "bearer"
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert ("security" in operation) is path.startswith("/api/me"), path
            if "security" in operation:
                assert {"401", "403", "503"} <= set(operation["responses"])


def test_members_see_and_change_only_their_own(ada: httpx.Client, bob: httpx.Client, ids: list[str]) -> None:
    rate(ada, ids[0])
    shelf = ada.post("/api/me/shelves", json={"name": "mine"}).json()["id"]
    undo = ada.post("/api/me/merge", json={"list": ids[:3]}).json()["undo"]
    before = ada.get("/api/me/export").json()
    for method, path in (
        ("get", f"ratings/{ids[0]}"),
        ("get", f"shelves/{shelf}"),
        ("get", f"shelves/{shelf}/today"),
        ("put", f"shelves/{shelf}"),
        ("delete", f"shelves/{shelf}"),
        ("post", f"undo/{undo}"),
    ):
        answer = bob.request(method, f"/api/me/{path}", json={"name": "bob's"} if method == "put" else None)
        assert answer.status_code == 404, path
    assert bob.delete(f"/api/me/ratings/{ids[0]}").status_code == 204
    assert bob.delete("/api/me").status_code == 204
    assert ada.get("/api/me/export").json() == before
    assert bob.get("/api/me").status_code == 401


def test_too_many_changes_in_a_minute_are_refused(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("function.members.account.CHANGES_PER_MINUTE", 3)
    provider = Provider()
    with members_api(root, f"sqlite:///{tmp_path}/m.sqlite3", provider) as api:
        headers = bearer(provider.token())
        film = api.get("/api/films").json()["items"][0]["id"]
        codes = [api.put(f"/api/me/list/{film}", headers=headers).status_code for _ in range(5)]
        assert codes in ([200] * 3 + [429] * 2, [200] * 5)  # a minute may begin in between
        assert api.get("/api/me", headers=headers).status_code == 200
    assert CHANGES_PER_MINUTE >= 100


def test_a_store_that_does_not_answer_is_503(
    ada: httpx.Client, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise BusyError("secret words")

    rate(ada, ids[0])
    monkeypatch.setattr(SqliteStore, "write", busy)
    answer = ada.put(f"/api/me/ratings/{ids[0]}", json={"rating": 1})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "secret" not in answer.text
    monkeypatch.undo()
    assert ratings(ada) == {ids[0]: 4}


def test_a_provider_that_does_not_answer_is_503(root: Path, tmp_path: Path) -> None:
    sign_in = SignIn("https://identity.example", "http://127.0.0.1:9/jwks", CLIENT)
    app = create_app(Settings(bundle_dir=root, store=f"sqlite:///{tmp_path}/m.sqlite3", sign_in=sign_in))
    with httpx.Client(transport=InProcess(app), base_url="http://function") as client:
        assert client.get("/api/me", headers=bearer(Provider().token())).status_code == 503


def test_a_visitor_s_request_loads_nothing_of_members(root: Path, tmp_path: Path) -> None:
    code = (
        "import sys, httpx; from function.api.app import create_app; from tests.support.served import InProcess\n"
        "client = httpx.Client(transport=InProcess(create_app()), base_url='http://function')\n"
        "client.get('/api/health').raise_for_status()\n"
        "client.post('/api/home', json={'ratings': []}).raise_for_status()\n"
        "print(*{name for name in sys.modules if name.startswith(('function.members', 'function.api.members.', 'jwt',"
        " 'sqlite3', 'boto', 'cryptography'))}, '.')\n"
        "assert client.get('/api/me').status_code == 401\n"
        "print(*{name.split('.')[0] for name in sys.modules} & {'jwt', 'sqlite3', 'boto3', 'cryptography'}, '.')"
    )
    settings = {
        "BUNDLE_DIR": str(root),
        "STORE": f"sqlite:///{tmp_path}/m.sqlite3",
        "SIGN_IN_ISSUER": "https://identity.example",
        "SIGN_IN_JWKS": "https://identity.example/jwks",
        "SIGN_IN_CLIENT": CLIENT,
    }
    folder = Path(__file__).parents[5]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=settings, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [".", "."], done.stdout
