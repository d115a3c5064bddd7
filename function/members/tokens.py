"""Access tokens of an OpenID Connect provider (RFC 9068; Amazon Cognito's, which name their use, as well).

Only requests that carry a token import this: PyJWT and its cryptography take tens of milliseconds.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final
from urllib.request import urlopen

import jwt

from function.settings import SignIn

MAX_TOKEN: Final = 8192  # characters
LEEWAY: Final = 5  # seconds that clocks may differ
KEEP_SECONDS: Final = 3600  # for which keys are used without asking again
PATIENCE_SECONDS: Final = 60  # between two looks for an unknown key, or forged tokens would make us ask all the time
RETRY_SECONDS: Final = 1  # between two looks while there are no keys at all
TIMEOUT: Final = 3.0

Fetch = Callable[[], dict[str, Any]]


class TokenError(Exception):
    """A token that proves nothing. The message says why, and is for the one who sent it."""


class ScopeError(Exception):
    """A good token, without the scope that is asked here."""


class ProviderError(Exception):
    """The provider's keys cannot be had."""


@dataclass
class Keys:
    """The provider's public keys, by id. Of requests at once, one asks for them and the others wait for its answer."""

    fetch: Fetch
    clock: Callable[[], float] = time.monotonic
    _keys: dict[str, Any] = field(default_factory=dict)
    _asked: float = float("-inf")
    _got: float = float("-inf")
    _asking: Lock = field(default_factory=Lock)

    def get(self, kid: str) -> Any:
        """The key with this id. Raises TokenError if there is none, ProviderError if no keys can be had."""
        if self._must_ask(kid):
            with self._asking:
                if self._must_ask(kid):  # nobody has asked while this one waited
                    self._refresh()
        if not self._keys:
            raise ProviderError("the provider's keys cannot be had")
        if kid not in self._keys:
            raise TokenError("its key is not one of the provider's")
        return self._keys[kid]

    def _must_ask(self, kid: str) -> bool:
        time = self.clock()
        old = time - self._got >= KEEP_SECONDS
        patience = PATIENCE_SECONDS if self._keys else RETRY_SECONDS
        return (old or kid not in self._keys) and time - self._asked >= patience

    def _refresh(self) -> None:
        try:
            found = jwt.PyJWKSet.from_dict(self.fetch()).keys
            self._keys = {key.key_id: key.key for key in found if key.key_id and key.key_type == "RSA"}
            self._got = self.clock()
        except (OSError, ValueError, AttributeError, TypeError, jwt.PyJWTError):
            pass  # the old ones do until the provider is back
        finally:
            self._asked = self.clock()  # only now, since whoever comes meanwhile is to wait for the answer


@dataclass(frozen=True)
class Verifier:
    """Verifies tokens by the settings of one provider."""

    sign_in: SignIn
    keys: Keys

    @classmethod
    def of(cls, sign_in: SignIn) -> "Verifier":
        """With the keys that the provider publishes."""

        def fetch() -> dict[str, Any]:
            with urlopen(sign_in.jwks, timeout=TIMEOUT) as response:  # noqa: S310  (Settings admits https only)
                keys: dict[str, Any] = json.loads(response.read(1 << 20))
            return keys

        return cls(sign_in, Keys(fetch))

    def claims(self, token: str) -> dict[str, Any]:
        """What a valid access token says. Raises TokenError, ScopeError, ProviderError."""
        try:
            if len(token) > MAX_TOKEN:
                raise TokenError("it is too long")
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
                raise TokenError("it is not signed with RS256 and a key id")
            claims: dict[str, Any] = jwt.decode(
                token,
                self.keys.get(header["kid"]),
                algorithms=["RS256"],
                issuer=self.sign_in.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "sub"], "verify_aud": False},
            )
        except jwt.PyJWTError as error:
            raise TokenError(str(error).rstrip(".").lower()) from error
        self._check(header, claims)
        return claims

    def _check(self, header: dict[str, Any], claims: dict[str, Any]) -> None:
        if self.sign_in.token_use:
            if claims.get("token_use") != self.sign_in.token_use:
                raise TokenError("it is for another use; send the access token")
        elif str(header.get("typ", "")).lower().removeprefix("application/") != "at+jwt":
            raise TokenError("it is no access token (RFC 9068: typ at+jwt)")
        audience = claims.get("aud", [])
        audiences = audience if isinstance(audience, list) else [audience]
        if self.sign_in.client not in (*audiences, claims.get("client_id")):
            raise TokenError("it is for another application")
        scope = claims.get("scope", "")
        if self.sign_in.scope and self.sign_in.scope not in (scope.split() if isinstance(scope, str) else scope):
            raise ScopeError(self.sign_in.scope)
