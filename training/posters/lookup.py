"""Which poster each film has at TMDB: looked up offline, kept in a file of its own, put into the bundle at export.

The file, artifacts/posters/NAME.json, maps a film's id to `{"poster_path": "/x.jpg" | null, "tmdb_id": n | null,
"date": "YYYY-MM-DD"}`. Null says that TMDB was asked and had none. It is written by atomic rename every few films, so
that a run that was killed goes on where it was. TMDB's terms let its data be kept for six months: what is older than
REFRESH is asked again, what is older than EXPIRY goes.
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
GIVE_UP: Final = 3  # films in a row without an answer
YEARS_OFF: Final = (0, 1, -1)  # a film's year is its first showing's, or its release's

_ARTICLE: Final = re.compile(r"^(the|a|an) ")


@dataclass(frozen=True)
class Entry:
    """What TMDB said of a film on `date`."""

    poster_path: str | None
    tmdb_id: int | None
    date: date


@dataclass(frozen=True)
class Looked:
    """How many films were asked for, and how many of the catalogue now have a poster."""

    asked: int
    unanswered: int
    posters: int


def today() -> date:
    """The date in UTC."""
    return datetime.now(UTC).date()


def default_path(name: str) -> Path:
    """Where the posters of the data set `name` are kept."""
    return FOLDER / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)}.json"


def look_up(
    dataset: Dataset, tmdb: Tmdb, path: Path, *, now: date, progress: Callable[[str, int, int], None]
) -> Looked:
    """Bring the file at `path` up to date: ask for every film that is not in it, or was asked for too long ago.

    Raises DataError where the file cannot be used, and TmdbError where TMDB cannot; what was found until then is kept.
    """
    entries = {film: entry for film, entry in read_entries(path).items() if now - entry.date <= EXPIRY}
    ids = dataset.catalog.ids
    wanted = [code for code, film in enumerate(ids) if film not in entries or now - entries[film].date > REFRESH]
    unanswered, in_a_row = 0, 0
    try:
        for done, code in enumerate(wanted):
            progress("posters", done, len(wanted))
            try:
                movie = find(tmdb, dataset.catalog, code, entries.get(ids[code]))
                in_a_row = 0
            except UnansweredError:
                unanswered, in_a_row = unanswered + 1, in_a_row + 1
                if in_a_row == GIVE_UP:
                    raise
                continue  # the next run asks again
            entries[ids[code]] = Entry(movie.poster_path, movie.id, now) if movie else Entry(None, None, now)
            if done % SAVED_EVERY == SAVED_EVERY - 1:
                _write(path, entries)
        progress("posters", len(wanted), len(wanted))
    finally:
        _write(path, entries)
    found = sum(film in entries and entries[film].poster_path is not None for film in ids)
    return Looked(len(wanted), unanswered, found)


def find(tmdb: Tmdb, catalog: Catalog, code: int, before: Entry | None = None) -> Movie | None:
    """The film with that code at TMDB: by its id where one is known, else by its titles and its year, give or take one.

    A film of unknown year is found only where a single one has its title: a wrong poster is worse than none.
    """
    tmdb_id = int(catalog.tmdb_ids[code]) or (before.tmdb_id if before else None)
    if tmdb_id and (movie := tmdb.movie(tmdb_id)):
        return movie
    titles, year = titles_of(catalog.titles[code]), int(catalog.years[code])
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
                return min(near, key=lambda movie: abs(movie.year - year))  # the first of the nearest: TMDB's order
    return None


def _has_title(movie: Movie, same: set[str]) -> bool:
    return any(normalised(title) in same for title in movie.titles)


def titles_of(shown: str) -> list[str]:
    """The titles a shown one holds: "Il Postino (The Postman)" is both."""
    main, *others = re.split(r"[()]", shown)
    titles = (title.strip() for title in (main, *others))
    bare = [re.sub(r"^a\.?k\.?a\.? ", "", title, flags=re.I) for title in titles if title]
    return list(dict.fromkeys(bare)) or [shown]


def normalised(title: str) -> str:
    """A title without case, accents, punctuation and a leading article, in one space each."""
    decomposed = unicodedata.normalize("NFKD", title.replace("&", " and ").casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    words = " ".join(re.sub(r"[^\w\s]|_", " ", plain.replace("'", "").replace("\u2019", "")).split())
    return _ARTICLE.sub("", words)


def fresh_posters(path: Path, *, now: date) -> dict[str, str]:
    """Poster paths by film id, without those that are older than EXPIRY; none where there is no file."""
    return {
        film: entry.poster_path
        for film, entry in read_entries(path).items()
        if entry.poster_path is not None and now - entry.date <= EXPIRY
    }


def read_entries(path: Path) -> dict[str, Entry]:
    """What the file at `path` holds; nothing where there is none. Raises DataError where it cannot be read."""
    try:
        raw = json.loads(path.read_bytes())
        return {str(film): _entry(fields) for film, fields in raw.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: holds no posters ({error}). Delete it; `posters` makes it again.") from error


def _entry(fields: dict[str, Any]) -> Entry:
    path, tmdb_id = fields["poster_path"], fields["tmdb_id"]
    if not isinstance(path, str | None) or not isinstance(tmdb_id, int | None):
        raise TypeError("a poster_path that is no text, or a tmdb_id that is no number")
    return Entry(path, tmdb_id, date.fromisoformat(fields["date"]))


def _write(path: Path, entries: dict[str, Entry]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, _json(entries.items()))


def _json(entries: Iterable[tuple[str, Entry]]) -> str:
    """One film a line, so that two files can be compared."""
    lines = (f"{json.dumps(film)}: {json.dumps(asdict(entry), default=str)}" for film, entry in entries)
    return "{\n" + ",\n".join(lines) + "\n}\n"
