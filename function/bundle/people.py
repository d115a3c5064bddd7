"""Known people, of whom one is read and never all: `people.bin`, and the sample profiles in `samples.bin`.

`people.bin` is as large as the data, 600 MB for 200,000 people with 32 million ratings, and stays where it is: on this
machine it is mapped, in S3 it is read by range. Somebody takes two short reads, of a page and of a record::

    pages      of PAGE bytes: CRC-32 of the rest, the page's number, the number of pages; then up to ENTRIES entries:
               key, start and size of a record; zeros where there is none
    records    CRC-32 of the rest, number n of ratings; vector [D]; films [n], ratings [n], the latest last; id in UTF-8

A person's key is the start of the SHA-256 of their id, and its highest bits are their page, so pages are evenly full.
All numbers are little-endian; those of vectors, films and ratings have four bytes.

The hash of a file cannot tell whether a part of it is intact, so each page and each record has a checksum of its own.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import FIX, PEOPLE, SAMPLES, Bundle, BundleError

PAGE: Final = 4096  # bytes
_CHECKSUM: Final = struct.Struct("<I")
_PLACE: Final = struct.Struct("<II")  # of a page: its number, and the number of pages
_ENTRY: Final = np.dtype([("key", "<u8"), ("start", "<u8"), ("size", "<u4")])
_COUNT: Final = struct.Struct("<I")
ENTRIES: Final = (PAGE - _CHECKSUM.size - _PLACE.size) // _ENTRY.itemsize
TYPICAL: Final = 100  # entries of a page on average: by chance, more than ENTRIES = 204 do not come to one


@dataclass(frozen=True, eq=False)
class Person:
    """A known user, with n ratings, the latest last. D dimensions of a user vector."""

    id: str
    vector: NDArray[np.float32]  # [D]
    films: NDArray[np.int32]  # [n] indices
    ratings: NDArray[np.float32]  # [n] stars

    @property
    def history(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Films and ratings."""
        return self.films, self.ratings


@dataclass(frozen=True)
class People:
    """The people of one file."""

    name: str  # of the file, for errors
    pages: int
    dimensions: int
    read: Callable[[int, int], bytes]  # (start, size): a part of the file

    def find(self, user_id: str) -> Person | None:
        """The person with this id, by at most two reads; None if there is none.

        Raises BundleError where the file is damaged or cannot be read.
        """
        key = _key(user_id)
        entries = self._page(_page_of(key, self.pages))
        for entry in entries[entries["key"] == key]:
            person = self._person(entry)
            if person.id == user_id:
                return person
        return None

    def __iter__(self) -> Iterator[Person]:
        """Everybody, in the order they were written. Raises BundleError as `find` does."""
        entries = np.concatenate([self._page(number) for number in range(self.pages)])
        return map(self._person, np.sort(entries, order="start"))

    def _page(self, number: int) -> NDArray[np.void]:
        page = self._checked(number * PAGE, PAGE)
        if _PLACE.unpack_from(page) != (number, self.pages):
            raise self._damaged(number * PAGE, PAGE)
        entries = np.frombuffer(page, _ENTRY, ENTRIES, _PLACE.size)
        return entries[entries["size"] > 0]

    def _person(self, entry: np.void) -> Person:
        start, size = int(entry["start"]), int(entry["size"])
        raw = self._checked(start, size)
        try:
            (count,) = _COUNT.unpack_from(raw)
            vector = np.frombuffer(raw, "<f4", self.dimensions, _COUNT.size)
            films = np.frombuffer(raw, "<i4", count, _COUNT.size + vector.nbytes)
            ratings = np.frombuffer(raw, "<f4", count, _COUNT.size + vector.nbytes + films.nbytes)
            return Person(
                raw[_COUNT.size + vector.nbytes + films.nbytes + ratings.nbytes :].decode(), vector, films, ratings
            )
        except (ValueError, struct.error) as error:  # of other dimensions than the manifest says
            raise self._damaged(start, size) from error

    def _checked(self, start: int, size: int) -> bytes:
        """What follows the checksum of a part."""
        raw = self.read(start, size)
        checksum, rest = raw[: _CHECKSUM.size], raw[_CHECKSUM.size :]
        if len(raw) != size or checksum != _CHECKSUM.pack(zlib.crc32(rest)):
            raise self._damaged(start, size)
        return rest

    def _damaged(self, start: int, size: int) -> BundleError:
        return BundleError(f"{self.name}: bytes {start} to {start + size} are not what was written (checksum). {FIX}")


def people_of(bundle: Bundle, name: str, read: Callable[[int, int], bytes]) -> People:
    """The known people of a bundle, in the file `name` that `read` gives parts of."""
    return People(name, page_count(bundle.manifest.model.users), bundle.manifest.model.dimensions, read)


def mapped_people(bundle: Bundle) -> People | None:
    """The known people of a bundle on this machine; None if it has none. Raises BundleError if the file is missing."""
    if PEOPLE not in bundle.manifest.files:
        return None
    path = bundle.folder / PEOPLE
    try:
        content = np.memmap(path, np.uint8, "r")
    except (OSError, ValueError) as error:  # missing, or empty
        raise BundleError(f"{path}: cannot be read ({error}). {FIX}") from error
    return people_of(bundle, str(path), lambda start, size: content[start : start + size].tobytes())


def samples_of(bundle: Bundle) -> list[Person]:
    """The sample profiles of a bundle, at most a dozen. Raises BundleError if the file is damaged."""
    path = bundle.folder / SAMPLES
    raw = path.read_bytes()
    return list(People(str(path), 1, bundle.manifest.model.dimensions, lambda start, size: raw[start : start + size]))


def page_count(people: int) -> int:
    """The number of pages for so many people."""
    return max(1, -(-people // TYPICAL))


def encode_people(people: Iterable[Person], pages: int) -> Iterator[bytes]:
    """The content of a file, in parts. `people` are gone through twice, as they need not fit into memory."""
    index: list[list[tuple[int, int, int]]] = [[] for _ in range(pages)]
    start = pages * PAGE
    for person in people:
        key, size = _key(person.id), _size(person)
        index[_page_of(key, pages)].append((key, start, size))
        start += size
    for number, entries in enumerate(index):
        page = _PLACE.pack(number, pages) + np.array(entries, _ENTRY).tobytes()
        if len(entries) > ENTRIES:
            raise ValueError(f"{len(entries)} of the user ids have the same start of their hash")
        yield _with_checksum(page.ljust(PAGE - _CHECKSUM.size, b"\0"))
    for person in people:
        arrays = person.vector.astype("<f4"), person.films.astype("<i4"), person.ratings.astype("<f4")
        parts = (_COUNT.pack(len(person.films)), *(array.tobytes() for array in arrays), person.id.encode())
        yield _with_checksum(b"".join(parts))


def _size(person: Person) -> int:
    numbers = len(person.vector) + len(person.films) + len(person.ratings)
    return _CHECKSUM.size + _COUNT.size + 4 * numbers + len(person.id.encode())


def _with_checksum(rest: bytes) -> bytes:
    return _CHECKSUM.pack(zlib.crc32(rest)) + rest


def _key(user_id: str) -> int:
    return int.from_bytes(hashlib.sha256(user_id.encode()).digest()[:8])


def _page_of(key: int, pages: int) -> int:
    return key * pages >> 64
