"""The bundle: the one thing that passes from training to serving, and the only definition of its format.

A bundle is a folder; a *bundle root* keeps several, each under its release id, and `current`, a symbolic
link to the one that is served::

    root/
      current -> 3f9a1c2b7d40
      3f9a1c2b7d40/
        manifest.json    schema version, SHA-256 of every other file, model and training facts, metrics
        model.tflite     signatures `encode` (history -> user vector), `encode_short` (the same for a short history),
                         `score` (user vector -> both heads) and `explain` (history, film -> what each rating adds to
                         the film's relevance)
        encodings.json   {"films": [...], "genres": [...]}, ids and names: a position is an index
        catalog.jsonl    the films, one a line, in the order of the encodings (function/bundle/films.py)
        facts.npz        what they are filtered and sorted by: years[M], counts[M], averages[M], genres[M, G]
        films.npz        vectors[M, K], of which the directions say how similar films are, with 16-bit or 8-bit numbers;
                         map[M, 2], coordinates on a flat map within -1..1, NaN for films that are not on it;
                         relevance[M, 2], its mean and standard deviation over the known users
        samples.bin      sample profiles: known users with different tastes, their vectors and ratings; maybe nobody
        goldens.json     inputs and the outputs that Keras gave for them
        rows.npy         with 8-bit numbers only: rows[M], by which the first films of a list are scored again
                         (function/bundle/rows.py)
        people.bin       all known users, one by one (function/bundle/people.py)

All but the last two are read by every start. `rows.npy` is mapped, and `people.bin` is beside the others: neither is
read whole but to compare its hash, and a bundle need not have them.

The release id is a hash of the files' hashes, so the same content is the same release, and a bundle that was
altered no longer has the id it claims. Where nothing can alter it once it was checked, in an image or in the scratch
space of a function, `mark_checked` says so, and a cold start reads only what its first request needs.

It is written by training/export/publish.py.
"""

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from function.bundle.directions import Directions, mapped_member
from function.bundle.films import FilmFacts, Films, Lines

SCHEMA_VERSION: Final = 4
MANIFEST: Final = "manifest.json"
SAMPLES: Final = "samples.bin"
CONTENT: Final = (
    *("model.tflite", "encodings.json", "catalog.jsonl", "facts.npz", "films.npz"),
    *(SAMPLES, "goldens.json"),
)
ROWS: Final = "rows.npy"  # as well as the content; a bundle need not have it
PEOPLE: Final = "people.bin"  # beside the content; a bundle need not have it
CURRENT: Final = "current"
CHECKED: Final = ".checked"  # holds the release id; not a part of the bundle
FIX: Final = "Restore the release, or make a new one with `python -m training train`."

T = TypeVar("T")


class BundleError(Exception):
    """A bundle that may not be served. The message names the file, what is wrong, and how to fix it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class RatingScale(_Strict):
    """The data's own scale, in stars: half stars have step 0.5."""

    min: float
    max: float
    step: float


class ModelFacts(_Strict):
    """Shapes of `model.tflite`: `encode` takes [1, history_length] films and ratings, padded with film -1."""

    dimensions: int
    history_length: int
    users: int  # in people.bin; where that is missing, in samples.bin
    films: int
    genres: int
    scale: RatingScale
    precision: str


class FileFacts(_Strict):
    sha256: str
    bytes: int


class Manifest(BaseModel):
    """`manifest.json`. `data`, `training` and `metrics` are facts for people: free-form JSON objects."""

    model_config = ConfigDict(frozen=True)

    schema_version: int
    release: str
    created: str
    model: ModelFacts
    data: dict[str, Any]
    training: dict[str, Any]
    metrics: dict[str, Any]
    files: dict[str, FileFacts]

    @property
    def default_open_users(self) -> Literal["none", "samples"]:
        """Whose recommendations anybody may read: of public data a few samples, of anybody's own data nobody's."""
        return "samples" if self.data.get("public") is True else "none"

    @property
    def content(self) -> tuple[str, ...]:
        """The names of its files without the people."""
        return (*CONTENT, *({ROWS} & set(self.files)))

    @property
    def bytes(self) -> int:
        """The size of what a function must have: all but the people."""
        return sum(facts.bytes for name, facts in self.files.items() if name != PEOPLE)


@dataclass(frozen=True)
class FilmTables:
    """What is known of M films in figures. K dimensions of a film vector."""

    vectors: Directions  # [M, K], rows of length 1
    map: NDArray[np.float32]  # [M, 2], NaN where a film is not on the map
    relevance: NDArray[np.float32]  # [M, 2], mean and standard deviation over the known users


@dataclass(frozen=True)
class Bundle:
    """A bundle, of which the tables of films are read when they are first needed: a visitor's list needs none."""

    folder: Path
    manifest: Manifest
    film_ids: list[str]  # [M]
    genres: tuple[str, ...]  # [G] names
    films: Films  # [M]
    facts: FilmFacts
    goldens: list[dict[str, Any]]

    @property
    def model(self) -> Path:
        """The TFLite file, which an interpreter maps into memory rather than reads."""
        return self.folder / "model.tflite"

    @cached_property
    def film_tables(self) -> FilmTables:
        """Raises BundleError where films.npz is not what the manifest says."""
        tables = read_as(self.folder / "films.npz", _film_tables)
        films = self.manifest.model.films
        _check_shapes(
            self.folder / "films.npz",
            {
                "vectors": (tables.vectors.shape[:1], (films,)),
                "map": (tables.map.shape, (films, 2)),
                "relevance": (tables.relevance.shape, (films, 2)),
            },
        )
        return tables


