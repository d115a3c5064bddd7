"""Sign-in on this machine: the identity provider starts and ends with the site, and the page finds it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from infra import local_site, sign_in
from infra.headers import CONTENT_SECURITY_POLICY
from tests.unit.infra.test_local_site import api

INSTALLED = (sign_in.PROGRAM / "node_modules").is_dir()
needs_packages = pytest.mark.skipif(not INSTALLED, reason="infra/identity/node_modules is not installed")


def get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=5, trust_env=False)


@needs_packages
def test_the_provider_runs_while_it_is_needed(tmp_path: Path) -> None:
    port = sign_in.free_port()
    with sign_in.identity_provider(tmp_path, port, ["http://127.0.0.1:8000"]):
        found = get(f"{sign_in.issuer(port)}/.well-known/openid-configuration").json()
        settings = sign_in.function_settings(tmp_path, port)
        assert (found["issuer"], found["jwks_uri"]) == (settings["SIGN_IN_ISSUER"], settings["SIGN_IN_JWKS"])
        assert get(found["jwks_uri"]).json()["keys"][0]["alg"] == "RS256"
        with pytest.raises(sign_in.SignInError, match=f"IDENTITY_PORT={port + 1}"):
            sign_in.check_port(port)
    with pytest.raises(httpx.ConnectError):
        get(sign_in.issuer(port))


@needs_packages
def test_the_provider_ends_with_the_site_even_when_that_is_killed(tmp_path: Path) -> None:
    port = sign_in.free_port()
    program = (
        "import sys, time, pathlib; from infra.sign_in import identity_provider\n"
        "with identity_provider(pathlib.Path(sys.argv[1]), int(sys.argv[2]), ['http://127.0.0.1:8000']):\n"
        "    print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path), str(port)], stdout=subprocess.PIPE) as site:
        assert site.stdout is not None
        assert site.stdout.readline() == b"ready\n"
        os.kill(site.pid, signal.SIGKILL)
    for _ in range(50):
        try:
            get(sign_in.issuer(port))
        except httpx.ConnectError:
            return
        time.sleep(0.1)
    pytest.fail("the provider still listens")


def test_without_its_packages_the_fix_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "PROGRAM", tmp_path)
    with (
        pytest.raises(sign_in.SignInError, match="Run `make serve`"),
        sign_in.identity_provider(tmp_path, sign_in.free_port(), []),
    ):
        pass


def test_a_taken_port_is_refused_before_anything_is_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((sign_in.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        arguments = ["--port", "0", "--members", str(tmp_path), "--identity-port", str(port), "--check-port"]
        assert local_site.main(arguments) == 1
    assert f"sign-in needs port {port} on 127.0.0.1, which is taken" in capsys.readouterr().err


@pytest.mark.anyio
async def test_the_page_is_told_where_to_sign_in_and_may_connect_there(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<title>Films</title>")
    (tmp_path / "site-config.json").write_text('{"api": "/api"}')
    for identity, expected in ((None, None), (8765, sign_in.page_settings(8765))):
        transport = httpx.ASGITransport(local_site.site(tmp_path, api, identity))
        async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
            config = await client.get("/site-config.json")
            policy = (await client.get("/")).headers["content-security-policy"]
        assert json.loads(config.text).get("signIn") == expected
        assert (policy == CONTENT_SECURITY_POLICY) == (identity is None)
        assert ("connect-src 'self' http://127.0.0.1:8765;" in policy) == (identity is not None)
