"""The edge of an emulated AWS: TLS ends here, as at AWS's own, and the emulator learns that the request came by it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import urllib3
from werkzeug.serving import WSGIRequestHandler, make_server, make_ssl_devcert

StartResponse = Callable[[str, list[tuple[str, str]]], object]
_NOT_PASSED_ON = frozenset({"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"})


@dataclass(frozen=True)
class Edge:
    """Where sites of the emulated AWS are visited."""

    sites: int  # the port of this machine where its sites are served, by TLS
    certificate: Path  # of `sites`


@contextmanager
def edge(url: str, api: tuple[str, int], domain: str, folder: Path) -> Iterator[Edge]:
    """An edge before the emulator at `url`.

    At `api`, an address and a port of this machine that containers reach, is AWS's own API: in plain HTTP, passed on as
    if by TLS, since containers would have to trust a certificate otherwise. A certificate for the sites below `domain`
    is made in `folder`.
    """
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    certificate, key = make_ssl_devcert(str(folder / "edge"), host=domain)
    app = _passing_to(url)
    with _served(app, *api), _served(app, "127.0.0.1", 0, (certificate, key)) as sites:
        yield Edge(sites, Path(certificate))


@contextmanager
def _served(app: Any, host: str, port: int, tls: tuple[str, str] | None = None) -> Iterator[int]:
    listener = make_server(host, port, app, threaded=True, request_handler=WSGIRequestHandler, ssl_context=tls)
    thread = Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener.server_port
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join(10)


def _passing_to(url: str) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    pool = urllib3.PoolManager(maxsize=16, timeout=urllib3.Timeout(connect=5, read=120))

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        headers |= {"x-forwarded-proto": "https"}
        answer = pool.request(
            environ["REQUEST_METHOD"],
            f"{url}{environ['REQUEST_URI']}",
            body=body,
            headers=headers,
            redirect=False,
            retries=False,
            decode_content=False,
        )
        passed = [(name, value) for name, value in answer.headers.items() if name.lower() not in _NOT_PASSED_ON]
        start_response(f"{answer.status} {answer.reason or 'Unknown'}", passed)
        return [answer.data]

    return app
