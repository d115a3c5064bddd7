"""CloudFront on this machine: `/` is the built page, `/api/*` is the function, with the headers of the real thing.

    python -m infra.local_site [--port 8000] [--dist web/dist]

The bundle is the one BUNDLE_DIR names (function/settings.py). Ctrl-C stops it.
"""

import argparse
import errno
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from function.api.app import create_app
from function.bundle.format import BundleError
from infra.headers import SECURITY_HEADERS, cache_control

HOST = "127.0.0.1"  # this machine only: the site in the open is the stack's work


def site(dist: Path, api: ASGIApp) -> ASGIApp:
    """One ASGI app: `api` below /api, the files of `dist` elsewhere, security and cache headers on those."""
    files = Starlette(routes=[Mount("/", StaticFiles(directory=dist, html=True))])  # answers its errors, too

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_api(scope["path"]):
            await files(scope, receive, _with_headers(send, scope["path"]))
        else:
            await api(scope, receive, send)

    return app


def _is_api(path: str) -> bool:
    return path == "/api" or path.startswith("/api/")


def _with_headers(send: Send, path: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = {**SECURITY_HEADERS, "cache-control": cache_control(path)}
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
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.local_site", description="Serve page and API on this machine."
    )
    parser.add_argument(
        "--port", type=_port, default=8000, help="TCP port on 127.0.0.1; 0 takes a free one (default 8000)"
    )
    parser.add_argument("--dist", type=Path, default=Path("web/dist"), help="the built page (default web/dist)")
    parser.add_argument("--check-port", action="store_true", help="only say whether the port is free")
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
    with listener:
        if options.check_port:
            return 0
        try:
            api = create_app()
        except BundleError as error:
            return _refuse(str(error))
        if api.state.fallback:
            sys.stderr.write(
                f"warning: serving the bundle of BUNDLE_DIR, not the current release: {api.state.fallback}\n"
            )
        sys.stderr.write(f"Serving page and API on http://{HOST}:{listener.getsockname()[1]} (Ctrl-C stops it)\n")
        sys.stderr.flush()
        config = uvicorn.Config(site(options.dist, api), log_level="warning", lifespan="off", server_header=False)
        with suppress(KeyboardInterrupt):  # Ctrl-C, which uvicorn raises again after an orderly end
            uvicorn.Server(config).run(sockets=[listener])
    return 0


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is not a port; use 0 to 65535")
    return port


def _refuse(reason: str) -> int:
    sys.stderr.write(f"error: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
