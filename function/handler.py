"""The Lambda handler: API Gateway events (v2 and v1) to ASGI, through Mangum; and an operator's trial of a release.

Everything is loaded here, at module scope: Lambda's INIT phase has a full CPU and happens once. `lifespan` is off
because Mangum would run it inside every invocation.
"""

# ruff: noqa: E402  (the imports below are what the collector is stopped for)
import gc

# Nothing that a start makes is garbage, and looking for some takes a seventh of it.
gc.disable()

from contextlib import suppress
from functools import cache
from typing import Any

from mangum import Mangum

from function.api.app import create_app
from function.bundle.format import BundleError
from function.logs import RequestLog
from function.settings import Settings


@cache
def _api() -> Mangum:
    app = create_app()
    return Mangum(RequestLog(app, release=app.state.recommender.bundle.manifest.release), lifespan="off")


# A release that does not load must not keep another from being tried: the next request tries, and tells, once more.
with suppress(BundleError):
    _api()

# Nor will any of it ever be: later collections leave it out, and no request waits for them.
gc.freeze()
gc.enable()


def handler(event: dict[str, Any], context: Any) -> Any:
    """Answer an event of API Gateway, or try a release: {"check_release": ID}, which only Invoke can send.

    The members of API Gateway's events are its own, whatever a visitor sends, and who may invoke is a matter of IAM.

    Raises BundleError where the served release, or the one to try, does not load or fails its goldens.
    """
    if event.keys() == {"check_release"}:
        from function.bundle.remote import try_release  # not what a visitor waits for

        return try_release(Settings.from_environment().bundle_uri, str(event["check_release"]))
    return _api()(event, context)
