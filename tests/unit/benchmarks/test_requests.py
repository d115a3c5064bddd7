"""The instruments of the benchmark of requests, and that the documents have its figures."""

import json

import pytest

from benchmarks.figures import BLOCKS, REQUESTS
from benchmarks.instruments.interleaved import interleaved
from benchmarks.instruments.layers import REST, shares
from benchmarks.requests import HELLO, ratios
from benchmarks.tables.document import put
from tests.support.sam import ROOT


@pytest.mark.parametrize(("document", "block", "text"), [row[:3] for row in BLOCKS if row[3] == (REQUESTS,)])
def test_documents_have_the_committed_figures(document: str, block: str, text: object) -> None:
    page = (ROOT / document).read_text()
    assert callable(text)
    assert page == put(page, block, text(json.loads((ROOT / REQUESTS).read_text())))


def test_every_round_has_each_work_once() -> None:
    done: list[str] = []
    times = interleaved({name: lambda name=name: done.append(name) for name in "abc"}, 50, warm=1)  # type: ignore[misc]
    rounds = [done[start : start + 3] for start in range(3, len(done), 3)]
    assert len(rounds) == 50
    assert all(sorted(each) == ["a", "b", "c"] for each in rounds)
    assert len({tuple(each) for each in rounds}) == 6  # in every order
    assert all(found["runs"] == 50 and 0 < found["p50"] <= found["p99"] for found in times.values())


def test_ratios_are_to_hello_and_to_the_own_median() -> None:
    found = ratios({HELLO: {"p50": 0.2, "p99": 0.5}, "home": {"p50": 0.5, "p99": 1.0}})
    assert (found[HELLO]["ratio"], found["home"]["ratio"], found["home"]["p99_ratio"]) == (1, 2.5, 2)


def test_built_in_functions_count_for_the_layer_of_their_callers() -> None:
    import numpy as np

    values = np.zeros(1_000_000)
    found = shares(lambda: np.median(values), 3)
    assert sum(found.values()) == pytest.approx(1, abs=0.01)
    assert found["ranking"] > 0.5  # NumPy's
    assert REST in found
