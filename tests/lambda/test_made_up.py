"""The whole API as API Gateway's events in Lambda's emulator, under requests that Schemathesis makes up."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from tests.support.emulator import HOST, serve
from tests.support.made_up import answered_as_documented
from tests.support.members import members_set_up
from tests.support.rie import emulated_function
from tests.support.sam import free_port

pytestmark = pytest.mark.installs


def test_no_event_causes_an_error_or_breaks_the_document(
    root: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with members_set_up(tmp_path) as (environment, token):
        port = free_port()
        with (
            emulated_function(root, tmp_path / "log", environment=environment) as url,
            serve(url, port) as server,
        ):
            thread = Thread(target=server.serve_forever)
            thread.start()
            cases = answered_as_documented(f"http://{HOST}:{port}", token, tmp_path, examples=4)
            server.shutdown()
            thread.join(30)
    record_property("cases", cases)
    assert cases > 100
