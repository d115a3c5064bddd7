"""A provider of tokens, and the API for members, in this process."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from function.api.app import create_app
from function.settings import Settings, SignIn
from tests.support.served import InProcess

CLIENT = "the-page"


@dataclass
class Provider:
    """Signs tokens with RS256, and publishes its keys as an OpenID Connect provider does."""

    issuer: str = "https://identity.example"
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    kid: str = "key-1"

    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "RS256"}]}

    def claims(self, subject: str = "ada") -> dict[str, Any]:
        moment = int(time.time())
        issued = {"iat": moment, "auth_time": moment, "exp": moment + 600}
        return {"iss": self.issuer, "sub": subject, "client_id": CLIENT, "aud": "the-api", **issued}

    def token(self, subject: str = "ada", **changed: Any) -> str:
        claims = {name: value for name, value in {**self.claims(subject), **changed}.items() if value is not None}
        return jwt.encode(claims, self.key, "RS256", {"kid": self.kid, "typ": "at+jwt"})


@contextmanager
def published(provider: Provider) -> Iterator[str]:
    """The address at which this machine has the provider's keys."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(provider.jwks()).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextmanager
def members_set_up(folder: Path) -> Iterator[tuple[dict[str, str], str]]:
    """The variables of a function with members, kept in `folder`, and a token of one of them for two hours."""
    provider = Provider()
    with published(provider) as jwks:
        variables = {
            "STORE": f"sqlite:///{folder}/members.sqlite3",
            "SIGN_IN_ISSUER": provider.issuer,
            "SIGN_IN_JWKS": jwks,
            "SIGN_IN_CLIENT": CLIENT,
        }
        yield variables, provider.token(exp=int(time.time()) + 7200)


@contextmanager
def members_api(root: Path, store: str, provider: Provider) -> Iterator[httpx.Client]:
    """The API over the bundle in `root`, for members of `provider`."""
    with published(provider) as jwks:
        settings = Settings(
            bundle_dir=root, open_users="all", store=store, sign_in=SignIn(provider.issuer, jwks, CLIENT)
        )
        with httpx.Client(transport=InProcess(create_app(settings)), base_url="http://function") as client:
            yield client


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
