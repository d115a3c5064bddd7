"""The whole API under requests that Schemathesis makes up."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
import uvicorn

from function.api.app import create_app
from function.settings import Settings, SignIn
from infra.local_site import listen
from tests.support.made_up import answered_as_documented
from tests.support.members import CLIENT, Provider, published

pytestmark = pytest.mark.installs


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def url(root: Path, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The API on a port of this machine, with every user open and without a limit of changes."""
    monkeypatch.setattr("function.members.account.CHANGES_PER_MINUTE", 10**9)
    with published(provider) as jwks, listen(0) as listener:
        sign_in, store = SignIn(provider.issuer, jwks, CLIENT), f"sqlite:///{tmp_path}/members.sqlite3"
        app = create_app(Settings(bundle_dir=root, open_users="all", store=store, sign_in=sign_in))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


def test_no_request_causes_an_error_or_breaks_the_document(
    url: str, provider: Provider, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    token = provider.token(exp=int(time.time()) + 7200)
    cases = answered_as_documented(url, token, tmp_path, examples=20)
    record_property("cases", cases)
    assert cases > 500
