"""Which tokens prove who somebody is: the real ones, and no forged one."""

from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from threading import Event
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from function.members.tokens import (
    KEEP_SECONDS,
    PATIENCE_SECONDS,
    RETRY_SECONDS,
    Keys,
    ProviderError,
    ScopeError,
    TokenError,
    Verifier,
)
from function.settings import SignIn
from tests.support.forgeries import FORGERIES, forged, part, signed
from tests.support.members import CLIENT, Provider

SIGN_IN = SignIn("https://identity.example", "https://identity.example/jwks", CLIENT)
COGNITO = SIGN_IN._replace(token_use="access")


@pytest.fixture(scope="module")
def provider() -> Provider:
    return Provider()


@pytest.fixture(scope="module")
def stranger() -> Provider:
    """Another provider, with a key of its own under the same id."""
    return Provider()


def verifier(provider: Provider, sign_in: SignIn = SIGN_IN) -> Verifier:
    return Verifier(sign_in, Keys(provider.jwks))


def test_an_access_token_is_good(provider: Provider) -> None:
    assert verifier(provider).claims(provider.token("ada"))["sub"] == "ada"
    ours = provider.token("ada", client_id=None, aud=CLIENT)
    assert verifier(provider).claims(ours)["sub"] == "ada"


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_proves_nothing(name: str, provider: Provider, stranger: Provider) -> None:
    with pytest.raises(TokenError):
        verifier(provider).claims(forged(provider, stranger)[name])


def test_cognito_s_tokens_name_their_use(provider: Provider) -> None:
    def token(**more: Any) -> str:
        return signed(provider, {"typ": "JWT"}, {**provider.claims(), "aud": None, **more})

    pool = verifier(provider, COGNITO)
    assert pool.claims(token(token_use="access"))["sub"] == "ada"
    for wrong in ({"token_use": "id", "aud": CLIENT}, {}, {"token_use": "access", "client_id": "another"}):
        with pytest.raises(TokenError):
            pool.claims(token(**wrong))


def test_a_scope_may_be_needed(provider: Provider) -> None:
    scoped = verifier(provider, SIGN_IN._replace(scope="films"))
    assert scoped.claims(provider.token(scope="openid films"))
    for scope in ("openid", "films:read", None):
        with pytest.raises(ScopeError, match="films"):
            scoped.claims(provider.token(scope=scope))


class Asked:
    """A provider's keys, and how often they were asked for."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.times = 0
        self.down = False

    def __call__(self) -> dict[str, Any]:
        self.times += 1
        if self.down:
            raise OSError("down")
        return self.provider.jwks()


def test_keys_are_asked_for_once_and_not_for_every_forged_token(provider: Provider) -> None:
    now = 0.0
    asked = Asked(provider)
    keys = Keys(asked, lambda: now)
    for _ in range(50):
        assert keys.get("key-1")
        with pytest.raises(TokenError):
            keys.get("forged")
    assert asked.times == 1
    now += PATIENCE_SECONDS
    for _ in range(50):
        with pytest.raises(TokenError):
            keys.get("forged")
    assert asked.times == 2


def test_first_requests_at_once_wait_for_one_answer(provider: Provider) -> None:
    asked = Asked(provider)
    answer = Event()

    def slowly() -> dict[str, Any]:
        assert answer.wait(10)
        return asked()

    keys = Keys(slowly)
    with ThreadPoolExecutor(8) as people:
        found = [people.submit(keys.get, "key-1") for _ in range(8)]
        assert wait(found, timeout=0.2).not_done == set(found)
        answer.set()
        assert all(one.result() for one in found)
    assert asked.times == 1


def test_a_new_key_is_found_and_an_old_one_forgotten() -> None:
    now = 0.0
    provider = Provider()
    keys = Keys(Asked(provider), lambda: now)
    assert keys.get("key-1")
    provider.kid, provider.key = "key-2", rsa.generate_private_key(65537, 2048)
    now += PATIENCE_SECONDS
    assert keys.get("key-2")
    with pytest.raises(TokenError):
        keys.get("key-1")


def test_old_keys_do_while_the_provider_is_down(provider: Provider) -> None:
    now = 0.0
    asked = Asked(provider)
    keys = Keys(asked, lambda: now)
    asked.down = True
    with pytest.raises(ProviderError):
        keys.get("key-1")
    asked.down = False
    now += RETRY_SECONDS
    assert keys.get("key-1")
    asked.down = True
    now += KEEP_SECONDS
    before = asked.times
    for _ in range(20):
        assert keys.get("key-1")
    assert asked.times == before + 1


def test_keys_that_are_no_rsa_keys_verify_nothing(provider: Provider) -> None:
    secret = {"kty": "oct", "kid": "key-1", "k": part("secret"), "alg": "HS256"}
    empty: list[Any] = [{}, {"keys": []}, {"keys": "x"}, {"keys": [secret]}, []]
    for published in empty:
        with pytest.raises(ProviderError):
            Keys(partial(lambda keys: keys, published)).get("key-1")
