"""The demo bundle and the API over it, for tests of the function."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from function.api.app import create_app
from function.settings import Settings

FILMS, USERS = 400, 60


class InProcess(httpx.BaseTransport):
    """The application without a server: requests go to its ASGI callable."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        passed_on = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        response = await self._transport.handle_async_request(passed_on)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


def in_process(root: Path) -> InProcess:
    """The API over the bundle in `root`, every user open."""
    return InProcess(create_app(Settings(bundle_dir=root, open_users="all")))
