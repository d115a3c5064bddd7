"""Evaluation sets the model beside baselines on the same ratings, and its report is one that can be read."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from training.config import ModelConfig
from training.data import Dataset
from training.evaluate import Evaluation, evaluate
from training.report import write_report
from training.synthetic import synthetic

QUICK = ModelConfig(embedding=4, epochs=3, learning_rate=0.01, batch_rows=32, relevance_rank=16, relevance_l2=50.0)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    dataset = synthetic(users=90, films=70, ratings=2500)
    return evaluate(dataset, QUICK, ["random", "time", "ranking"])


def test_baselines_stand_in_every_table(evaluation: Evaluation) -> None:
    assert [result.protocol for result in evaluation.results] == ["random", "time", "ranking"]
    for result in evaluation.results:
        names = [row.scorer for row in result.rows]
        assert names[0] == "this model"
        assert {"damped biases", "popularity", "random"} <= set(names)
        assert result.train > result.held_out > 0
        for row in result.rows:
            assert {"ndcg", "precision", "recall", "hit_rate", "coverage", "popularity"} <= row.metrics.keys()
            if row.scorer != "EASE":
                assert {
                    "rmse",
                    "mae",
                    "mae_unit",
                    "surprise_precision_100",
                    "surprise_recall_all",
                } <= row.metrics.keys()


def test_random_lists_are_the_worst(evaluation: Evaluation) -> None:
    rows = {row.scorer: row.metrics["ndcg"] for row in evaluation.results[2].rows}
    assert min(rows, key=lambda name: rows[name]) == "random"
    assert rows["this model"] > 2 * rows["random"]


def test_the_same_seed_gives_the_same_metrics(evaluation: Evaluation) -> None:
    again = evaluate(synthetic(users=90, films=70, ratings=2500), QUICK, ["random"])
    assert again.results[0].rows[0].metrics == evaluation.results[0].rows[0].metrics


def test_what_cannot_be_measured_is_left_out_and_said(dataset: Dataset) -> None:
    timeless = replace(dataset, interactions=replace(dataset.interactions, timestamps=None))
    result = evaluate(timeless, QUICK, ["time"]).results[0]
    assert result.rows == []
    assert "no timestamps" in result.skipped


class Links(HTMLParser):
    """Collects what a page would load, and the text of its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [
            value or "" for name, value in attrs if name in ("src", "srcset") or (tag == "link" and name == "href")
        ]


def test_the_report(evaluation: Evaluation, tmp_path: Path) -> None:
    page = write_report(evaluation, tmp_path / "report")
    html = page.read_text()
    parser = Links()
    parser.feed(html)
    assert parser.loaded == []  # one file, which needs no network
    assert parser.tags.count("svg") >= 3
    assert parser.tags.count("table") >= 3
    ours = evaluation.results[0].rows[0].metrics
    markdown = (tmp_path / "report" / "report.md").read_text()
    for text in (html, markdown):
        assert f"{ours['rmse']:.4f}" in text
        assert f"{ours['ndcg']:.4f}" in text
        assert "Järvelin" in text
        assert evaluation.facts["date"] in text
        assert "SHA-256" in text
    for picture in re.findall(r"\]\(([^)]+\.svg)\)", markdown):
        assert (tmp_path / "report" / picture).read_text().rstrip().endswith("</svg>")
    saved = json.loads((tmp_path / "report" / "evaluation.json").read_text())
    assert saved["results"][0]["rows"][0]["metrics"]["rmse"] == ours["rmse"]


def test_the_report_is_the_same_for_the_same_figures_and_replaces_the_old(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    write_report(evaluation, tmp_path / "report")
    first = content(tmp_path / "report")
    (tmp_path / "report" / "stale.svg").write_text("old")
    write_report(evaluation, tmp_path / "report")
    assert content(tmp_path / "report") == first
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
