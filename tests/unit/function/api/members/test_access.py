"""Who asks: nobody without a good token, and nobody for another."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from function.api.app import create_app
from function.members.account import CHANGES_PER_MINUTE
from function.members.sqlite import SqliteStore
from function.members.store import BusyError
from function.settings import Settings, SignIn
from tests.support.forgeries import forged
from tests.support.members import CLIENT, Provider, bearer, members_api
from tests.support.served import InProcess
from tests.unit.function.api.members.conftest import Operation, operations, rate, ratings, subject

Record = Callable[[str, object], None]


def of_members(client: httpx.Client) -> list[Operation]:
    return [operation for operation in operations(client) if operation.path.startswith("/api/me")]


def signed_in(members: httpx.Client, authorization: bytes) -> httpx.Client:
    return httpx.Client(
        transport=members._transport, base_url=members.base_url, headers={b"authorization": authorization}
    )


def test_without_sign_in_there_is_nobody(root: Path) -> None:
    with httpx.Client(transport=InProcess(create_app(Settings(bundle_dir=root))), base_url="http://function") as client:
        for path in ("/api/me", "/api/me/ratings"):
            answer = client.get(path, headers=bearer("x"))
            assert (answer.status_code, answer.json()["detail"][:26]) == (404, "Sign-in is not set up here")
        assert client.get("/api/mean").json()["detail"].startswith("There is nothing at this address")
        assert not [path for path in client.get("/api/openapi.json").json()["paths"] if path.startswith("/api/me")]


def test_without_a_token_nothing_is_told(members: httpx.Client) -> None:
    for operation in of_members(members):
        for authorization in (b"", b"Bearer x.y.z", b"Basic eDp5"):
            with signed_in(members, authorization) as nobody:
                answer = operation.send(nobody)
            assert answer.status_code == 401, (operation, answer.text)
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["cache-control"] == "no-store"


def test_the_document_says_that_members_sign_in(members: httpx.Client) -> None:
    document = members.get("/api/openapi.json").json()
    assert document["components"]["securitySchemes"]["signIn"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert ("security" in operation) is path.startswith("/api/me"), path
            if "security" in operation:
                assert {"401", "403", "503"} <= set(operation["responses"])


def test_a_forged_token_opens_no_route(
    ada: httpx.Client, members: httpx.Client, provider: Provider, ids: list[str], record_property: Record
) -> None:
    rate(ada, ids[0])
    before = ada.get("/api/me/export").json()
    tokens, cases = forged(provider, Provider()), 0
    for operation in of_members(members):
        for name, token in tokens.items():
            with signed_in(members, f"Bearer {token}".encode()) as forger:
                answer = operation.send(forger, film=ids[0])
            assert answer.status_code == 401, (name, operation)
            cases += 1
    assert ada.get("/api/me/export").json() == before
    record_property("cases", cases)


def test_no_route_leads_to_another_member(
    ada: httpx.Client, bob: httpx.Client, ids: list[str], record_property: Record, request: pytest.FixtureRequest
) -> None:
    rate(ada, ids[0])
    ada.put(f"/api/me/not-interested/{ids[9]}")
    ada.get("/api/me/home")
    shelf = ada.post("/api/me/shelves", json={"name": "hers alone"}).json()["id"]
    undo = ada.post("/api/me/merge", json={"list": ids[:3]}).json()["undo"]
    before = ada.get("/api/me/export").json()
    her, cases = quote(subject("ada", request)), 0
    for operation in of_members(ada):
        for query in (f"?user={her}", f"?sub={her}", ""):
            answer = operation.send(bob, query=query, film=ids[0], shelf_id=shelf, undo=undo)
            if query or "{shelf_id}" in operation.path or "{undo}" in operation.path:
                assert answer.status_code in ({404, 422} if query else {404}), (operation, query, answer.text)
            assert "hers alone" not in answer.text, operation
            assert ada.get("/api/me/export").json() == before, (operation, query)
            cases += 1
    assert bob.get("/api/me").status_code == 401  # the last operation deleted his account
    record_property("cases", cases)


def test_another_site_s_page_reaches_nothing(
    ada: httpx.Client, members: httpx.Client, ids: list[str], record_property: Record
) -> None:
    """It can make a browser send cookies and simple requests, but no header of ours; and it may read no answer."""
    rate(ada, ids[0])
    before = ada.get("/api/me/export").json()
    token, cases = ada.headers["authorization"].partition(" ")[2], 0
    for operation in of_members(members):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
            cookie = f"access_token={token}; authorization=Bearer {token}"
            headers = {"cookie": cookie, "origin": "https://evil.example", "content-type": kind}
            address = operation.path.format(film_id=ids[0], shelf_id="x", undo="x")
            for query in ("", f"?access_token={token}"):
                answer = members.request(operation.method, address + query, headers=headers, json=operation.body)
                assert answer.status_code == 401 or (query and answer.status_code == 422), (operation, kind)
                assert "access-control-allow-origin" not in answer.headers
                cases += 1
        asked = {"access-control-request-method": operation.method.upper(), "origin": "https://evil.example"}
        preflight = members.options(operation.path, headers=asked)
        assert "access-control-allow-origin" not in preflight.headers
        cases += 1
    assert ada.get("/api/me/export").json() == before
    record_property("cases", cases)


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
