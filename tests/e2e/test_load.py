"""Answers of the local site with two workers while things go wrong: the benchmark of load, in seconds."""

from pathlib import Path

from benchmarks.load import BUNDLES, under_faults
from tests.support.demo_bundle import demo_bundle


def test_no_answer_is_wrong_while_releases_move_and_workers_die(tmp_path: Path) -> None:
    bundles = {name: demo_bundle(tmp_path / name, films=200, users=30, seed=seed) for seed, name in enumerate(BUNDLES)}
    found = under_faults(bundles, minutes=0.01, compared=60, pause=0.5, kill=2.0)
    assert found["examples"] == []
    assert found["wrong"] == 0
    assert found["right"] + found["unanswered"] == found["asked"] > 100
    assert found["availability"] > 0.9
    assert found["availability_second"] > 0.98
    assert min(found["answered_by"].values()) > 0
    done = found["done"]
    assert (done["releases"], done["rollbacks"], done["damaged pointers"]) == (1, 1, 1)
    assert done["workers killed"] >= 2
