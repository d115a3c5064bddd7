"""Whether there is anything to train, from the fingerprint of the last training."""

import json
import sys
from pathlib import Path

import pytest

from tests.support.demo_bundle import demo_bundle
from training import up_to_date as module
from training.up_to_date import digests, up_to_date, write_fingerprint

FLAGS = ["--ratings", "my.csv"]


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    path = tmp_path / "my.csv"
    path.write_text("user,film,rating\n")
    return path


@pytest.fixture
def root(tmp_path: Path, ratings: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle root whose fingerprint has `ratings`, and a file of posters that does not exist."""
    root = tmp_path / "bundles"
    demo_bundle(root, films=20, users=5)
    monkeypatch.setattr(sys, "argv", ["training", "train", "--if-needed", *FLAGS])
    write_fingerprint(root, digests([ratings, tmp_path / "posters.json"]), for_today=False)
    return root


def test_the_same_flags_and_files_are_up_to_date(root: Path) -> None:
    assert up_to_date(root, FLAGS)


def test_other_flags_are_not(root: Path) -> None:
    assert not up_to_date(root, [*FLAGS, "--skip-bad-rows"])


def test_a_changed_or_deleted_file_is_noticed(root: Path, ratings: Path) -> None:
    ratings.write_text("user,film,rating\n1,1,5\n")
    assert not up_to_date(root, FLAGS)
    ratings.unlink()
    assert not up_to_date(root, FLAGS)


def test_a_new_file_is_noticed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "posters.json").write_text("{}")
    assert not up_to_date(root, FLAGS)


def test_other_sources_are_noticed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "source_digests", lambda: ["other"])
    assert not up_to_date(root, FLAGS)


def test_another_data_folder_is_noticed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOMMENDER_DATA", "elsewhere")
    assert not up_to_date(root, FLAGS)


def test_a_damaged_or_different_bundle_is_noticed(root: Path, ratings: Path) -> None:
    (root / "current" / "model.tflite").write_bytes(b"damaged")
    assert not up_to_date(root, FLAGS)
    demo_bundle(root, films=21, users=5)
    assert not up_to_date(root, FLAGS)


def test_posters_are_valid_for_a_day(root: Path, ratings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_fingerprint(root, digests([ratings]), for_today=True)
    assert up_to_date(root, FLAGS)
    monkeypatch.setattr(module, "_today", lambda: "2100-01-01")
    assert not up_to_date(root, FLAGS)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"flags": 1}'])
def test_an_invalid_fingerprint_is_ignored(root: Path, text: str) -> None:
    fingerprint = root / module.FINGERPRINT
    fingerprint.write_text(text)
    assert not up_to_date(root, FLAGS)


def test_a_fingerprint_without_a_field_is_ignored(root: Path) -> None:
    fingerprint = root / module.FINGERPRINT
    found = json.loads(fingerprint.read_text())
    del found["release"]
    fingerprint.write_text(json.dumps(found))
    assert not up_to_date(root, FLAGS)
