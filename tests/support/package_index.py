"""A package index on loopback with generated wheels, to test set-up without a network."""

import base64
import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

MACHINE = "py3-none-any"


@dataclass
class Index:
    """A simple index (PEP 503) at `url`. `files` are its wheels by file name; `asked` the requested paths."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add(self, name: str, version: str, *, tag: str = MACHINE, programs: Mapping[str, str] | None = None) -> str:
        """Add a wheel whose module has its version; returns the line for a lock."""
        folder = f"{name}-{version}.dist-info"
        members = {
            f"{name}.py": f"version = {version!r}\n",
            f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{folder}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
            **{f"{name}-{version}.data/scripts/{program}": text for program, text in (programs or {}).items()},
        }
        members[f"{folder}/RECORD"] = "".join(f"{member},{_digest(text)}\n" for member, text in members.items())
        self.files[f"{name}-{version}-{tag}.whl"] = _zipped(members)
        return self.line(name, version)

    def line(self, name: str, version: str) -> str:
        """NAME==VERSION with the hashes of all its wheels."""
        wheels = [content for file, content in self.files.items() if file.startswith(f"{name}-{version}-")]
        hashes = " ".join(f"--hash=sha256:{hashlib.sha256(content).hexdigest()}" for content in wheels)
        return f"{name}=={version} {hashes}\n"

    def page(self, name: str) -> bytes | None:
        """The links to the wheels of a package; None if there are none."""
        files = [file for file in self.files if file.startswith(f"{name}-")]
        links = "".join(f'<a href="/files/{file}">{file}</a>\n' for file in files)
        return f"<!DOCTYPE html><html><body>{links}</body></html>".encode() if files else None


@contextmanager
def package_index() -> Iterator[Index]:
    """An empty index, which serves until the end of the block."""
    index = Index()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append(self.path)
            kind, _, name = urlsplit(self.path).path.strip("/").partition("/")  # a proxy is asked for whole URLs
            body = index.page(name) if kind == "simple" else index.files.get(name)
            self.send_response(200 if body is not None else 404)
            self.send_header("content-type", "text/html" if kind == "simple" else "application/octet-stream")
            self.send_header("content-length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        index.url = f"http://127.0.0.1:{server.server_port}/simple"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield index
        server.shutdown()


def _zipped(members: Mapping[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        for name, text in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
            wheel.writestr(info, text)
    return content.getvalue()


def _digest(text: str) -> str:
    raw = text.encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
    return f"sha256={digest},{len(raw)}"
