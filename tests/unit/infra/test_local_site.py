"""The local site: page, API, headers, and error messages."""

import asyncio
import socket
from pathlib import Path
from unittest.mock import MagicMock

import httpx
import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from infra import local_site
from infra.headers import CONTENT_SECURITY_POLICY, IMMUTABLE, REVALIDATE, SECURITY_HEADERS
from tests.support.demo_bundle import demo_bundle


async def api(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"path": scope["path"]}, headers={"cache-control": "no-store"})(scope, receive, send)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Films</title>")
    (tmp_path / "assets" / "index-4f2a.js").write_text("export {}")
    return tmp_path


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_bundle(tmp_path_factory.mktemp("bundles"), films=60, users=8)


async def get(dist: Path, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(local_site.site(dist, api))
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
        return await client.get(path)


@pytest.mark.anyio
async def test_page_carries_the_security_headers_and_is_revalidated(dist: Path) -> None:
    page = await get(dist, "/")
    assert page.text == "<title>Films</title>"
    assert SECURITY_HEADERS.items() <= dict(page.headers).items()
    assert page.headers["cache-control"] == REVALIDATE


@pytest.mark.anyio
async def test_hashed_assets_never_change(dist: Path) -> None:
    assert (await get(dist, "/assets/index-4f2a.js")).headers["cache-control"] == IMMUTABLE


@pytest.mark.anyio
async def test_a_missing_file_is_404_and_the_folder_above_is_out_of_reach(dist: Path) -> None:
    for path in ("/nothing.js", "/../pyproject.toml", "/%2e%2e/pyproject.toml"):
        assert (await get(dist, path)).status_code == 404


@pytest.mark.anyio
async def test_a_missing_page_is_the_site_s_404(dist: Path) -> None:
    (dist / "404.html").write_text("<title>Page not found</title>")
    missing = await get(dist, "/films/12")
    assert (missing.status_code, missing.text) == (404, "<title>Page not found</title>")
    assert SECURITY_HEADERS.items() <= dict(missing.headers).items()


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/api", "/api/health"])
async def test_api_paths_reach_the_function_untouched(dist: Path, path: str) -> None:
    answer = await get(dist, path)
    assert answer.json() == {"path": path}
    assert answer.headers["cache-control"] == "no-store"
    assert "content-security-policy" not in answer.headers


@pytest.mark.anyio
async def test_a_path_that_only_begins_like_the_api_is_the_page_s(dist: Path) -> None:
    assert (await get(dist, "/apiary")).status_code == 404


def test_no_inline_script_or_style_is_allowed() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY


def test_a_taken_port_is_named_with_the_way_out(dist: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((local_site.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        assert local_site.main(["--port", str(port), "--dist", str(dist)]) == 1
    assert f"port {port} on 127.0.0.1 is taken. Choose another: make serve PORT={port + 1}" in capsys.readouterr().err


def test_the_port_can_be_asked_for_before_there_is_anything_to_serve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--check-port", "--dist", str(tmp_path)]
    assert local_site.main([*asked, "--port", "0"]) == 0
    with socket.create_server((local_site.HOST, 0)) as taken:
        assert local_site.main([*asked, "--port", str(taken.getsockname()[1])]) == 1
    assert "is taken" in capsys.readouterr().err


def test_a_page_that_was_not_built_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert local_site.main(["--dist", str(tmp_path)]) == 1
    assert "the page is not built. Run `make web` first" in capsys.readouterr().err


def test_a_missing_bundle_is_named(
    dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BUNDLE_DIR", str(tmp_path / "none"))
    assert local_site.main(["--port", "0", "--dist", str(dist)]) == 1
    assert "there is no bundle here" in capsys.readouterr().err


def test_a_release_that_cannot_be_taken_is_told(
    dist: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BUNDLE_URI", "s3://films/releases")
    monkeypatch.setenv("BUNDLE_DIR", str(bundle))
    for name in ("uvicorn.Config", "uvicorn.Server"):  # which would set up logging for this whole process
        monkeypatch.setattr(name, MagicMock())
    assert local_site.main(["--port", "0", "--dist", str(dist)]) == 0
    said = capsys.readouterr().err
    assert (
        "warning: serving the bundle of BUNDLE_DIR, not the current release: BUNDLE_URI is set, but there are no"
        in said
    )


@pytest.mark.parametrize("port", ["eighty", "70000", "-1"])
def test_a_wrong_port_is_refused(port: str, dist: Path) -> None:
    with pytest.raises(SystemExit) as refused:
        local_site.main([f"--port={port}", "--dist", str(dist)])
    assert refused.value.code == 2


def test_nobody_to_answer_is_refused(dist: Path) -> None:
    with pytest.raises(SystemExit) as refused:
        local_site.main(["--workers", "0", "--dist", str(dist)])
    assert refused.value.code == 2


@pytest.mark.anyio
async def test_answers_do_not_wait_for_acknowledgements() -> None:
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken = writer.get_extra_info("socket")
        accepted.set_result(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with local_site.listen(0) as listener:
        async with await asyncio.start_server(connected, sock=listener):
            with socket.create_connection(listener.getsockname(), timeout=5):
                assert await accepted


def test_who_reads_the_address_can_connect_before_the_server_runs() -> None:
    with local_site.listen(0) as listener, socket.create_connection(listener.getsockname(), timeout=5):
        pass
