"""Settings come from the environment, with safe defaults."""

from pathlib import Path

import pytest

from function.settings import Settings


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