def release_id(files: dict[str, FileFacts]) -> str:
    """The first 12 hex digits of the SHA-256 over the sorted file names and their hashes."""
    lines = "".join(f"{name} {facts.sha256}\n" for name, facts in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:12]


def read_bundle(path: Path, *, people: bool = False) -> Bundle:
    """Read and check a bundle.

    `path` is a bundle's folder, or a bundle root, of which the current bundle is taken. Of one that `mark_checked` has
    marked, only the sizes are checked again, and the tables wait until somebody asks for them. `people.bin` is checked
    whole only where `people` says so, since each part that is read of it has a checksum of its own.

    Raises BundleError, naming the file, where anything is missing, altered, or of another schema version.
    """
    # Resolved once: whoever publishes meanwhile swings the link, and half of each would be read.
    folder = (path / CURRENT if (path / CURRENT).exists() else path).resolve()
    manifest = read_manifest(folder)
    checked = _is_checked(folder, manifest.release)
    for name in manifest.content:
        _check_file(folder / name, manifest.files.get(name), hashed=not checked)
    if people and PEOPLE in manifest.files:
        _check_file(folder / PEOPLE, manifest.files[PEOPLE], hashed=True)
    if release_id(manifest.files) != manifest.release:
        raise BundleError(f"{folder / MANIFEST}: its files are not those of release {manifest.release}. {FIX}")
    bundle = _decode(manifest, folder)
    if not checked:  # now, rather than in front of somebody who asks
        _check_films(bundle)
        _ = bundle.film_tables
    return bundle


def mark_checked(folder: Path) -> None:
    """Check the bundle in `folder` in full, and note beside it that this need not be done again.

    Only where nothing alters it afterwards. Raises BundleError as `read_bundle` does.
    """
    (folder / CHECKED).write_text(read_bundle(folder, people=True).manifest.release)


def _is_checked(folder: Path, release: str) -> bool:
    try:
        return (folder / CHECKED).read_text() == release
    except (OSError, ValueError):
        return False


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the bundle in `folder`; raises BundleError as `read_bundle` does."""
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise BundleError(f"{path}: there is no bundle here. {FIX}") from error
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror}). {FIX}") from error
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path}: not JSON ({error}). {FIX}") from error
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if version != SCHEMA_VERSION:
        newer = isinstance(version, int) and version > SCHEMA_VERSION
        hint = "Deploy a newer function, or roll back to an older release." if newer else FIX
        raise BundleError(f"{path}: schema version {version}; this function reads {SCHEMA_VERSION}. {hint}")
    try:
        return Manifest.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleError(f"{path}: {where}: {first['msg']}. {FIX}") from error


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file of any size, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_file(path: Path, facts: FileFacts | None, *, hashed: bool) -> None:
    if facts is None:
        raise BundleError(f"{path}: not listed in {MANIFEST}. {FIX}")
    try:
        size = path.stat().st_size
        found = sha256_of(path) if hashed else facts.sha256
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror}). {FIX}") from error
    if size != facts.bytes:
        raise BundleError(f"{path}: {size} bytes; the manifest says {facts.bytes} (truncated?). {FIX}")
    if found != facts.sha256:
        raise BundleError(f"{path}: its SHA-256 is not the manifest's (corrupted or altered). {FIX}")


def _decoded(path: Path, decode: Callable[[bytes], T]) -> T:
    return read_as(path, lambda path: decode(path.read_bytes()))


def read_as(path: Path, read: Callable[[Path], T]) -> T:
    """What `read` makes of a file of a bundle. Raises BundleError where it cannot."""
    try:
        return read(path)
    except Exception as error:  # zipfile, zlib, json and NumPy each have their own
        raise BundleError(f"{path}: does not decode ({error}). {FIX}") from error


def _check_shapes(path: Path, shapes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    for what, (found, expected) in shapes.items():
        if found != expected:
            raise BundleError(f"{path}: {what} has shape {found}; the manifest says {expected}. {FIX}")


def _decode(manifest: Manifest, folder: Path) -> Bundle:
    film_ids, genres = _decoded(folder / "encodings.json", _encodings)
    films = read_as(folder / "catalog.jsonl", lambda path: Films(Lines.of(path)))
    figures = _decoded(folder / "facts.npz", lambda raw: FilmFacts(**_arrays(raw)))
    n_films, n_genres = manifest.model.films, manifest.model.genres
    shapes = {"films": ((len(film_ids),), (n_films,)), "genres": ((len(genres),), (n_genres,))}
    _check_shapes(folder / "encodings.json", shapes)
    _check_shapes(folder / "catalog.jsonl", {"films": ((len(films),), (n_films,))})
    shapes = {name: (getattr(figures, name).shape, (n_films,)) for name in ("years", "counts", "averages")}
    _check_shapes(folder / "facts.npz", {**shapes, "genres": (figures.genres.shape, (n_films, n_genres))})
    goldens = _decoded(folder / "goldens.json", lambda raw: list(json.loads(raw)["goldens"]))
    return Bundle(folder, manifest, film_ids, genres, films, figures, goldens)


def _check_films(bundle: Bundle) -> None:
    path = bundle.folder / "catalog.jsonl"
    if [film.id for film in _decoded(path, lambda _: list(bundle.films))] != bundle.film_ids:
        raise BundleError(f"{path}: lists other films than encodings.json. {FIX}")


def _encodings(content: bytes) -> tuple[list[str], tuple[str, ...]]:
    encodings = json.loads(content)
    return encodings["films"], tuple(encodings["genres"])


def _film_tables(path: Path) -> FilmTables:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        return FilmTables(Directions(mapped_member(path, "vectors")), archive["map"], archive["relevance"])


def _arrays(content: bytes) -> dict[str, NDArray[Any]]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
