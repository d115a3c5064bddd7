"""What members cost in time, in docs/operations.md."""

import json

from benchmarks.instruments.facts import RESULTS
from benchmarks.members import MEMBER, NAME, WITH, WITHOUT, ratio
from benchmarks.tables.document import put
from benchmarks.tables.members import PAGE, table

RESULT = json.loads((RESULTS / f"{NAME}.json").read_text())


def test_the_table_is_that_of_the_results() -> None:
    page = PAGE.read_text()
    assert put(page, NAME, table(RESULT)) == page


def test_every_kind_of_start_was_measured_often_enough() -> None:
    cold = RESULT["cold"]
    assert set(cold["medians"]) == {WITH, WITHOUT, MEMBER}
    assert cold["runs"] >= 14
    for one in cold["ratio"].values():
        assert one["low"] <= one["value"] <= one["high"]


def test_a_ratio_is_of_medians_and_has_an_interval() -> None:
    theirs = [100.0, 101.0, 102.0, 103.0, 104.0, 1_000.0]
    assert ratio([2 * each for each in theirs], theirs)["value"] == 2
    same = ratio(theirs, theirs)
    assert same["low"] <= 1 <= same["high"]
