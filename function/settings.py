"""Settings from the environment. The defaults are safe on the open network."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args
from urllib.parse import urlsplit

OpenUsers = Literal["none", "samples", "all"]


class SignIn(NamedTuple):
    """The OpenID Connect provider whose access tokens the routes of members take."""

    issuer: str
    """SIGN_IN_ISSUER: the claim `iss`."""

    jwks: str
    """SIGN_IN_JWKS: the address of the provider's public keys."""

    client: str
    """SIGN_IN_CLIENT: the page's id at the provider, or the audience; in the claim `client_id` or `aud`."""

    token_use: str = ""
    """SIGN_IN_TOKEN_USE: the claim `token_use` (Amazon Cognito's: access). Empty demands the type at+jwt (RFC 9068)."""

    scope: str = ""
    """SIGN_IN_SCOPE: a scope that tokens must have; empty is none."""


@dataclass(frozen=True)
class Settings:
    """The function's settings. `from_environment` reads each from the variable of the same name in capitals."""

    bundle_dir: Path = Path("artifacts/bundles")
    """A bundle's folder, or a bundle root, whose current bundle is served."""

    bundle_uri: str = ""
    """Releases in S3, as s3://bucket/prefix (function/bundle/remote.py). The current one is served instead, if any."""

    open_users: OpenUsers | None = None
    """Whose recommendations may be read without proof of identity: nobody's, the sample profiles', or all known users'.
    None ("auto" in the environment) decides by the data: samples of MovieLens, nobody of your own."""

    allow_origins: tuple[str, ...] = ()
    """Other sites whose pages may call the API (CORS), separated by commas. The project's own page needs none."""

    route_metrics: bool = False
    """Whether each request writes metrics by route, which CloudWatch bills (function/logs.py): on or off."""

    store: str = ""
    """Where members' data is kept: sqlite:///PATH or dynamodb://TABLE (function/members/store.py)."""

    sign_in: SignIn | None = None
    """Whose tokens prove who somebody is. Without it, or without a store, nobody can sign in."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises ValueError, naming the variable, if a value is invalid."""
        open_users = environment.get("OPEN_USERS", "auto")
        if open_users not in ("auto", *get_args(OpenUsers)):
            raise ValueError(f"OPEN_USERS={open_users}: use auto, none, samples or all")
        origins = tuple(origin.strip() for origin in environment.get("ALLOW_ORIGINS", "").split(",") if origin.strip())
        if "*" in origins:
            raise ValueError("ALLOW_ORIGINS=*: name the sites, for example https://films.example.org")
        route_metrics = environment.get("ROUTE_METRICS", "off")
        if route_metrics not in ("on", "off"):
            raise ValueError(f"ROUTE_METRICS={route_metrics}: use on or off")
        return cls(
            bundle_dir=Path(environment.get("BUNDLE_DIR", cls.bundle_dir)),
            bundle_uri=environment.get("BUNDLE_URI", cls.bundle_uri),
            open_users=None if open_users == "auto" else cast(OpenUsers, open_users),
            allow_origins=origins,
            route_metrics=route_metrics == "on",
            store=environment.get("STORE", cls.store),
            sign_in=_sign_in(environment),
        )


def _sign_in(environment: Mapping[str, str]) -> SignIn | None:
    """Raises ValueError, naming the variable."""
    issuer = environment.get("SIGN_IN_ISSUER", "")
    if not issuer:
        return None
    needed = {name: environment.get(name, "") for name in ("STORE", "SIGN_IN_JWKS", "SIGN_IN_CLIENT")}
    for name, value in needed.items():
        if not value:
            raise ValueError(f"{name} is not set, but SIGN_IN_ISSUER is: set both, or neither")
    address = urlsplit(needed["SIGN_IN_JWKS"])
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in ("127.0.0.1", "localhost")):
        raise ValueError(f"SIGN_IN_JWKS={address.geturl()}: use an https address; http is for this machine only")
    return SignIn(
        issuer,
        needed["SIGN_IN_JWKS"],
        needed["SIGN_IN_CLIENT"],
        environment.get("SIGN_IN_TOKEN_USE", ""),
        environment.get("SIGN_IN_SCOPE", ""),
    )
