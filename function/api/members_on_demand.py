"""The routes of members, added when one of them is first asked for: a visitor's cold start does not wait for them."""

from http import HTTPStatus

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from function.api.problems import problem_response
from function.settings import Settings


class MembersOnDemand:
    """ASGI middleware: adds the routes below /api/me to `api`, or answers 404 to them where nobody can sign in.

    The OpenAPI document has them, so a request for it adds them, too.
    """

    def __init__(self, app: ASGIApp, *, api: FastAPI) -> None:
        self.app = app
        self._api = api
        self._added = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            settings: Settings = self._api.state.settings
            wanted = path == "/api/me" or path.startswith("/api/me/")
            if settings.sign_in is None:
                if wanted:
                    detail = "Sign-in is not set up here: docs/sign-in.md says how."
                    return await problem_response(path, HTTPStatus.NOT_FOUND, detail)(scope, receive, send)
            elif not self._added and (wanted or path == "/api/openapi.json"):
                from function.api.members.routes import members

                self._api.router.routes.extend(members())
                self._added = True
        return await self.app(scope, receive, send)
