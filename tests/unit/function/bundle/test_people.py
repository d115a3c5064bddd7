"""One person is read by two short reads, and what was damaged is an error and never another person."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from function.bundle.format import PEOPLE, SAMPLES, Bundle, BundleError, read_bundle
from function.bundle.people import (
    ENTRIES,
    PAGE,
    People,
    Person,
    encode_people,
    mapped_people,
    page_count,
    samples_of,
)

DIMENSIONS = 5


@dataclass
class Crowd:
    """So many people, as often as they are gone through."""

    count: int

    def __iter__(self) -> Iterator[Person]:
        rng = np.random.default_rng(self.count)
        for number in range(self.count):
            rated = number % 7
            films = rng.integers(0, 1000, rated).astype(np.int32)
            ratings = rng.integers(1, 6, rated).astype(np.float32)
            yield Person(f"Zoé {number}", rng.normal(size=DIMENSIONS).astype(np.float32), films, ratings)


def written(count: int) -> bytes:
    return b"".join(encode_people(Crowd(count), page_count(count)))


def opened(raw: bytes, count: int, reads: list[tuple[int, int]] | None = None) -> People:
    def read(start: int, size: int) -> bytes:
        if reads is not None:
            reads.append((start, size))
        return raw[start : start + size]

    return People("people.bin", page_count(count), DIMENSIONS, read)


def same(one: Person | None, other: Person) -> bool:
    return (
        one is not None
        and one.id == other.id
        and all(
            np.array_equal(mine, theirs) and mine.dtype == theirs.dtype
            for mine, theirs in ((one.vector, other.vector), (one.films, other.films), (one.ratings, other.ratings))
        )
    )


@pytest.mark.parametrize("count", [0, 1, 12, 101, 3000])
def test_everybody_is_found_by_a_page_and_a_record(count: int) -> None:
    raw, reads = written(count), list[tuple[int, int]]()
    people = opened(raw, count, reads)
    for person in Crowd(count):
        reads.clear()
        assert same(people.find(person.id), person)
        assert len(reads) == 2
        assert sum(size for _, size in reads) < PAGE + 100
    assert all(same(one, other) for one, other in zip(people, Crowd(count), strict=True))  # in their order
    reads.clear()
    assert people.find("nobody") is None
    assert reads == [(reads[0][0], PAGE)]


def test_files_are_the_same_for_the_same_people() -> None:
    assert written(300) == written(300)


def test_pages_are_never_full_by_chance() -> None:
    keys = np.random.default_rng(0).integers(0, page_count(2_000_000), 2_000_000)
    assert np.bincount(keys).max() < 0.85 * ENTRIES


def test_people_who_do_not_fit_into_a_page_are_refused() -> None:
    with pytest.raises(ValueError, match="300 of the user ids have the same start"):
        list(encode_people(Crowd(300), 1))


@settings(max_examples=300, deadline=None)
@given(position=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), number=st.integers(0, 39))
def test_a_wrong_bit_is_an_error_or_does_no_harm(position: float, bit: int, number: int) -> None:
    raw = bytearray(written(40))
    raw[int(position * len(raw))] ^= 1 << bit
    person = list(Crowd(40))[number]
    with suppress(BundleError):  # and no other error
        assert same(opened(bytes(raw), 40).find(person.id), person)


@pytest.mark.parametrize("kept", [0, 100, PAGE, PAGE + 10])
def test_a_truncated_file_is_an_error(kept: int) -> None:
    with pytest.raises(BundleError, match=r"people\.bin: bytes \d+ to \d+ are not what was written.*training train"):
        opened(written(40)[:kept], 40).find("Zoé 3")


@pytest.mark.parametrize("people", [People("p", 2, DIMENSIONS, lambda a, n: written(40)[a : a + n])])
def test_a_file_of_another_number_of_people_is_an_error(people: People) -> None:
    with pytest.raises(BundleError, match="p: bytes"):
        people.find("Zoé 3")


def test_vectors_of_another_length_are_an_error() -> None:
    raw = written(40)
    with pytest.raises(BundleError, match="p: bytes"):
        People("p", 1, 10**6, lambda start, size: raw[start : start + size]).find("Zoé 3")


def test_people_of_a_bundle_are_mapped_and_its_samples_are_among_them(bundle: Bundle, people: list[Person]) -> None:
    known = mapped_people(bundle)
    assert known
    assert len(people) == bundle.manifest.model.users == 60
    assert all(same(known.find(person.id), person) for person in people)
    samples = samples_of(bundle)
    assert len(samples) == 12
    assert all(same(known.find(sample.id), sample) for sample in samples)


def test_a_start_does_not_read_the_people(bundle: Bundle, tmp_path: Path) -> None:
    """Damage is found where it is read, or where all of a bundle is checked."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    for path in bundle.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes() if path.name != PEOPLE else b"damaged")
    read_bundle(folder)
    with pytest.raises(BundleError, match=rf"{PEOPLE}: 7 bytes; the manifest says"):
        read_bundle(folder, people=True)
    known = mapped_people(read_bundle(folder))
    assert known
    with pytest.raises(BundleError, match=rf"{PEOPLE}: bytes 0 to {PAGE} are not what was written"):
        known.find("1")
    for content in (b"", None):
        (folder / PEOPLE).unlink()
        if content is not None:
            (folder / PEOPLE).write_bytes(content)
        with pytest.raises(BundleError, match=rf"{PEOPLE}: cannot be read"):
            mapped_people(read_bundle(folder))
        (folder / PEOPLE).touch()


def test_samples_that_were_not_written_so_are_an_error(bundle: Bundle, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    for path in bundle.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    found = read_bundle(folder)
    (folder / SAMPLES).write_bytes(b"nothing")
    with pytest.raises(BundleError, match=rf"{SAMPLES}: bytes 0 to {PAGE} are not what was written"):
        samples_of(found)
