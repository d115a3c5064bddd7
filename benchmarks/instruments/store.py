"""S3 as far as a function reads it: the files of a folder, whole or by range, from loopback; and what was sent.

moto reads a whole object for each part of it, which would be measured instead. It checks no signatures.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any


@dataclass
class Store:
    """A server of files, while it runs."""

    url: str
    requests: Counter[str] = field(default_factory=Counter)  # by the name of the file
    sent: Counter[str] = field(default_factory=Counter)  # bytes, by the name of the file

    def forget(self) -> None:
        self.requests.clear()
        self.sent.clear()


@contextmanager
def store(folder: Path) -> Iterator[Store]:
    """Serve the files below `folder` at /bucket."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = folder / self.path.removeprefix("/bucket/")
            if not path.is_file():
                self.send_error(404)
                return
            size = path.stat().st_size
            part = self.headers.get("range")
            first, last = map(int, part.removeprefix("bytes=").split("-")) if part else (0, size - 1)
            length = min(last, size - 1) - first + 1
            found.requests[path.name] += 1
            found.sent[path.name] += length
            self.send_response(206 if part else 200)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            with path.open("rb") as file:
                self.connection.sendfile(file, first, length)  # S3 takes none of the function's cores for it

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        found = Store(f"http://127.0.0.1:{listener.server_port}")
        thread = Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            listener.shutdown()
            thread.join()
