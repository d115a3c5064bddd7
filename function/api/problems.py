"""Errors as problem details (RFC 9457): each says what is wrong, where, and how to fix it; none shows internals."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

MEDIA_TYPE: Final = "application/problem+json"
MAX_DETAILS: Final = 20  # a body with 500 wrong ratings gets 20 errors


class Detail(BaseModel, defer_build=True):
    """One wrong value: `pointer` (RFC 6901) into the body, or the name of a `parameter`."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class ProblemDocument(BaseModel, defer_build=True):
    """The members of RFC 9457, `errors` where several values are wrong, and with 412 what is `current`, if anything."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Detail] | None = None
    current: dict[str, Any] | None = None


class Problem(Exception):  # noqa: N818  (the RFC's word)
    """An error to answer with; `current` is what a precondition was about."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        errors: Sequence[Detail] = (),
        *,
        headers: Mapping[str, str] | None = None,
        current: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.current = current


def parameter_problem(name: str, detail: str) -> Problem:
    """422 for one parameter of the query string."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name}: {detail}", [Detail(parameter=name, detail=detail)])


def problem_response(
    path: str,
    status: int,
    detail: str,
    errors: Sequence[Detail] = (),
    headers: dict[str, str] | None = None,
    current: Mapping[str, Any] | None = None,
) -> Response:
    """`path` is the request's; it becomes `instance`."""
    document = ProblemDocument(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=path,
        errors=list(errors[:MAX_DETAILS]) or None,
        current=None if current is None else dict(current),
    )
    body = json.dumps(document.model_dump(exclude_none=True))
    return Response(body, status, {"cache-control": "no-store", **(headers or {})}, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> Response:
        return problem_response(
            request.scope["path"], problem.status, problem.detail, problem.errors, problem.headers, problem.current
        )

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        details = {
            400: "The body cannot be read: it is not JSON in UTF-8, or nested too deeply.",
            404: "There is nothing at this address. The API is described at /api/openapi.json.",
            405: f"{request.method} is not possible here. See the Allow header.",
        }
        detail = details.get(error.status_code, error.detail)
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers = {"allow": ", ".join(sorted(_methods(app, request)))}
            if request.method == "OPTIONS":
                return Response(status_code=HTTPStatus.NO_CONTENT, headers={"cache-control": "no-store", **headers})
        return problem_response(request.scope["path"], error.status_code, detail, headers=headers)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, invalid: RequestValidationError) -> Response:
        errors = invalid.errors()
        if any(error["type"] == "json_invalid" for error in errors):
            return problem_response(request.scope["path"], 400, "The body is not JSON.")
        details = [_detail(error) for error in errors]
        first = details[0]
        where = first.parameter or first.pointer or "the body"
        return problem_response(request.scope["path"], 422, f"{where}: {first.detail}", details)

    @app.exception_handler(Exception)
    async def on_defect(request: Request, _: Exception) -> Response:
        # Not logged here: the error goes on to the server, or to function/logs.py, which leaves its message out.
        return problem_response(request.scope["path"], 500, "The server failed at this request. Trying again may help.")


def _methods(app: FastAPI, request: Request) -> set[str]:
    """The methods of all routes that match the path of `request` (RFC 9110, 15.5.6)."""
    matching = [route for route in app.router.routes if route.matches(request.scope)[0] != Match.NONE]
    methods = {method for route in matching if isinstance(route, Route) for method in route.methods or ()}
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


def _detail(error: Any) -> Detail:
    source, *path = error["loc"]
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = "there is no such field" if source == "body" else "there is no such parameter"
    if source == "body":
        if not path and error["type"] == "model_attributes_type":
            message = "send a JSON object, with the header Content-Type: application/json"
        # RFC 6901: "" is the whole body, and a name's own ~ and / are escaped.
        return Detail(
            pointer="".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path), detail=message
        )
    return Detail(parameter=str(path[0]) if path else str(source), detail=message)
