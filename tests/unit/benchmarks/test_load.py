"""The benchmark of load: its figures in the documents, and that its visitors notice what is wrong."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks.figures import BLOCKS, LOAD
from benchmarks.instruments.mix import SHARES, Request, kinds, mixed
from benchmarks.instruments.visitors import Answer, Tally, Visitors, expected, is_right
from benchmarks.instruments.wrk import Load
from benchmarks.load import GOAL, REQUESTS, best
from benchmarks.tables.document import put
from tests.support.demo_bundle import demo_bundle
from tests.support.sam import ROOT

RESULT = json.loads((ROOT / LOAD).read_text())
FILM = Request("GET", "/api/films/1")
GOLDEN = Answer(200, 'W/"1"', b"{}")


@pytest.mark.parametrize(("document", "block", "text"), [row[:3] for row in BLOCKS if row[3] == (LOAD,)])
def test_documents_have_the_committed_figures(document: str, block: str, text: object) -> None:
    page = (ROOT / document).read_text()
    assert callable(text)
    assert page == put(page, block, text(RESULT))


def test_the_goals_were_met() -> None:
    parts = RESULT["parts"]
    assert all(row["errors"] == 0 for rows in parts["throughput"]["workers"].values() for row in rows.values())
    assert parts["memory"]["requests"] >= REQUESTS
    assert parts["memory"]["errors"] == 0
    assert abs(parts["memory"]["growth"]) < 0.02
    for part in ("answers", "faults"):
        assert parts[part]["wrong"] == 0
        assert parts[part]["right"] + parts[part]["unanswered"] == parts[part]["asked"]
    assert parts["faults"]["minutes"] >= 10
    assert set(parts["faults"]["done"]) == {"releases", "rollbacks", "damaged pointers", "workers killed"}
    assert min(parts["faults"]["answered_by"].values()) > 0


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("bundles")
    return [demo_bundle(root / str(seed), films=60, users=8, seed=seed) for seed in (1, 2)]


def test_the_mix_has_every_kind_by_its_share(bundles: list[Path]) -> None:
    requests = kinds(bundles[0], each=20)
    assert set(requests) == set(SHARES)
    assert sum(SHARES.values()) == 100
    drawn = mixed(requests, 1000)
    assert drawn == mixed(kinds(bundles[0], each=20), 1000)
    posts = sum(request.method == "POST" for request in drawn)
    assert 200 < posts < 400


def test_releases_answer_differently_and_refuse_each_other_s_cursors(bundles: list[Path]) -> None:
    first, second = expected(bundles, each=5, total=20).values()
    assert first.keys() == second.keys()
    lists = [request for request in first if request.path.endswith("/recommendations")]
    assert lists
    assert all(first[request] != second[request] for request in lists)
    pages = [request for request in first if "cursor" in request.path]
    assert {(first[page].status, second[page].status) for page in pages} == {(200, 410), (410, 200)}


@pytest.fixture
def goldens() -> dict[str, dict[Request, Answer]]:
    return {"a": {FILM: GOLDEN}, "b": {FILM: GOLDEN._replace(body=b"[]", tag='W/"2"')}}


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (httpx.Response(200, content=b"{}", headers={"etag": 'W/"1"'}), False),
        (httpx.Response(200, content=b"[]", headers={"etag": 'W/"2"'}), True),  # of a release that is not served
        (httpx.Response(200, content=b"{ }", headers={"etag": 'W/"1"'}), True),
        (httpx.Response(200, content=b"{}", headers={"etag": 'W/"2"'}), True),  # the body of one, the tag of another
        (httpx.Response(404, content=b"{}", headers={"etag": 'W/"1"'}), True),
    ],
)
def test_a_wrong_answer_is_counted(
    answer: httpx.Response, wrong: bool, goldens: dict[str, dict[Request, Answer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tally = visit(goldens, iter([answer]), monkeypatch)
    assert (len(tally.wrong), sum(tally.right.values()), tally.failed.total()) == (int(wrong), int(not wrong), 0)


def test_a_failure_is_tried_again_once(
    goldens: dict[str, dict[Request, Answer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = httpx.Response(200, content=b"{}", headers={"etag": 'W/"1"'})
    gone = httpx.ReadError("gone")
    tally = visit(goldens, iter([gone, right, httpx.Response(503), gone]), monkeypatch, asked=2)
    assert dict(tally.failed) == {"ReadError": 1, "503": 1}
    assert (sum(tally.right.values()), tally.unanswered, tally.wrong) == (1, 1, [])


def test_not_modified_is_right_for_who_has_the_tag_only() -> None:
    still = Answer(304, GOLDEN.tag, b"")
    assert is_right(still, GOLDEN, GOLDEN.tag)
    assert not is_right(still, GOLDEN, "")
    assert not is_right(still, GOLDEN._replace(tag='W/"2"'), GOLDEN.tag)
    assert not is_right(GOLDEN, GOLDEN, GOLDEN.tag)


def test_the_best_load_is_the_fastest_within_the_goal() -> None:
    loads = {1: Load(100, 1.0, 1.0, 2.0, 0), 8: Load(300, 1.0, 9.0, GOAL, 1), 64: Load(400, 1.0, 40.0, GOAL + 1, 2)}
    found = best(loads)
    assert (found["rate"], found["connections"], found["errors"], found["requests"]) == (300, 8, 3, 800)
    with pytest.raises(ValueError, match="too busy"):
        best({64: loads[64]})


def visit(
    goldens: dict[str, dict[Request, Answer]],
    answers: Iterator[httpx.Response | Exception],
    monkeypatch: pytest.MonkeyPatch,
    asked: int = 1,
) -> Tally:
    """What a visitor counts, to whom a server that serves release a gives these answers, one after the other."""

    def answer(_: httpx.Request) -> httpx.Response:
        given = next(answers)
        if isinstance(given, Exception):
            raise given
        return given

    client = httpx.AsyncClient
    monkeypatch.setattr(httpx, "AsyncClient", lambda **given: client(**given, transport=httpx.MockTransport(answer)))
    monkeypatch.setattr("benchmarks.instruments.visitors.KNOWN", 0)
    visitors = Visitors("http://site", goldens, lambda: frozenset({"a"}))
    return asyncio.run(visitors.visit(1, lambda tally: tally.asked >= asked))
