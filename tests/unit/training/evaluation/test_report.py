"""The report: every metric in the right place, deterministic, and no other files in its folder changed."""

import json
import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from training.data.dataset import Dataset
from training.data.synthetic import synthetic
from training.evaluation.evaluate import compare
from training.evaluation.facts import data_facts, environment_facts
from training.evaluation.protocols import DESCRIPTIONS
from training.evaluation.report.glossary import LISTS, STARS, TABLES, TITLES, Metric
from training.evaluation.report.highlights import highlights
from training.evaluation.report.write import cell, is_best, write_report
from training.evaluation.results import Evaluation, ProtocolResult, Row
from training.model.config import ModelConfig
from training.model.tower_fit import Curves, Epoch


@pytest.fixture(scope="module")
def small() -> Dataset:
    return synthetic(users=120, films=90, ratings=7000)


@pytest.fixture(scope="module")
def evaluation(small: Dataset) -> Evaluation:
    """Real metrics of the baselines, the first of which takes the role of the model. The last protocol was skipped."""
    results = [compare(small, protocol, 0) for protocol in ("random", "kfold", "ranking", "new_users")]
    results.append(ProtocolResult("time", DESCRIPTIONS["time"], skipped="the ratings have no <timestamps>."))
    epochs = [Epoch(1 / n, 1 / n, 1.1 / n + n / 50, 1.2 / n) for n in range(1, 12)]
    config = {"embedding": 64, "seed": ModelConfig().seed}
    return Evaluation(data_facts(small), results, Curves(epochs, epochs[:7]), None, config, environment_facts())


def metric(key: str) -> Metric:
    return next(each for table in TABLES for each in table.metrics if each.key == key)


