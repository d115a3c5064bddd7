"""A client for TMDB's API, version 3, as far as posters need it: a film by its id, and films by title.

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
LONGEST_WAIT: Final = 120.0  # seconds; who asks for more is asked again another day
# Only what has the shape of TMDB's paths is stored: it becomes an address in the page.
_POSTER: Final = re.compile(r"/[A-Za-z0-9_-]{1,100}\.(jpg|jpeg|png|webp)")
# No such film; or words that cannot be searched for.
_NOTHING: Final = (httpx.codes.NOT_FOUND, httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY)
_KEY: Final = re.compile(r"[0-9a-fA-F]{32}")


class TmdbError(DataError):
    """TMDB cannot be used: no key, a wrong one, or out of reach. The message says how to mend it, never the key."""


class UnansweredError(TmdbError):
    """One question that got no answer, whatever was tried; another one may."""


@dataclass(frozen=True)
class Movie:
    """A film as TMDB knows it. `year` is 0 where unknown; `poster_path` is "/x.jpg" or None."""

    id: int
    titles: tuple[str, ...]  # in English, and the original one
    year: int
    poster_path: str | None


class Tmdb:
    """TMDB behind one key, asked at most `rate` times a second, one question at a time."""

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

        Raises TmdbError where there is no key, or the address or the rate cannot be.
        """
        if not key.strip():
            raise TmdbError("there is no key for TMDB. Get one from your account's API settings and set TMDB_API_KEY.")
        if not url.startswith(("https://", "http://")):
            raise TmdbError(f"{url!r} is no address of an API. Give one that begins with https://, or none.")
        if not rate > 0:
            raise TmdbError(f"{rate:g} requests a second is none at all. Give a number above 0.")
        short = _KEY.fullmatch(key.strip())
        # httpx tells every address at level INFO, and a key of version 3 is a part of it.
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
        """The film with that id; None where there is none. Raises TmdbError."""
        answer = self._get(f"movie/{tmdb_id}", {})
        return None if answer is None else _movie(answer)

    def search(self, title: str, year: int = 0) -> list[Movie]:
        """The first films that TMDB finds for a title, released in `year` unless that is 0. Raises TmdbError."""
        answer = self._get("search/movie", {"query": title, **({"year": str(year)} if year else {})})
        results = (answer or {}).get("results")
        found = [_movie(result) for result in results if isinstance(result, dict)] if isinstance(results, list) else []
        return [movie for movie in found if movie is not None]

    def _get(self, path: str, parameters: dict[str, str]) -> dict[str, Any] | None:
        """The JSON object at `path`; None where TMDB has nothing there."""
        trouble = ""
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
                trouble = f"status {answer.status_code}"
                if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                    wait = max(wait, _retry_after(answer))
                elif answer.status_code in _NOTHING:
                    return None
                elif not answer.is_server_error:
                    raise _refusal(answer)
            except httpx.TransportError as error:  # its words name the host only, not the key
                trouble = str(error) or type(error).__name__
            except ValueError:
                trouble = "what it answered is no JSON object"
            if wait > LONGEST_WAIT:
                raise TmdbError(f"TMDB asks to wait {wait:.0f} seconds. Run this again later; it goes on from here.")
            if attempt < ATTEMPTS - 1:
                self._sleep(wait)
        raise UnansweredError(
            f"TMDB did not answer {path} in {ATTEMPTS} attempts ({trouble}). Run this again; it goes on from here."
        )

    def _take_turn(self) -> None:
        now = time.monotonic()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._interval


def _refusal(answer: httpx.Response) -> TmdbError:
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return TmdbError(
            f"TMDB refuses the key ({_said(answer)}). Set TMDB_API_KEY to the API key or the read access token of your "
            "account's API settings."
        )
    return TmdbError(f"what should be TMDB answers {_said(answer)}. Is {answer.url.host} the right address?")


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
    """Seconds until the next attempt, as RFC 9110, 10.2.3 has them: a number, or a date."""
    asked = answer.headers.get("retry-after", "")
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        return (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):  # none, or one that cannot be read
        return 0.0


def _said(answer: httpx.Response) -> str:
    try:
        return f"{answer.status_code}: {answer.json()['status_message']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code}"
