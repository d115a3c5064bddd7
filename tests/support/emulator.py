"""The function in Lambda's emulator, for curl and a debugger: `make emulator`.

    python -m tests.support.emulator [--bundle artifacts/bundles] [--port 8000]

Requests to the port reach the function as API Gateway's events; what the function logs appears here. The emulator's
processes have no terminal, so `breakpoint()` in the code opens a debugger on the port above: `nc 127.0.0.1 8001`.
"""

import argparse
import os
import pdb
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from tests.support.rie import EventTransport, emulated_function
from tests.support.sam import ROOT

HOST = "127.0.0.1"
PORT_VARIABLE = "BREAKPOINT_PORT"


def debugging(port: int) -> dict[str, str]:
    """The environment in which `breakpoint()` opens a debugger on `port`, and the function may take an hour."""
    return {
        "PYTHONBREAKPOINT": "tests.support.emulator.pause",
        PORT_VARIABLE: str(port),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "3600",
    }


def pause() -> None:
    """Wait for a client on the port, and debug the caller with it."""
    port = int(os.environ[PORT_VARIABLE])
    caller = sys._getframe(1)
    with socket.create_server((HOST, port)) as listener:
        sys.stderr.write(f"{caller.f_code.co_filename}:{caller.f_lineno}: debug with `nc {HOST} {port}`\n")
        client, _ = listener.accept()
    debugger = pdb.Pdb(stdin=client.makefile("r"), stdout=client.makefile("w"))
    debugger.prompt = "(Pdb)\n"  # a whole line, which every client shows
    debugger.set_trace(caller)


@contextmanager
def serve(url: str, port: int) -> Iterator[ThreadingHTTPServer]:
    """A server on `port` that passes requests to the function at `url`, and its responses back."""
    transport = EventTransport(url, timeout=3600)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            response = client.request(self.command, self.path, headers=dict(self.headers), content=body)
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                if name != "content-length":
                    self.send_header(name, value)
            self.send_header("content-length", str(len(response.content)))
            self.end_headers()
            self.wfile.write(response.content)

        def __getattr__(self, name: str) -> Callable[[], None]:
            """http.server asks for do_GET, do_PUT and so on; any method is passed on."""
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            """Nothing: the function logs its requests itself."""

    with (
        httpx.Client(transport=transport, base_url=f"http://{HOST}:{port}") as client,
        ThreadingHTTPServer((HOST, port), Handler) as server,
    ):
        yield server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.emulator")
    parser.add_argument("--bundle", type=Path, default=ROOT / "artifacts" / "bundles", help="default artifacts/bundles")
    parser.add_argument("--port", type=int, default=8000, help="for requests; the debugger has the next (default 8000)")
    options = parser.parse_args()
    log = ROOT / "artifacts" / "emulator.log"
    log.parent.mkdir(exist_ok=True)
    with (
        emulated_function(options.bundle.resolve(), log, environment=debugging(options.port + 1)) as url,
        serve(url, options.port) as server,
        log.open() as lines,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stderr.write(f"The function answers: curl http://{HOST}:{options.port}/api/health (Ctrl-C stops it)\n")
        try:
            while True:
                sys.stderr.write(lines.read())
                time.sleep(0.2)
        except KeyboardInterrupt:
            server.shutdown()


if __name__ == "__main__":
    main()
