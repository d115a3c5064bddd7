"""A fake TMDB on loopback: the routes, responses, errors and limits that posters need."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0ZXN0In0.c2lnbmF0dXJl"

Json = dict[str, Any]


def movie(tmdb_id: int, title: str, released: str, poster: str | None = "", original: str = "") -> Json:
    """A film in TMDB's format; by default its poster is named after the id."""
    return {
        "adult": False,
        "backdrop_path": None,
        "genre_ids": [18],
        "id": tmdb_id,
        "original_language": "en",
        "original_title": original or title,
        "overview": "…",
        "popularity": 12.3,
        "poster_path": f"/p{tmdb_id}.jpg" if poster == "" else poster,
        "release_date": released,
        "title": title,
        "video": False,
        "vote_average": 7.1,
        "vote_count": 1234,
    }


@dataclass
class Fault:
    """An unusual response."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds before it

    @classmethod
    def error(cls, status: int, code: int, message: str, **headers: str) -> "Fault":
        body = {"success": False, "status_code": code, "status_message": message}
        return cls(status, json.dumps(body).encode(), {name.replace("_", "-"): text for name, text in headers.items()})


TOO_MANY = Fault.error(429, 25, "Your request count (41) is over the allowed limit of 40.", retry_after="7")
BROKEN = Fault(200, b'{"id": 11, "title": "Star W')
DOWN = Fault.error(500, 11, "Internal error: Something went wrong, contact TMDB.")


@dataclass
class TmdbServer:
    """The server's films, its next faults, and the requests it got."""

    movies: list[Json] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)  # one for each request to come
    for_ever: Fault | None = None
    delay: float = 0.0  # seconds before each answer
    asked: list[str] = field(default_factory=list)  # path and query, without the key
    url: str = ""

    def answer(self, path: str, query: dict[str, list[str]], authorization: str) -> Fault:
        if query.pop("api_key", [""])[0] != KEY and authorization != f"Bearer {TOKEN}":
            return Fault.error(401, 7, "Invalid API key: You must be granted a valid key.")
        words = "&".join(f"{name}={values[0]}" for name, values in sorted(query.items()))
        self.asked.append(f"{path}?{words}" if words else path)
        if self.faults or self.for_ever:
            return self.faults.pop(0) if self.faults else self.for_ever or Fault()
        if path == "/3/search/movie":
            return self._search(query)
        found = [film for film in self.movies if path == f"/3/movie/{film['id']}"]
        if not found:
            return Fault.error(404, 34, "The resource you requested could not be found.")
        details = {**found[0], "budget": 1, "genres": [{"id": 18, "name": "Drama"}], "imdb_id": "tt1", "runtime": 90}
        return Fault(body=json.dumps(details).encode())

    def _search(self, query: dict[str, list[str]]) -> Fault:
        words, year = query["query"][0].casefold(), query.get("year", [""])[0]
        results = [
            film
            for film in self.movies
            if any(words in film[name].casefold() for name in ("title", "original_title"))
            and film["release_date"].startswith(year)
        ]
        body = {"page": 1, "results": results[:20], "total_pages": 1, "total_results": len(results)}
        return Fault(body=json.dumps(body).encode())


@contextmanager
def tmdb_server(*movies: Json) -> Iterator[TmdbServer]:
    """Serve `movies`; the address is in `url`."""
    served = TmdbServer(list(movies))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            answer = served.answer(address.path, parse_qs(address.query), self.headers.get("authorization", ""))
            time.sleep(answer.delay or served.delay)
            try:
                self.send_response(answer.status)
                for name, text in {"content-type": "application/json", **answer.headers}.items():
                    self.send_header(name, text)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
            except OSError:
                pass  # the caller was killed, or waited no longer

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()  # soon shut down, too
        served.url = f"http://127.0.0.1:{server.server_address[1]}/3"
        yield served
        server.shutdown()
