"""Bundles of other sizes: the store that counts, and the tables."""

from pathlib import Path

import pytest

from benchmarks.instruments.store import store
from benchmarks.tables.people import starts, weights
from function.bundle.s3 import Bucket, MissingError

FACTS = {"date": "2026-01-02", "machine": {"cpu": "A processor", "cores": 2}, "runs": 3}


def test_the_store_sends_parts_and_counts_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"0123456789")
    for name in ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    with store(tmp_path) as there:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", there.url)
        bucket = Bucket.of("bucket")
        assert bucket.read("folder/file") == b"0123456789"
        assert bucket.read("folder/file", (3, 4)) == b"3456"
        assert (there.requests["file"], there.sent["file"]) == (2, 14)
        there.forget()
        with pytest.raises(MissingError):
            bucket.read("folder/nothing")
        assert not there.sent


def test_weights_have_the_goal_of_the_larger_size() -> None:
    mb = {"model.tflite": 1.5, "films.npz": 2.0, "catalog.jsonl": 0.5, "start": 4.1, "people.bin": 9.0}
    result = {
        **FACTS,
        "shapes": {"ml-1m": {"users": 6040, "films": 3883, "ratings": 1_000_209}},
        "bundles": [{"precision": "int8", "mb": {"ml-1m": mb, "ml-32m": mb}}],
    }
    text = weights(result)
    assert "| int8 | ml-1m | 1.5 | 2.0 | 0.5 | 4.1 |  | 9.0 |" in text
    assert "| int8 | ml-32m | 1.5 | 2.0 | 0.5 | 4.1 | 120 | 9.0 |" in text
    assert "ml-1m: 6,040 people, 3,883 films, 1,000,209 ratings. `python -m benchmarks.people`, 2026-01-02" in text


def test_starts_have_their_ratio_beside_the_goal() -> None:
    small = {"total": 400.0, "peak_mb": 80.0, "sent_mb": 10.0, "reads_of_people": 2, "people_kb": 7.5}
    row = {"ml-1m": small, "ml-32m": {**small, "total": 500.0}, "ratio": {"total": 1.25, "cpu": 1.5}}
    rows = [{**row, "bundle": "image", "who": "visitor"}, {**row, "bundle": "release", "who": "known"}]
    text = starts({**FACTS, "bundles": [{"precision": "int8", "starts": rows}]})
    assert "| int8 | a visitor | the image | 400 | 500 | 1.25 | 1.3 | 1.50 | 80 |  |  |" in text
    assert "| int8 | a known user | the release | 400 | 500 | 1.25 | 2 | 1.50 | 80 | 10.0 | 2, 7.5 |" in text
    assert "3 starts of each, in turns, medians." in text
