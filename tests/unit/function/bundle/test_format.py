"""Incomplete or altered bundles are refused with the file's name; publishing can be killed at any step."""

import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from function.bundle.format import (
    CHECKED,
    CONTENT,
    MANIFEST,
    PEOPLE,
    BundleError,
    mark_checked,
    read_bundle,
    read_manifest,
)
from function.bundle.people import mapped_people
from training.export.publish import activate, publish, stage

FILES = (*CONTENT, MANIFEST)


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """A copy of a bundle, to be damaged."""
    return Path(shutil.copytree(root / "current", tmp_path / "bundle"))


def restage(folder: Path, root: Path, **changed: bytes) -> Path:
    """Stage the bundle in `folder` under `root`, with the contents of some files changed."""
    manifest = read_manifest(folder)
    content = {name: (folder / name).read_bytes() for name in CONTENT}
    return stage(
        root,
        content=content | {name.replace("_", "."): raw for name, raw in changed.items()},
        people=mapped_people(read_bundle(folder)),
        created=manifest.created,
        model=manifest.model,
        data=manifest.data,
        training=manifest.training,
        metrics=manifest.metrics,
    )


def test_a_root_and_a_folder_are_both_read(root: Path) -> None:
    assert read_bundle(root).manifest.release == read_bundle((root / "current").resolve()).manifest.release


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(name: str, copy: Path) -> None:
    (copy / name).unlink()
    with pytest.raises(BundleError, match=name):
        read_bundle(copy)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_named(name: str, copy: Path) -> None:
    raw = (copy / name).read_bytes()
    (copy / name).write_bytes(raw[: len(raw) // 2])
    with pytest.raises(BundleError, match=name):
        read_bundle(copy)


@pytest.mark.parametrize("name", CONTENT)
def test_a_corrupted_file_is_named_with_the_fix(name: str, copy: Path) -> None:
    raw = bytearray((copy / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (copy / name).write_bytes(raw)
    with pytest.raises(BundleError, match=rf"{name}: its SHA-256 .*python -m training train"):
        read_bundle(copy)


def test_a_newer_schema_is_refused_with_the_way_out(copy: Path) -> None:
    manifest = json.loads((copy / MANIFEST).read_text())
    (copy / MANIFEST).write_text(json.dumps(manifest | {"schema_version": 99}))
    with pytest.raises(BundleError, match=r"manifest.json: schema version 99.*Deploy a newer function"):
        read_bundle(copy)


@pytest.mark.parametrize(
    "content", ["", "no JSON", "[]", "{}", '{"schema_version": 1}', '{"schema_version": "1"}', "[" * 10**5]
)
def test_a_manifest_that_is_none_is_refused(content: str, copy: Path) -> None:
    (copy / MANIFEST).write_text(content)
    with pytest.raises(BundleError, match=MANIFEST):
        read_bundle(copy)


def test_a_manifest_that_was_rewritten_loses_its_release(copy: Path) -> None:
    """With an altered file and its new hash in the manifest, the release id does not match."""
    manifest = json.loads((copy / MANIFEST).read_text())
    manifest["release"] = "0" * 12
    (copy / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="not those of release 000000000000"):
        read_bundle(copy)


def test_files_that_do_not_fit_each_other_are_refused(copy: Path, tmp_path: Path) -> None:
    encodings = json.loads((copy / "encodings.json").read_text())
    for wrong in (encodings | {"films": encodings["films"][::-1]}, encodings | {"genres": []}):
        with pytest.raises(BundleError, match=r"encodings.json|catalog.jsonl"):
            read_bundle(restage(copy, tmp_path / "root", encodings_json=json.dumps(wrong).encode()))


def archive(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


DEEP = b"[" * 100_000


@pytest.mark.parametrize("name", [name for name in CONTENT if name.endswith((".json", ".npz"))])
@pytest.mark.parametrize("wrong", [b"", b"nothing", b"[]", b"null", b"PK\x03\x04", archive(other=np.zeros(1)), DEEP])
def test_a_file_that_does_not_decode_is_named(name: str, wrong: bytes, copy: Path, tmp_path: Path) -> None:
    """Its hash is right, but its content is invalid."""
    with pytest.raises(BundleError, match=f"/{name}: does not decode .*python -m training train"):
        read_bundle(restage(copy, tmp_path / "root", **{name.replace(".", "_"): wrong}))


@pytest.mark.parametrize("wrong", [b"", b"nothing", b"[]", b"null", b"{}", b'["1","A film"],[', DEEP])
def test_lines_that_are_no_films_are_named(wrong: bytes, copy: Path, tmp_path: Path) -> None:
    lines = (copy / "catalog.jsonl").read_bytes().split(b"\n")
    with pytest.raises(BundleError, match=r"/catalog.jsonl: does not decode .*python -m training train"):
        read_bundle(restage(copy, tmp_path / "root", catalog_jsonl=b"\n".join([*lines[:-1], wrong])))
    with pytest.raises(BundleError, match=r"/catalog.jsonl: films has shape \(399,\); the manifest says \(400,\)"):
        read_bundle(restage(copy, tmp_path / "root", catalog_jsonl=b"\n".join(lines[:-1])))


def test_a_film_is_the_same_alone_and_among_all(root: Path) -> None:
    bundle = read_bundle(root)
    films = list(bundle.films)
    assert [bundle.films[index] for index in range(len(films))] == films == list(bundle.films[:])
    assert [film.year or 0 for film in films] == bundle.facts.years.tolist()
    assert [film.count for film in films] == bundle.facts.counts.tolist()
    assert [film.average or 0 for film in films] == bundle.facts.averages.tolist()
    for film, has in zip(films, bundle.facts.genres, strict=True):
        assert {*film.genres} == {genre for genre, one in zip(bundle.genres, has, strict=True) if one}


def test_a_damaged_archive_is_named(copy: Path, tmp_path: Path) -> None:
    raw = (copy / "films.npz").read_bytes()[:-30]  # without the end of its list of members
    with pytest.raises(BundleError, match=r"/films\.npz: does not decode"):
        read_bundle(restage(copy, tmp_path / "root", films_npz=raw))


def test_a_marked_bundle_is_not_hashed_again_and_its_tables_wait(copy: Path, tmp_path: Path) -> None:
    folder = restage(copy, tmp_path / "root")
    mark_checked(folder)
    marked, full = read_bundle(folder), read_bundle(copy)
    assert "film_tables" not in vars(marked)
    assert "film_tables" in vars(full)
    assert np.array_equal(marked.film_tables.vectors[:], full.film_tables.vectors[:])
    assert list(marked.films) == list(full.films)
    raw = (folder / "films.npz").read_bytes()
    (folder / "films.npz").write_bytes(raw[:-1])
    with pytest.raises(BundleError, match=r"films\.npz: .*truncated"):
        read_bundle(folder)


@pytest.mark.parametrize("name", ["films.npz", PEOPLE])
def test_what_is_damaged_is_not_marked(name: str, copy: Path) -> None:
    raw = bytearray((copy / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (copy / name).write_bytes(raw)
    with pytest.raises(BundleError, match=rf"{name}: its SHA-256"):
        mark_checked(copy)
    assert not (copy / CHECKED).exists()


@pytest.mark.parametrize("mark", ["", "0" * 12, "\N{SNOWMAN}"])
def test_a_mark_of_another_release_is_none(mark: str, copy: Path) -> None:
    (copy / CHECKED).write_text(mark)
    assert "film_tables" in vars(read_bundle(copy))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_manifest_with_a_wrong_bit_is_refused_or_does_no_harm(copy: Path, position: float, bit: int) -> None:
    good = (copy / MANIFEST).read_bytes()
    raw = bytearray(good)
    raw[int(position * len(raw))] ^= 1 << bit
    (copy / MANIFEST).write_bytes(raw)
    with suppress(BundleError):  # and no other error
        found = read_bundle(copy)
        # The bit was in the facts; what is served is what the release id says.
        assert found.manifest.release == json.loads(good)["release"]
    (copy / MANIFEST).write_bytes(good)


def test_what_cannot_be_opened_is_refused(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"manifest.json: cannot be read"):
        read_bundle(copy / MANIFEST)
    (copy / MANIFEST).unlink()
    (copy / MANIFEST).mkdir()
    with pytest.raises(BundleError, match=r"manifest.json: cannot be read"):
        read_bundle(copy)
    with pytest.raises(BundleError, match="there is no bundle here"):
        read_bundle(tmp_path / "nothing")


def test_the_same_content_is_the_same_release(copy: Path, tmp_path: Path) -> None:
    first = publish(restage(copy, tmp_path / "root"), tmp_path / "root")
    assert publish(restage(copy, tmp_path / "root"), tmp_path / "root") == first
    other = publish(restage(copy, tmp_path / "root", goldens_json=b'{"goldens": []}'), tmp_path / "root")
    assert other != first
    assert read_bundle(tmp_path / "root").manifest.release == other.name
    activate(first.name, tmp_path / "root")
    assert read_bundle(tmp_path / "root").manifest.release == first.name
    assert sorted(path.name for path in (tmp_path / "root").iterdir()) == sorted([first.name, other.name, "current"])


def test_publishing_mends_a_damaged_folder(copy: Path, tmp_path: Path) -> None:
    folder = publish(restage(copy, tmp_path / "root"), tmp_path / "root")
    (folder / "model.tflite").write_bytes(b"damaged")
    publish(restage(copy, tmp_path / "root"), tmp_path / "root")
    assert read_bundle(tmp_path / "root").manifest.release == folder.name


def test_an_unknown_release_is_not_activated(root: Path) -> None:
    with pytest.raises(BundleError, match="no such release"):
        activate("nothing", root)
    read_bundle(root)


def test_a_bundle_has_exactly_its_files(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a bundle has the files"):
        restage(copy, tmp_path / "root", extra_json=b"{}")


# Forks a child for every step of a publication that goes over the current bundle. At that step the child ends, or the
# call fails as it would on a full disk. In the end one child goes through all the steps.
_KILLED = """
import os, sys
from pathlib import Path
from tests.unit.function.bundle.test_format import restage
from function.bundle.format import BundleError, read_bundle
from training.export.publish import activate, publish

root, copy, old, what = Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]
watched = {"open", "os.rename", "os.remove", "os.mkdir", "os.symlink", "os.rmdir", "os.chmod", "tempfile.mkdtemp"}
steps = 0

def watch(event, arguments):
    global steps
    if steps and event in watched:
        steps -= 1
        if steps == 0:
            if what == "fails":
                raise OSError(28, "No space left on device")
            os._exit(7)

sys.addaudithook(watch)
for step in range(1, 90):
    if (child := os.fork()) == 0:
        steps = step
        try:
            publish(restage(copy, root, goldens_json=b'{"goldens": []}'), root)
        except (OSError, BundleError):
            os._exit(7)
        os._exit(0 if steps else 7)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(ended, read_bundle(root).manifest.release, flush=True)
    if ended != 7:
        break
    activate(old, root)
"""


@pytest.mark.parametrize("what", ["ends", "fails"])
def test_killed_at_any_step_a_whole_bundle_is_served(what: str, copy: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    old = publish(restage(copy, root), root).name
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", _KILLED, str(root), str(copy), old, what]
    environment = {**os.environ, "PYTHONPATH": "."}
    done = subprocess.run(command, env=environment, timeout=120, check=True, capture_output=True, text=True)
    *killed, last = [line.split() for line in done.stdout.splitlines()]
    assert len(killed) > 15
    assert {ended for ended, _ in killed} == {"7"}
    assert last[0] == "0"
    assert last[1] != old
    assert {release for _, release in killed} <= {old, last[1]}
