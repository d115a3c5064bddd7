"""The Lambda handler: API Gateway events (v2 and v1) to ASGI through Mangum, and an operator's check of a release.

Everything loads at module scope, because Lambda's INIT phase has a full CPU and runs once. `lifespan` is off because
Mangum would run it in every invocation.
"""

# ruff: noqa: E402  (the collector is stopped for the imports below)
import gc

# A start creates no garbage, and looking for some takes a seventh of it.
gc.disable()

from contextlib import suppress
from functools import cache
from typing import Any, Final

from mangum import Mangum

from function.api.app import create_app
from function.bundle.format import BundleError
from function.logs import RequestLog, log_fallback
from function.settings import Settings

# What the API sends; Mangum would encode the second in base64, because its own list does not have it.
TEXT_TYPES: Final = ["application/json", "application/problem+json"]


@cache
def _api() -> Mangum:
    app = create_app()
    release = app.state.recommender.bundle.manifest.release
    if app.state.fallback:
        log_fallback(release, app.state.fallback)
    return Mangum(
        RequestLog(app, release=release, metrics=Settings.from_environment().route_metrics),
        lifespan="off",
        text_mime_types=TEXT_TYPES,
    )


# If nothing loads, a release can still be checked; the next request tries and reports again.
with suppress(BundleError):
    _api()

# All of it lives as long as the process, so later collections skip it.
gc.freeze()
gc.enable()


def handler(event: dict[str, Any], context: Any) -> Any:
    """Answer an event of API Gateway, or check a release: {"check_release": ID}.

    Visitors cannot send the latter: API Gateway composes its own events, and IAM decides who may invoke.

    Raises BundleError if there is nothing to serve, or if the release to check does not load or fails its goldens.
    """
    if event.keys() == {"check_release"}:
        from function.bundle.remote import try_release  # imported only for this event

        return try_release(Settings.from_environment().bundle_uri, str(event["check_release"]))
    return _api()(event, context)
