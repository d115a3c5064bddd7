"""Sign-in on this machine: the identity provider (infra/identity, a Node program) beside the local site.

The site's port is free to change; the provider's belongs to the identity of every member (the issuer in their tokens),
so it stays the same.
"""

import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

HOST: Final = "127.0.0.1"
PORT: Final = 8765
CLIENT: Final = "film-recommender"  # as in infra/identity/names.js
PROGRAM: Final = Path(__file__).parent / "identity"
_END_S: Final = 5


class SignInError(Exception):
    """The identity provider cannot start; the message says how to fix it."""


def issuer(port: int) -> str:
    """The provider's address, which is the issuer of its tokens."""
    return f"http://{HOST}:{port}"


def function_settings(folder: Path, port: int) -> dict[str, str]:
    """Environment variables of the function: where it keeps what members have, and whose tokens it trusts."""
    return {
        "STORE": f"sqlite:///{folder.absolute() / 'members.sqlite3'}",
        "SIGN_IN_ISSUER": issuer(port),
        "SIGN_IN_JWKS": f"{issuer(port)}/jwks",
        "SIGN_IN_CLIENT": CLIENT,
        "SIGN_IN_SCOPE": "me",
    }


def page_settings(port: int) -> dict[str, Any]:
    """`signIn` of site-config.json: how the page signs people in (docs/sign-in.md)."""
    return {"issuer": issuer(port), "clientId": CLIENT, "scope": "openid email me", "signOut": "rp"}


def check_port(port: int) -> None:
    """Raise SignInError if the provider cannot have this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SignInError(
                f"sign-in needs port {port} on {HOST}, which is taken: does another copy of the site run? "
                "Choose another, and keep it, since members belong to it: make up IDENTITY_PORT="
                f"{port + 1}"
            ) from error


def free_port() -> int:
    """A port that is free now, for tests."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def identity_provider(folder: Path, port: int, sites: Sequence[str]) -> Iterator[None]:
    """Run the provider with its data in `folder` for the page at the addresses `sites`. Raises SignInError."""
    if shutil.which("node") is None or not (PROGRAM / "node_modules").is_dir():
        raise SignInError("the packages of sign-in are not installed. Run `make serve`, which installs them.")
    check_port(port)
    command = ["node", str(PROGRAM / "main.js"), "--port", str(port), "--data", str(folder)]
    command += [part for site in sites for part in ("--site", site)]
    # It ends with its standard input, so with this process, however that ends.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if process.stdout is None or not process.stdout.readline():
            raise SignInError(f"the identity provider ended with status {process.wait()}; its message is above.")
        yield
    finally:
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
