"""Who asks: the token of a request, verified, and the member's session with the store."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from threading import Lock
from typing import Annotated, Any, Final, ParamSpec, TypeVar

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from function.api.dependencies import SettingsDep
from function.api.problems import Detail, Problem
from function.api.routing import INVALID, PROBLEM, Responses
from function.members.account import (
    CHANGES_PER_MINUTE,
    MAX_KEY,
    DeletedError,
    KeyReuseError,
    Member,
    RateError,
    Repeatable,
    Session,
    member_id,
)
from function.members.opening import open_store
from function.members.store import BusyError, Store, StoreError
from function.settings import Settings, SignIn

P = ParamSpec("P")
T = TypeVar("T")

SIGN_IN: Final = HTTPBearer(
    bearerFormat="JWT",
    scheme_name="signIn",
    description="An access token of the provider that site-config.json names (docs/sign-in.md).",
    auto_error=False,
)
MEMBER: Final[Responses] = {
    **INVALID,
    401: {**PROBLEM, "description": "No token, or one that proves nothing"},
    403: {**PROBLEM, "description": "The token lacks the scope"},
    503: {**PROBLEM, "description": "The store or the provider does not answer; try again"},
}
CHANGES: Final[Responses] = {429: {**PROBLEM, "description": "Too many changes in a minute"}}
STALE: Final[Responses] = {412: {**PROBLEM, "description": "It has another version; `current` is what there is"}}


# The first requests may come at once, and `cache` would let each of them open a store and fetch the provider's keys.
_opening: Final = Lock()


@cache
def _store(uri: str) -> Store:
    return open_store(uri)


@cache
def _verifier(sign_in: SignIn) -> Any:
    from function.members.tokens import Verifier  # with PyJWT, so only for requests that have a token

    return Verifier.of(sign_in)


def _session(settings: Settings, token: str) -> Session:
    """Raises Problem: 401, 403 or 503."""
    assert settings.sign_in is not None  # noqa: S101  (else these routes are not there)
    with _opening:
        verifier = _verifier(settings.sign_in)
    from function.members.tokens import ProviderError, ScopeError, TokenError

    try:
        claims = verifier.claims(token)
        with _opening:
            store = _store(settings.store)
    except TokenError as error:
        raise unauthorized(f"The token is not valid: {error}. Sign in again.", "invalid_token") from error
    except ScopeError as error:
        challenge = {"www-authenticate": f'Bearer error="insufficient_scope", scope="{error}"'}
        detail = f"The token lacks the scope {error}. Sign in again, asking for it."
        raise Problem(HTTPStatus.FORBIDDEN, detail, headers=challenge) from error
    except (ProviderError, StoreError) as error:
        raise unavailable() from error
    since = claims.get("auth_time", claims["iat"])
    name = next((claims[key] for key in ("name", "preferred_username") if isinstance(claims.get(key), str)), None)
    member = Member(member_id(claims["iss"], claims["sub"]), int(since), name)
    return Session(store, member)


def unauthorized(detail: str, error: str | None = None) -> Problem:
    challenge = 'Bearer error="invalid_token"' if error else "Bearer"
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"www-authenticate": challenge})


def unavailable() -> Problem:
    detail = "What is kept for members cannot be reached at the moment. Try again in a few seconds."
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"retry-after": "2"})


async def _signed_in(
    settings: SettingsDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(SIGN_IN)]
) -> Session:
    if credentials is None:
        raise unauthorized("Sign in: this address needs the header Authorization: Bearer, with an access token.")
    return await run_in_threadpool(_session, settings, credentials.credentials)


SessionDep = Annotated[Session, Depends(_signed_in)]


@contextmanager
def _as_problems() -> Iterator[None]:
    """The errors that any request of a member may meet, as problems."""
    try:
        yield
    except BusyError as error:
        raise unavailable() from error
    except DeletedError as error:
        raise unauthorized("This account was deleted. Sign in again to begin a new one.", "invalid_token") from error
    except RateError as error:
        detail = f"More than {CHANGES_PER_MINUTE} changes in a minute. Wait a minute."
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers={"retry-after": "60"}) from error
    except KeyReuseError as error:
        detail = "this key came with another request before; make a new one for each change"
        where = Detail(parameter="Idempotency-Key", detail=detail)
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"Idempotency-Key: {detail}", [where]) from error


async def kept(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """`work` on the store, in a thread of its own, since it waits. Raises Problem."""
    with _as_problems():
        return await run_in_threadpool(work, *given, **named)


async def _once(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=MAX_KEY,
            description="The same for every attempt at one change, which then has effect once, for a week",
        ),
    ] = None,
) -> Repeatable | None:
    if key is None:
        return None
    parts = (request.method.encode(), request.scope["path"].encode(), await request.body())
    return Repeatable(key, hashlib.sha256(b"\n".join(parts)).hexdigest())


OnceDep = Annotated[Repeatable | None, Depends(_once)]


async def _expected(
    if_match: Annotated[
        str | None,
        Header(
            pattern=r'^"\d{1,15}"$', description='The version that is to be changed, as in "7"; "0" is: none is there'
        ),
    ] = None,
) -> int | None:
    return None if if_match is None else int(if_match.strip('"'))


ExpectedDep = Annotated[int | None, Depends(_expected)]
