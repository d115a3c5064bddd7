"""What members cost in time, in docs/operations.md."""

import json

from benchmarks.instruments.facts import RESULTS
from benchmarks.members import MEMBER, NAME, WITH, WITHOUT
from benchmarks.tables.document import put
from benchmarks.tables.members import PAGE, table

RESULT = json.loads((RESULTS / f"{NAME}.json").read_text())


def test_the_table_is_that_of_the_results() -> None:
    page = PAGE.read_text()
    assert put(page, NAME, table(RESULT)) == page


def test_the_ratio_is_that_of_the_medians() -> None:
    cold = RESULT["cold"]
    assert set(cold["medians"]) == {WITH, WITHOUT, MEMBER}
    assert cold["runs"] >= 14
    for name, ratio in cold["ratio"].items():
        assert ratio == round(cold["medians"][WITH][name] / cold["medians"][WITHOUT][name], 3)
