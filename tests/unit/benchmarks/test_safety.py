"""The figures of docs/security.md."""

import json

import pytest

from benchmarks.instruments.facts import RESULTS
from benchmarks.safety import CHECKS, NAME, counted
from benchmarks.tables.document import put
from benchmarks.tables.safety import PAGE, table

RESULT = json.loads((RESULTS / f"{NAME}.json").read_text())


def test_the_table_is_that_of_the_results() -> None:
    page = PAGE.read_text()
    assert put(page, NAME, table(RESULT)) == page


def test_every_check_was_made_as_it_is_now_and_found_nothing() -> None:
    assert list(RESULT["checks"]) == [check.what for check in CHECKS]
    for check in CHECKS:
        found = RESULT["checks"][check.what]
        assert (found["command"], found["faults"]) == (check.command, 0)
        assert found["cases"] >= check.least


@pytest.mark.parametrize(
    ("inside", "cases", "faults"),
    [
        ("", 1, 0),
        ("<skipped/>", 0, 0),
        ("<failure/>", 1, 1),
        ("<error/>", 1, 1),
        ('<properties><property name="cases" value="40"/></properties>', 40, 0),
    ],
)
def test_cases_are_counted(inside: str, cases: int, faults: int) -> None:
    one = f"<testsuite><testcase name='x'>{inside}</testcase></testsuite>"
    assert counted(f"<testsuites>{one}</testsuites>") == (cases, faults)
    assert counted(f"<testsuites>{one}{one}</testsuites>") == (2 * cases, 2 * faults)
