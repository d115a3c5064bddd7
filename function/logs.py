"""One JSON line per request: what happened, and how long it took.

CloudWatch answers questions about such lines by queries, which cost nothing until they are asked (template.yaml saves
some). It also extracts metrics from a line with an `_aws` member (Embedded Metric Format), without a call to a service.
Those cost more than all else of a small site, so requests have it only with ROUTE_METRICS=on.

A line identifies no visitor: it has the route's template instead of the path, no query, body, address or user id, and
of an error its type and stack but not its message.

Format: "Specification: Embedded metric format" in the Amazon CloudWatch user guide.
"""

import json
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from function.api.problems import problem_response

NAMESPACE: Final = "FilmRecommender"
CORRELATION: Final = "x-correlation-id"
UNMATCHED: Final = "(no route)"
# What a caller may put into the log: an id, not a sentence or an address.
_ID: Final = re.compile(r"[A-Za-z0-9._:=-]{1,128}")
_FRAMES: Final = 8
_IDS: Final = frozenset({CORRELATION.encode(), b"x-amzn-trace-id"})
_dumps: Final = json.JSONEncoder(separators=(",", ":")).encode


class RequestLog:
    """ASGI middleware: logs each request and adds `x-correlation-id` to the answer.

    Not to answers that shared caches keep, which would give one caller's id to others.

    A route reports how many films it scored by `request.state.candidates = n`.
    """

    def __init__(
        self, app: ASGIApp, *, release: str, metrics: bool = False, write: Callable[[str], object] | None = None
    ) -> None:
        self.app = app
        self.release = release
        self.metrics = metrics
        self.write = write or _to_stdout
        self.function = _function()
        self.cold = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cold, self.cold = self.cold, False
        ids = correlate(scope)
        state = scope.setdefault("state", {})
        status, answered = 500, False

        async def send_with_id(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                headers = message["headers"]
                if not any(name == b"cache-control" and value.startswith(b"public") for name, value in headers):
                    headers.append((CORRELATION.encode(), ids["correlation_id"].encode()))
            await send(message)

        began = time.perf_counter()
        error: dict[str, object] = {}
        try:
            await self.app(scope, receive, send_with_id)
        except Exception as raised:
            # Not raised again, because Mangum would log its message.
            error = {"error": describe(raised)}
            if not answered:
                await problem_response(scope["path"], 500, "The server failed.")(scope, receive, send_with_id)
        latency = (time.perf_counter() - began) * 1000
        facts = {
            "level": "ERROR" if status >= 500 else "INFO",
            "message": "request",
            **ids,
            "release": self.release,
            "cold_start": cold,
            "function": self.function,
            "route": route_template(scope),
            "method": scope["method"],
            "status": status,
            **error,
        }
        measures = {"latency": round(latency, 3), "cold_starts": int(cold), "errors": int(status >= 500)}
        if "candidates" in state:
            measures["candidates_scored"] = state["candidates"]
        self.write(line(facts, measures, metrics=self.metrics))


_UNITS: Final = {"latency": "Milliseconds"}
# Metrics of the whole function; the others are by route. CloudWatch bills each pair of metric and route.
_OVERALL: Final = frozenset({"cold_starts", "errors", "fallbacks"})


def line(facts: Mapping[str, object], measures: Mapping[str, float], *, metrics: bool) -> str:
    """One line of JSON; with `metrics` in Embedded Metric Format, whose dimensions `facts` has: `function`, `route`."""
    record = {**facts, **measures, **({"_aws": _directives(measures)} if metrics else {})}
    return _dumps(record)


def _directives(measures: Mapping[str, float]) -> dict[str, object]:
    def named(overall: bool) -> list[dict[str, str]]:
        return [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in measures if (name in _OVERALL) is overall]

    groups = ((["function", "route"], named(overall=False)), (["function"], named(overall=True)))
    directives = [
        {"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": found} for dimensions, found in groups if found
    ]
    return {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": directives}


def log_fallback(release: str, reason: str) -> None:
    """Log that `release`, the image's own, is served since the current one could not be taken; it raises an alarm.

    Always with its metric: it costs only in hours in which this happens.
    """
    facts = {
        "level": "ERROR",
        "message": "fallback",
        "release": release,
        "function": _function(),
        "reason": reason,
    }
    _to_stdout(line(facts, {"fallbacks": 1}, metrics=True))


def _function() -> str:
    return os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local")


def correlate(scope: Scope) -> dict[str, str]:
    """The ids of a request: Lambda's own, and the one that follows it across services.

    The correlation id is the first valid one of the caller's `x-correlation-id`, the root of `x-amzn-trace-id`, and
    API Gateway's request id.
    """
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in _IDS}
    request_id = getattr(scope.get("aws.context"), "aws_request_id", "local")
    gateway = str(scope.get("aws.event", {}).get("requestContext", {}).get("requestId") or request_id)
    traced = headers.get(b"x-amzn-trace-id", "")
    trace = dict(part.partition("=")[::2] for part in traced.split(";")).get("Root", "") if traced else ""
    candidates = (headers.get(CORRELATION.encode(), ""), trace, gateway)
    return {
        "request_id": request_id,
        "gateway_request_id": gateway,
        "correlation_id": next((found for found in candidates if _ID.fullmatch(found)), request_id),
    }


def route_template(scope: Scope) -> str:
    """`/api/users/{user_id}/recommendations` instead of the path, which names a user."""
    return str(getattr(scope.get("route"), "path", UNMATCHED))


def describe(error: BaseException) -> dict[str, Any]:
    """The type and innermost frames of an error, without its message, which may quote what the visitor sent."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _to_stdout(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
