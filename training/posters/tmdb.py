"""A minimal client for TMDB's API, version 3: a film by id, and films by title.

Protocol: "Movie details", "Search movie", "Errors" and "Rate limiting" in TMDB's developer documentation.
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self

import httpx

from training.data.errors import DataError

URL: Final = "https://api.themoviedb.org/3"
ATTEMPTS: Final = 5
LONGEST_WAIT: Final = 120.0  # seconds; give up where TMDB asks for more
# Accept only paths of this shape: they become URLs in the page.
_POSTER: Final = re.compile(r"/[A-Za-z0-9_-]{1,100}\.(jpg|jpeg|png|webp)")
# No such film, or a query that cannot be searched.
_NOTHING: Final = (httpx.codes.NOT_FOUND, httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY)
_KEY: Final = re.compile(r"[0-9a-fA-F]{32}")


class TmdbError(DataError):
    """TMDB cannot be used: no key, a wrong one, or no connection. The message has a fix, and never the key."""


class UnansweredError(TmdbError):
    """A request that got no answer after all retries; another one may."""


@dataclass(frozen=True)
class Movie:
    """A film at TMDB. `year` is 0 where unknown; `poster_path` is "/x.jpg" or None."""

    id: int
    titles: tuple[str, ...]  # in English, and the original one
    year: int
    poster_path: str | None


class Tmdb:
    """A client with one key, limited to `rate` requests per second, one at a time."""

    def __init__(
        self,
        key: str,
        url: str = URL,
        *,
        rate: float = 20,
        timeout: float = 10,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`key` is an API key of version 3 (32 hex digits) or a read access token of version 4; `timeout` in seconds.

        Raises TmdbError where the key is missing, or the URL or the rate is invalid.
        """
        if not key.strip():
            raise TmdbError("no key for TMDB. Get one from your account's API settings and set TMDB_API_KEY.")
        if not url.startswith(("https://", "http://")):
            raise TmdbError(f"{url!r} is not a URL. Use one that begins with https://, or none.")
        if not rate > 0:
            raise TmdbError(f"{rate:g} requests per second is not possible. Use a number above 0.")
        short = _KEY.fullmatch(key.strip())
        # httpx logs every URL at level INFO, and a version 3 key is part of it.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._client = httpx.Client(
            base_url=url.rstrip("/") + "/",
            timeout=timeout,
            params={"api_key": key.strip()} if short else {},
            headers={"accept": "application/json"} | ({} if short else {"authorization": f"Bearer {key.strip()}"}),
        )
        self._interval = 1 / rate
        self._next = 0.0
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def movie(self, tmdb_id: int) -> Movie | None:
        """The film with that id; None if there is none. Raises TmdbError."""
        answer = self._get(f"movie/{tmdb_id}", {})
        return None if answer is None else _movie(answer)

    def search(self, title: str, year: int = 0) -> list[Movie]:
        """The first search results for a title, released in `year` unless that is 0. Raises TmdbError."""
        answer = self._get("search/movie", {"query": title, **({"year": str(year)} if year else {})})
        results = (answer or {}).get("results")
        found = [_movie(result) for result in results if isinstance(result, dict)] if isinstance(results, list) else []
        return [movie for movie in found if movie is not None]

    def _get(self, path: str, parameters: dict[str, str]) -> dict[str, Any] | None:
        """The JSON object at `path`; None if TMDB has none."""
        reason = ""
        for attempt in range(ATTEMPTS):
            self._take_turn()
            wait = 0.5 * 2**attempt
            try:
                answer = self._client.get(path, params=parameters)
                if answer.status_code == httpx.codes.OK:
                    content = answer.json()
                    if isinstance(content, dict):
                        return content
                    raise ValueError
                reason = f"status {answer.status_code}"
                if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                    wait = max(wait, _retry_after(answer))
                elif answer.status_code in _NOTHING:
                    return None
                elif not answer.is_server_error:
                    raise _refusal(answer)
            except httpx.TransportError as error:  # its message has the host only, not the key
                reason = str(error) or type(error).__name__
            except ValueError:
                reason = "its answer is not a JSON object"
            if wait > LONGEST_WAIT:
                raise TmdbError(f"TMDB asks to wait {wait:.0f} seconds. Run this again later to resume.")
            if attempt < ATTEMPTS - 1:
                self._sleep(wait)
        raise UnansweredError(
            f"TMDB did not answer {path} in {ATTEMPTS} attempts ({reason}). Run this again to resume."
        )

    def _take_turn(self) -> None:
        now = time.monotonic()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._interval


def _refusal(answer: httpx.Response) -> TmdbError:
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return TmdbError(
            f"TMDB refuses the key ({_reason(answer)}). Set TMDB_API_KEY to the API key or the read access token of "
            "your account's API settings."
        )
    return TmdbError(f"unexpected answer {_reason(answer)}. Is {answer.url.host} the right address?")


def _movie(answer: dict[str, Any]) -> Movie | None:
    tmdb_id = answer.get("id")
    if not isinstance(tmdb_id, int):
        return None
    titles = (answer.get("title"), answer.get("original_title"))
    year = str(answer.get("release_date") or "")[:4]
    path = answer.get("poster_path")
    return Movie(
        id=tmdb_id,
        titles=tuple(title for title in titles if isinstance(title, str) and title),
        year=int(year) if year.isascii() and year.isdigit() else 0,
        poster_path=path if isinstance(path, str) and _POSTER.fullmatch(path) else None,
    )


def _retry_after(answer: httpx.Response) -> float:
    """Seconds until the next attempt (RFC 9110, 10.2.3): a number, or a date."""
    asked = answer.headers.get("retry-after", "")
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        return (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):  # missing or invalid
        return 0.0


def _reason(answer: httpx.Response) -> str:
    try:
        return f"{answer.status_code}: {answer.json()['status_message']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code}"
