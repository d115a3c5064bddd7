"""CloudFront on this machine: `/` is the built page, `/api/*` is the function, with the headers of the real thing.

    python -m infra.local_site [--port 8000] [--dist web/dist] [--members artifacts/members] [--workers 1]

The bundle is the one that BUNDLE_DIR or BUNDLE_URI names (function/settings.py). With --members people can sign in
(infra/sign_in.py), and what they keep is in that folder. Ctrl-C stops it.

Several workers share the port. A worker that dies is started again; SIGHUP starts all of them again, one after the
other, and they serve the release that is the current one then, as Lambda's new execution environments do.
"""

import argparse
import errno
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.supervisors import Multiprocess

from function.api.app import create_app
from function.bundle.format import BundleError
from infra import sign_in
from infra.headers import SECURITY_HEADERS, cache_control, content_security_policy
from infra.site import CONFIG, site_config

HOST = "127.0.0.1"  # this machine only: the site in the open is the stack's work


def site(dist: Path, api: ASGIApp, identity: int | None = None) -> ASGIApp:
    """One ASGI app: `api` below /api, the files of `dist` elsewhere, security and cache headers on those.

    With the port of an `identity` provider, the page's configuration names it and the page may connect to it.
    """
    routes: list[Route | Mount] = [Mount("/", StaticFiles(directory=dist, html=True))]  # answers its errors, too
    headers: Mapping[str, str] = SECURITY_HEADERS
    if identity is not None:
        config = site_config(sign_in=sign_in.page_settings(identity))
        routes.insert(0, Route(f"/{CONFIG}", lambda _: Response(config, media_type="application/json")))
        headers = {**headers, "content-security-policy": content_security_policy(sign_in.issuer(identity))}
    files = Starlette(routes=routes)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_api(scope["path"]):
            await files(scope, receive, _with_headers(send, {**headers, "cache-control": cache_control(scope["path"])}))
        else:
            await api(scope, receive, send)

    return app


def site_of_environment(dist: Path, identity: int | None) -> ASGIApp:
    """The site over the function as the environment sets it up. Raises BundleError if there is nothing to serve."""
    api = create_app()
    if api.state.fallback:
        sys.stderr.write(f"warning: serving the bundle of BUNDLE_DIR, not the current release: {api.state.fallback}\n")
    return site(dist, api, identity)


def _is_api(path: str) -> bool:
    return path == "/api" or path.startswith("/api/")


def _with_headers(send: Send, added: Mapping[str, str]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                *message.get("headers", []),
                *((name.encode(), value.encode()) for name, value in added.items()),
            ]
        await send(message)

    return send_with_headers


def listen(port: int) -> socket.socket:
    """A socket that listens on this machine's loopback; port 0 takes a free one. Raises OSError if it is taken.

    Connections wait from here on, so whoever reads the address may connect before the server runs.
    """
    # asyncio leaves Nagle's algorithm on for a socket that does not name its protocol. Then an answer, which uvicorn
    # writes in two parts, waits 40 ms for the acknowledgement of the first.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def run(make: Callable[[], ASGIApp], listener: socket.socket, workers: int) -> None:
    """Serve what `make` returns, which each of several workers calls for itself, until interrupted."""
    quiet: dict[str, Any] = {"log_level": "warning", "lifespan": "off", "server_header": False}
    config = uvicorn.Config(make, factory=True, workers=workers, **quiet)
    with suppress(KeyboardInterrupt):  # Ctrl-C, which uvicorn raises again after an orderly end
        if workers == 1:
            uvicorn.Server(config).run(sockets=[listener])
        else:
            Multiprocess(config, [listener]).run()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.local_site", description="Serve page and API on this machine."
    )
    parser.add_argument(
        "--port", type=_port, default=8000, help="TCP port on 127.0.0.1; 0 takes a free one (default 8000)"
    )
    parser.add_argument("--dist", type=Path, default=Path("web/dist"), help="the built page (default web/dist)")
    parser.add_argument("--members", type=Path, help="let people sign in, and keep what is theirs in this folder")
    parser.add_argument(
        "--identity-port",
        type=_port,
        default=sign_in.PORT,
        help=f"TCP port of sign-in; 0 takes a free one (default {sign_in.PORT})",
    )
    parser.add_argument("--workers", type=_count, default=1, help="processes that answer (default 1)")
    parser.add_argument("--check-port", action="store_true", help="only say whether the ports are free")
    options = parser.parse_args(arguments)
    if not options.check_port and not (options.dist / "index.html").is_file():
        return _refuse(f"{options.dist}/index.html: the page is not built. Run `make web` first.")
    try:
        listener = listen(options.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _refuse(
                f"port {options.port} on {HOST} is taken. Choose another: make serve PORT={options.port + 1}"
            )
        return _refuse(f"port {options.port} on {HOST}: {os.strerror(error.errno or 0)}. Choose another with PORT=")
    with listener, ExitStack() as running:
        identity: int | None = None
        try:
            if options.members:
                identity = options.identity_port or sign_in.free_port()
                sign_in.check_port(identity)
            if options.check_port:
                return 0
            if identity is not None:
                sites = [f"http://{host}:{listener.getsockname()[1]}" for host in (HOST, "localhost")]
                running.enter_context(sign_in.identity_provider(options.members, identity, sites))
                os.environ.update(sign_in.function_settings(options.members, identity))
            app = site_of_environment(options.dist, identity)
        except (BundleError, sign_in.SignInError) as error:
            return _refuse(str(error))
        sys.stderr.write(f"Serving page and API on http://{HOST}:{listener.getsockname()[1]} (Ctrl-C stops it)\n")
        sys.stderr.flush()
        make = (lambda: app) if options.workers == 1 else partial(site_of_environment, options.dist, identity)
        run(make, listener, options.workers)
    return 0


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is not a port; use 0 to 65535")
    return port


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{count} workers answer nothing; use 1 or more")
    return count


def _refuse(reason: str) -> int:
    sys.stderr.write(f"error: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
