"""Routes that FastAPI describes, and that answer by themselves: the document, the checks and the problems are the same.

For each request, FastAPI looks for every parameter under several names, opens two exit stacks, and validates the answer
before it serialises it. docs/performance.md has what that costs.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any, ClassVar, get_origin, get_type_hints

from fastapi import HTTPException, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from function.api.routing import NO_STORE, refuse_parameters, utf8


class DirectRoute(APIRoute):
    """A route of visitors and known users.

    Its endpoint is a coroutine with dependencies that are coroutines, too, text in the path, and one model for the
    query or the body. It returns a model, or the JSON of one. Each GET has an entity tag, of the release, the code and
    the address, so that a caller who has the answer gets a 304 before anything is scored (RFC 9110, 8.8.3).
    """

    cache: ClassVar[str] = NO_STORE  # of answers to GET

    def __init__(self, path: str, endpoint: Callable[..., Any], *, methods: Sequence[str], **settings: Any) -> None:
        # What a request is matched by. The rest waits until somebody asks for this route, or for the document.
        self.path, self.endpoint, self.name, self.methods = path, endpoint, endpoint.__name__, set(methods)
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.app = self._answer
        self._cache = self.cache if "GET" in self.methods else NO_STORE
        self._settings: dict[str, Any] | None = {"methods": methods, **settings}

    def __getattr__(self, name: str) -> Any:
        settings = self.__dict__.get("_settings")
        if settings is None:
            raise AttributeError(name)
        self._settings = None
        for asked in get_type_hints(self.endpoint).values():
            if isinstance(asked, type) and issubclass(asked, BaseModel):
                asked.model_config["defer_build"] = False  # or FastAPI's field of it would wait as well
                asked.model_rebuild()
        super().__init__(self.path, self.endpoint, **settings)
        self.app = self._answer
        self._query = _model(self.dependant.query_params)
        self._body = _model(self.dependant.body_params)
        return getattr(self, name)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Problem, RequestValidationError and HTTPException."""
        request = Request(scope, receive)
        if self._query is None:
            refuse_parameters(request)
        body = await _json(request) if self._body else None
        values = await _arguments(self.dependant, request)
        if self._query:
            values[self.dependant.query_params[0].name] = _asked(self._query, scope["query_string"])
        if self._body:
            values[self.dependant.body_params[0].name] = _valid(self._body, body, "body")
        response = await (self._fresh(values) if self._cache == NO_STORE else self._conditional(request, values))
        await response(scope, receive, send)

    async def _conditional(self, request: Request, values: dict[str, Any]) -> Response:
        tag = entity_tag(request)
        known = known_tags(request)
        if tag not in known:
            response = await self._fresh(values)
            if "*" not in known:
                response.headers["etag"] = tag
                return response
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"cache-control": self._cache, "etag": tag})

    async def _fresh(self, values: dict[str, Any]) -> Response:
        answer = await self.endpoint(**values)
        content = answer.model_dump_json() if isinstance(answer, BaseModel) else answer
        return Response(content, headers={"cache-control": self._cache}, media_type="application/json")


class PublicRoute(DirectRoute):
    """Answers with what a release contains. A rollback shows within five minutes."""

    cache = "public, max-age=300"


class PrivateRoute(DirectRoute):
    """Answers about one user; shared caches must not keep them."""

    cache = "private, max-age=60"


def entity_tag(request: Request) -> str:
    """Weak: the last digits of a score may depend on the processor."""
    address = f"{request.app.state.edition} {request.scope['path']}?".encode() + request.scope["query_string"]
    return f'W/"{hashlib.sha256(address).hexdigest()[:20]}"'


def known_tags(request: Request) -> set[str]:
    """The entity tags that the caller has, as weak ones."""
    given = request.headers.get("if-none-match")
    tags = (tag.strip() for tag in given.split(",")) if given else ()
    return {f"W/{tag}" if tag.startswith('"') else tag for tag in tags}


def _model(fields: Sequence[Any]) -> type[BaseModel] | None:
    """The model of the query or of the body."""
    if not fields:
        return None
    (field,) = fields
    model: type[BaseModel] = field.field_info.annotation
    assert issubclass(model, BaseModel), f"{field.name} is not a model"  # noqa: S101  (of our own code, at the start)
    return model


async def _arguments(dependant: Dependant, request: Request) -> dict[str, Any]:
    """What an endpoint or a dependency is called with, except the query and the body."""
    values: dict[str, Any] = {field.name: request.path_params[field.name] for field in dependant.path_params}
    if dependant.request_param_name:
        values[dependant.request_param_name] = request
    for needed in dependant.dependencies:
        assert needed.name is not None and needed.call is not None  # noqa: S101, PT018  (FastAPI's types are wider)
        values[needed.name] = await needed.call(**await _arguments(needed, request))
    return values


@lru_cache(maxsize=128)  # pages ask the same again and again
def _asked(model: type[BaseModel], query_string: bytes) -> BaseModel:
    """The query: lists for the fields that are lists, and the last values for the others.

    Raises RequestValidationError.
    """
    lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}
    query = QueryParams(query_string)
    return _valid(model, {name: query.getlist(name) if name in lists else query[name] for name in query}, "query")


async def _json(request: Request) -> Any:
    """The body; its bytes if they are not said to be JSON. Raises HTTPException 400, or RequestValidationError."""
    raw = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not raw or not (media_type == "application/json" or media_type.endswith("+json")):
        return raw or None
    try:
        return json.loads(utf8(raw))
    except json.JSONDecodeError as error:
        raise RequestValidationError([{"type": "json_invalid", "loc": ("body", error.pos), "msg": error.msg}]) from None
    except (ValueError, RecursionError):  # a number of too many digits, or nested too deeply
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None


def _valid(model: type[BaseModel], given: Any, source: str) -> BaseModel:
    """Raises RequestValidationError."""
    try:
        return model.model_validate(given, from_attributes=True)  # as FastAPI does
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**error, "loc": (source, *error["loc"])} for error in errors]) from None
