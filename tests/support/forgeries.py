"""Tokens that prove nothing: one for each way to forge one."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization

from tests.support.members import CLIENT, Provider


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def signed(provider: Provider, header: dict[str, Any], claims: dict[str, Any], algorithm: str = "RS256") -> str:
    return jwt.encode(claims, provider.key, algorithm, {"kid": provider.kid, "typ": "at+jwt", **header})


def forged(provider: Provider, stranger: Provider) -> dict[str, str]:
    """Tokens by what is wrong with them; `stranger` is another provider, with a key of its own under the same id."""
    now, good = int(time.time()), provider.claims()
    header, claims, signature = provider.token().split(".")
    public = provider.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    symmetric = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': provider.kid})}.{part(good)}"
    mac = hmac.new(public, symmetric.encode(), hashlib.sha256).digest()
    return {
        "no algorithm": f"{part({'alg': 'none', 'typ': 'at+jwt', 'kid': provider.kid})}.{part(good)}.",
        "no algorithm, signed": f"{part({'alg': 'none', 'typ': 'at+jwt', 'kid': provider.kid})}.{claims}.{signature}",
        "HS256 with the public key": f"{symmetric}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}",
        "another RSA algorithm": signed(provider, {}, good, "RS512"),
        "unknown key": signed(provider, {"kid": "key-2"}, good),
        "no key": signed(provider, {"kid": ""}, good),
        "a key of its own": signed(provider, {"kid": "x", "jwk": stranger.jwks()["keys"][0]}, good),
        "another's key under our id": stranger.token(),
        "expired": provider.token(iat=now - 700, exp=now - 60),
        "never expires": provider.token(exp=None),
        "not yet valid": provider.token(nbf=now + 600),
        "of the future": provider.token(iat=now + 600, exp=now + 1200),
        "another issuer": provider.token(iss="https://identity.example.evil"),
        "another issuer's slash": provider.token(iss="https://identity.example/"),
        "no issuer": provider.token(iss=None),
        "nobody": provider.token(sub=None),
        "another application": provider.token(client_id="another"),
        "ID token": signed(provider, {"typ": "JWT"}, {**good, "aud": CLIENT}),
        "no type": signed(provider, {"typ": None}, good),
        "tampered claims": f"{header}.{part({**good, 'sub': 'bob'})}.{signature}",
        "tampered signature": f"{header}.{claims}.{'A' * len(signature)}",
        "no signature": f"{header}.{claims}.",
        "two parts": f"{header}.{claims}",
        "empty": "",
        "no token": "x" * 100,
        "too long": provider.token(more="x" * 9000),
        "nested": part({"alg": "RS256"}) + "." + "W" * 4000 + ".A",
        "no text": "é.ü.ñ",
    }


FORGERIES = list(forged(Provider(), Provider()))
