"""All routes below /api/me."""

from starlette.routing import BaseRoute

from function.api.members.account import account
from function.api.members.bulk import bulk
from function.api.members.films import films
from function.api.members.personal import personal
from function.api.members.shelves import shelves


def members() -> list[BaseRoute]:
    """The routes, in the order in which they match."""
    return [route for router in (account, bulk, films, shelves, personal) for route in router.routes]
