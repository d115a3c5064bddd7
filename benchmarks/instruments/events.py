"""Events of API Gateway (HTTP API, payload 2.0), as the handler is given them."""

import json
from typing import Any


class Context:
    """Of an invocation, as far as the log asks."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


def event(method: str, path: str, *, query: str = "", body: Any = None, headers: dict[str, str] | None = None) -> Any:
    """A request as API Gateway passes it on for a browser."""
    sent = {
        "host": "films.example.org",
        "accept": "application/json",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        "x-forwarded-proto": "https",
        **({} if body is None else {"content-type": "application/json"}),
        **(headers or {}),
    }
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": sent,
        "requestContext": {"http": http, "requestId": "JKJaXmPLvHcESHA=", "stage": "$default"},
        **({} if body is None else {"body": json.dumps(body)}),
        "isBase64Encoded": False,
    }
