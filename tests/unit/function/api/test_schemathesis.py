"""Every operation of members under requests that Schemathesis makes up from the OpenAPI document.

SCHEMATHESIS_EXAMPLES=350 makes more of them in some minutes (docs/security.md).
"""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import uvicorn

from function.api.app import create_app
from function.settings import Settings, SignIn
from infra.local_site import listen
from tests.support.locked_environment import locked_environment
from tests.support.members import CLIENT, Provider, published

pytestmark = pytest.mark.installs

SUPPORT = Path(__file__).parents[3] / "support"
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "20")
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance,status_code_conformance"


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def url(root: Path, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The API on a port of this machine, without a limit of changes."""
    monkeypatch.setattr("function.members.account.CHANGES_PER_MINUTE", 10**9)
    with published(provider) as jwks, listen(0) as listener:
        sign_in = SignIn(provider.issuer, jwks, CLIENT)
        app = create_app(Settings(bundle_dir=root, store=f"sqlite:///{tmp_path}/members.sqlite3", sign_in=sign_in))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


def test_no_request_causes_an_error_or_breaks_the_document(url: str, provider: Provider, tmp_path: Path) -> None:
    python = locked_environment("schemathesis-env", SUPPORT / "requirements-schemathesis.txt")
    token = provider.token(exp=int(time.time()) + 7200)
    command = [str(python.with_name("schemathesis")), "run", f"{url}/api/openapi.json", "--url", url]
    command += ["--header", f"Authorization: Bearer {token}", "--include-path-regex", "^/api/me/", "--checks", CHECKS]
    command += ["--phases", "coverage,fuzzing", "--max-examples", EXAMPLES, "--continue-on-failure", "--no-color"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=3600, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    cases = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert cases is not None, done.stdout[-3000:]
    assert int(cases[1]) == int(cases[2]) > 500
