"""ASGI middleware: HEAD, and a limit on request bodies."""

from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from function.api.problems import problem_response

MAX_BODY: Final = 64 * 1024  # bytes; 500 ratings take about 20 KiB
MAX_BULK: Final = 2 * 1024 * 1024  # 5,000 rows of an import, with long titles
BULK: Final = frozenset({"/api/me/import", "/api/me/merge"})


class HeadAsGet:
    """Answers HEAD with the headers of GET (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)

        async def send_headers(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # The scope itself, not a copy: function/logs.py reads the matched route from it.
        scope["method"] = "GET"
        try:
            await self.app(scope, receive, send_headers)
        finally:
            scope["method"] = "HEAD"


class BodyLimit:
    """Answers 413 to a body above `MAX_BODY`, or `MAX_BULK` at the addresses in `BULK`, before anything parses it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await self.app(scope, receive, send)
        most = MAX_BULK if scope["path"] in BULK else MAX_BODY
        body, more = bytearray(), True
        while more and len(body) <= most:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if len(body) > most:
            detail = f"The body is larger than {most // 1024} KiB. Send fewer ratings."
            refusal = problem_response(scope["path"], HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
            return await refusal(scope, receive, send)

        unread: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        return await self.app(scope, replay, send)
