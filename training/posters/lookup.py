"""Look up each film's poster at TMDB: offline, cached in a file of its own, added to the bundle at export.

The file, artifacts/posters/NAME.json, maps a film's id to `{"poster_path": "/x.jpg" | null, "tmdb_id": n | null,
"date": "YYYY-MM-DD"}`. Null means that TMDB has none. The file is written by atomic rename every few films, so that an
interrupted run can be resumed. TMDB's terms allow its data to be kept for six months: entries older than REFRESH are
looked up again, and entries older than EXPIRY are dropped.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from training.data.dataset import Catalog, Dataset
from training.data.errors import DataError
from training.files import replace
from training.posters.tmdb import Movie, Tmdb, UnansweredError

FOLDER: Final = Path("artifacts/posters")
REFRESH: Final = timedelta(days=150)
EXPIRY: Final = timedelta(days=180)
SAVED_EVERY: Final = 20  # films
GIVE_UP: Final = 3  # consecutive films without an answer
YEARS_OFF: Final = (0, 1, -1)  # a film's year may be that of its first screening or of its release

_ARTICLE: Final = re.compile(r"^(the|a|an) ")


@dataclass(frozen=True)
class Entry:
    """TMDB's answer for a film on `date`."""

    poster_path: str | None
    tmdb_id: int | None
    date: date


@dataclass(frozen=True)
class Lookup:
    """How many films were looked up, how many of these got no answer, and how many films now have a poster."""

    asked: int
    unanswered: int
    posters: int


def today() -> date:
    """The date in UTC."""
    return datetime.now(UTC).date()


def default_path(name: str) -> Path:
    """The cache file of the data set `name`."""
    return FOLDER / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)}.json"


def look_up(
    dataset: Dataset, tmdb: Tmdb, path: Path, *, now: date, progress: Callable[[str, int, int], None]
) -> Lookup:
    """Update the file at `path`: look up every film that is missing or older than REFRESH.

    Raises DataError where the file cannot be used, and TmdbError where TMDB cannot; earlier results are kept.
    """
    entries = {film: entry for film, entry in read_entries(path).items() if now - entry.date <= EXPIRY}
    ids = dataset.catalog.ids
    wanted = [index for index, film in enumerate(ids) if film not in entries or now - entries[film].date > REFRESH]
    unanswered, in_a_row = 0, 0
    try:
        for done, index in enumerate(wanted):
            progress("posters", done, len(wanted))
            try:
                movie = find(tmdb, dataset.catalog, index, entries.get(ids[index]))
                in_a_row = 0
            except UnansweredError:
                unanswered, in_a_row = unanswered + 1, in_a_row + 1
                if in_a_row == GIVE_UP:
                    raise
                continue  # the next run retries
            entries[ids[index]] = Entry(movie.poster_path, movie.id, now) if movie else Entry(None, None, now)
            if done % SAVED_EVERY == SAVED_EVERY - 1:
                _write(path, entries)
        progress("posters", len(wanted), len(wanted))
    finally:
        _write(path, entries)
    found = sum(film in entries and entries[film].poster_path is not None for film in ids)
    return Lookup(len(wanted), unanswered, found)


def find(tmdb: Tmdb, catalog: Catalog, index: int, before: Entry | None = None) -> Movie | None:
    """Find a film at TMDB: by its id where known, else by its titles and its year, give or take one.

    A film of unknown year matches only a unique title: a wrong poster is worse than none.
    """
    tmdb_id = int(catalog.tmdb_ids[index]) or (before.tmdb_id if before else None)
    if tmdb_id and (movie := tmdb.movie(tmdb_id)):
        return movie
    titles, year = titles_of(catalog.titles[index]), int(catalog.years[index])
    same = {normalised(title) for title in titles} - {""}
    for title in titles:
        if not year:
            found = [movie for movie in tmdb.search(title) if _has_title(movie, same)]
            if len(found) == 1:
                return found[0]
            continue
        for off in YEARS_OFF:
            found = [movie for movie in tmdb.search(title, year + off) if _has_title(movie, same)]
            near = [movie for movie in found if abs(movie.year - year) <= 1]
            if near:
                return min(near, key=lambda movie: abs(movie.year - year))  # of equals, TMDB's first
    return None


def _has_title(movie: Movie, same: set[str]) -> bool:
    return any(normalised(title) in same for title in movie.titles)


def titles_of(shown: str) -> list[str]:
    """The titles within a displayed one: "Il Postino (The Postman)" has two."""
    main, *others = re.split(r"[()]", shown)
    titles = (title.strip() for title in (main, *others))
    bare = [re.sub(r"^a\.?k\.?a\.? ", "", title, flags=re.I) for title in titles if title]
    return list(dict.fromkeys(bare)) or [shown]


def normalised(title: str) -> str:
    """A title without case, accents, punctuation, repeated spaces and leading article."""
    decomposed = unicodedata.normalize("NFKD", title.replace("&", " and ").casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    words = " ".join(re.sub(r"[^\w\s]|_", " ", plain.replace("'", "").replace("\u2019", "")).split())
    return _ARTICLE.sub("", words)


def fresh_posters(path: Path, *, now: date) -> dict[str, str]:
    """Poster paths by film id, without entries older than EXPIRY; empty where there is no file."""
    return {
        film: entry.poster_path
        for film, entry in read_entries(path).items()
        if entry.poster_path is not None and now - entry.date <= EXPIRY
    }


def read_entries(path: Path) -> dict[str, Entry]:
    """Read the file at `path`; empty where there is none. Raises DataError where it cannot be read."""
    try:
        raw = json.loads(path.read_bytes())
        return {str(film): _entry(fields) for film, fields in raw.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: not a posters file ({error}). Delete it, and `posters` makes it again.") from error


def _entry(fields: dict[str, Any]) -> Entry:
    path, tmdb_id = fields["poster_path"], fields["tmdb_id"]
    if not isinstance(path, str | None) or not isinstance(tmdb_id, int | None):
        raise TypeError("poster_path must be a string or null, and tmdb_id an integer or null")
    return Entry(path, tmdb_id, date.fromisoformat(fields["date"]))


def _write(path: Path, entries: dict[str, Entry]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, _json(entries.items()))


def _json(entries: Iterable[tuple[str, Entry]]) -> str:
    """One film per line, so that diffs are readable."""
    lines = (f"{json.dumps(film)}: {json.dumps(asdict(entry), default=str)}" for film, entry in entries)
    return "{\n" + ",\n".join(lines) + "\n}\n"
