"""The kind of route that members have, routers, and what the document says of errors."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.routing import APIRoute

from function.api.problems import parameter_problem

Responses = dict[int | str, dict[str, Any]]
# A reference, because FastAPI builds a validator for each `model` in `responses`, dozens of them in every cold start.
# /ready names the model, so the schema is in the document.
PROBLEM: Final[dict[str, Any]] = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
}
INVALID: Final[Responses] = {422: {**PROBLEM, "description": "A value is not possible"}}
NOT_FOUND: Final[Responses] = {404: {**PROBLEM, "description": "No such film or user"}}
FORBIDDEN: Final[Responses] = {
    403: {**PROBLEM, "description": "Not a sample profile"},
    **NOT_FOUND,
    503: {**PROBLEM, "description": "The ratings of the user cannot be read at the moment"},
}
BODY: Final[Responses] = {
    400: {**PROBLEM, "description": "The body cannot be read"},
    413: {**PROBLEM, "description": "The body is too large"},
}
PAGES: Final[Responses] = {
    400: {**PROBLEM, "description": "The cursor or the body cannot be read"},
    410: {**PROBLEM, "description": "The cursor is of another release"},
}
NO_STORE: Final = "no-store"  # for answers that nobody may keep


class StrictRoute(APIRoute):
    """Refuses bodies that are not UTF-8, which JSON between systems is (RFC 8259, 8.1), where Python guesses others.

    Refuses query parameters where the route has none; elsewhere the query's model does (`extra="forbid"`). Caches key
    on the whole query string, so an ignored parameter would be a way around them.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            if not self.dependant.query_params:
                refuse_parameters(request)
            if self.dependant.body_params:
                utf8(await request.body())
            return await handler(request)

        return strictly


def refuse_parameters(request: Request) -> None:
    """Raises Problem 422 if there are query parameters."""
    if request.scope["query_string"]:
        for name in request.query_params:
            raise parameter_problem(name, "there is no such parameter")


def utf8(body: bytes) -> str:
    """Raises HTTPException 400."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None


def router(
    tag: str, route_class: type[APIRoute] = StrictRoute, *, prefix: str = "/api", responses: Responses = INVALID
) -> APIRouter:
    """A router below `prefix`; its operations have their function's name, `tag`, and `responses` besides their own."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        responses=responses,
        route_class=route_class,
        generate_unique_id_function=lambda route: route.name,
    )
