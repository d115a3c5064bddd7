"""Settings come from the environment, with safe defaults."""

from pathlib import Path

import pytest

from function.settings import Settings, SignIn


def test_defaults() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.open_users is None  # by the data
    assert settings.allow_origins == ()


def test_each_variable() -> None:
    settings = Settings.from_environment(
        {
            "BUNDLE_DIR": "/b",
            "BUNDLE_URI": "s3://b/films",
            "OPEN_USERS": "all",
            "ALLOW_ORIGINS": "https://a.example, https://b.example",
        }
    )
    assert settings.bundle_dir == Path("/b")
    assert settings.bundle_uri == "s3://b/films"
    assert settings.open_users == "all"
    assert settings.allow_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(("name", "value"), [("OPEN_USERS", "everyone"), ("ALLOW_ORIGINS", "https://a.example,*")])
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Settings.from_environment({name: value})


SIGN_IN = {
    "STORE": "sqlite:///artifacts/members.sqlite3",
    "SIGN_IN_ISSUER": "https://identity.example",
    "SIGN_IN_JWKS": "https://identity.example/jwks",
    "SIGN_IN_CLIENT": "page",
}


def test_sign_in_needs_a_provider_its_keys_a_client_and_a_store() -> None:
    settings = Settings.from_environment({**SIGN_IN, "SIGN_IN_TOKEN_USE": "access", "SIGN_IN_SCOPE": "openid"})
    assert settings.store == SIGN_IN["STORE"]
    assert settings.sign_in == SignIn(
        "https://identity.example", "https://identity.example/jwks", "page", "access", "openid"
    )
    assert Settings.from_environment({**SIGN_IN, "SIGN_IN_ISSUER": ""}).sign_in is None
    for name in ("STORE", "SIGN_IN_JWKS", "SIGN_IN_CLIENT"):
        with pytest.raises(ValueError, match=name):
            Settings.from_environment({**SIGN_IN, name: ""})


@pytest.mark.parametrize("jwks", ["http://identity.example/jwks", "file:///etc/passwd", "identity.example/jwks"])
def test_keys_come_over_tls_but_from_this_machine(jwks: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Settings.from_environment({**SIGN_IN, "SIGN_IN_JWKS": jwks})
    assert Settings.from_environment({**SIGN_IN, "SIGN_IN_JWKS": "http://127.0.0.1:8000/jwks"}).sign_in