class Page(HTMLParser):
    """Tags, attributes and texts of a page; fails if tags do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.cells: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.images.append(dict(attrs))
        elif tag != "meta":
            self.open.append(tag)
        assert not {name for name, _ in attrs} & {"onclick", "onload"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open[-2:]):
            self.cells.append(data)


def test_the_files_are_there_and_only_they(evaluation: Evaluation, tmp_path: Path) -> None:
    page = write_report(evaluation, tmp_path / "new" / "report")
    assert page == tmp_path / "new" / "report" / "report.html"
    assert sorted(file.name for file in page.parent.iterdir()) == [
        "curves.svg",
        "evaluation.json",
        "given.svg",
        "lists.svg",
        "ratings.svg",
        "report.html",
        "report.md",
    ]


def test_the_same_evaluation_gives_the_same_bytes(evaluation: Evaluation, tmp_path: Path) -> None:
    first, second = (write_report(evaluation, tmp_path / name).parent for name in ("first", "second"))
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes(), file.name


def test_what_else_is_in_the_folder_stays(evaluation: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    write_report(evaluation, tmp_path)
    fewer = replace(evaluation, results=evaluation.results[:1], curves=None)
    write_report(fewer, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert sorted(file.name for file in tmp_path.glob("*.svg")) == ["lists.svg", "ratings.svg"]


def test_a_report_that_fails_leaves_the_one_before(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    broken = replace(evaluation, results=[replace(evaluation.results[0], rows=[Row("x", {"rmse": float("nan")}, 0.0)])])
    with pytest.raises(ValueError, match="JSON"):
        write_report(broken, tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_html_and_markdown_show_every_figure_of_their_columns(evaluation: Evaluation, tmp_path: Path) -> None:
    page = write_report(evaluation, tmp_path)
    markdown, cells = page.with_suffix(".md").read_text(), Page(page.read_text()).cells
    for result in evaluation.results:
        for row in result.rows:
            for table in TABLES:
                for each in table.metrics:
                    if each.key in row.metrics:
                        assert cell(each, row)[0] in cells
                        assert cell(each, row)[0] in markdown


def test_every_figure_that_is_measured_has_a_column(evaluation: Evaluation) -> None:
    columns = {each.key for table in TABLES for each in table.metrics}
    measured = {key for result in evaluation.results for row in result.rows for key in row.metrics}
    # The number of users is in the text; by relevance, figures over all users replace those over a hundred of them.
    assert measured - columns == {"users", "by_relevance_precision_100", "by_relevance_recall_100"}
    assert set(TITLES) == set(DESCRIPTIONS)


def test_markdown_tables_are_rectangular(evaluation: Evaluation, tmp_path: Path) -> None:
    lines = write_report(evaluation, tmp_path).with_suffix(".md").read_text().splitlines()
    tables = [list(map(len, (line.split("|") for line in block))) for block in _tables(lines)]
    assert len(tables) > 6
    assert all(len(set(widths)) == 1 and len(widths) > 3 for widths in tables)


def _tables(lines: list[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("|"):
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def test_the_page_needs_no_other_file_and_its_pictures_are_told_in_words(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    html = write_report(evaluation, tmp_path).read_text()
    images = Page(html).images
    assert len(images) == 4
    for image in images:
        kind, _, content = (image["src"] or "").partition(",")
        assert kind == "data:image/svg+xml;base64"
        ElementTree.fromstring(b64decode(content))  # whole, well-formed
        assert len(image["alt"] or "") > 30
    assert not re.search(r'(src|href)="(?!data:)', html)


def test_plots_follow_the_readers_theme_and_carry_no_date(evaluation: Evaluation, tmp_path: Path) -> None:
    folder = write_report(evaluation, tmp_path).parent
    for file in folder.glob("*.svg"):
        svg = file.read_text()
        assert "prefers-color-scheme:dark" in svg
        assert "currentColor" in svg
        assert "#010203" not in svg
        assert "dc:date" not in svg


def test_what_was_skipped_says_why_and_is_escaped(evaluation: Evaluation, tmp_path: Path) -> None:
    page = write_report(evaluation, tmp_path)
    assert "Left out: the ratings have no &lt;timestamps&gt;." in page.read_text()
    assert "Left out: the ratings have no <timestamps>." in page.with_suffix(".md").read_text()


def test_the_json_is_the_evaluation(evaluation: Evaluation, tmp_path: Path) -> None:
    found = json.loads((write_report(evaluation, tmp_path).parent / "evaluation.json").read_text())
    assert found["data"]["sha256"] == evaluation.data["sha256"]
    assert found["results"][0]["rows"][0]["metrics"] == evaluation.results[0].rows[0].metrics
    assert len(found["curves"]["film_tower"]) == 7


def test_the_best_is_bold_where_better_is_beyond_doubt() -> None:
    rows = [
        Row("a", {"rmse": 0.90001, "coverage": 0.2}, 0),
        Row("b", {"rmse": 0.90002, "coverage": 0.9}, 0),
        Row("c", {"rmse": 0.95}, 0),
        Row("d", {}, 0),
    ]
    assert [is_best(metric("rmse"), row, rows) for row in rows] == [True, True, False, False]  # the same as shown
    assert not any(is_best(metric("coverage"), row, rows) for row in rows)
    assert cell(metric("rmse"), rows[3]) == ("-", "")
    assert cell(metric("rmse"), replace(rows[2], intervals={"rmse": (0.9, 1)})) == ("0.9500", "0.900 to 1.000")


def result(protocol: str, ours: Row, *others: Row) -> ProtocolResult:
    return ProtocolResult(protocol, "", 1, 1, 9, 4, 0, [ours, *others])  # type: ignore[arg-type]


def highlights_of(*results: ProtocolResult) -> str:
    return " ".join(highlights(Evaluation({}, list(results), None, None, {}, {})))


@pytest.mark.parametrize(
    ("ours", "verdict"), [((0.5, 0.6), "better"), ((0.1, 0.2), "worse"), ((0.25, 0.4), "the intervals overlap")]
)
def test_highlights_do_not_claim_more_than_the_intervals(ours: tuple[float, float], verdict: str) -> None:
    middle = sum(ours) / 2
    lists = {"liked_ndcg": middle, "precision": 0.4, "coverage": 0.2, "popularity": 0.3}
    model = Row("this model", lists, 0, {"liked_ndcg": ours})
    ease = Row("EASE", {**lists, "liked_ndcg": 0.35}, 0, {"liked_ndcg": (0.3, 0.4)})
    text = highlights_of(result("ranking", model, ease))
    assert f"{middle:.4f} to 0.3500" in text
    assert f"; {verdict})" in text


def test_highlights_tell_when_popularity_is_better_for_somebody_new() -> None:
    model = Row("this model", {"liked_given_1": 0.4, "liked_given_20": 0.7}, 0)
    popularity = Row("popularity", {"liked_given_1": 0.5, "liked_given_20": 0.5}, 0)
    text = highlights_of(result("new_users", model, popularity))
    assert "0.400 for one rating (popularity 0.500) and 0.700 for 20 ratings (popularity 0.500)" in text


def test_highlights_of_nothing_are_nothing() -> None:
    assert highlights_of() == ""
    assert highlights_of(ProtocolResult("time", "", skipped="no timestamps")) == ""
    assert STARS.metrics
    assert LISTS.metrics
