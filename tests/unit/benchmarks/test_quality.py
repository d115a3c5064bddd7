"""The quality benchmark: no scorer sees held-out ratings, all are measured alike, and interrupted runs continue."""

import json
import pickle
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import quality
from benchmarks.instruments import facts
from benchmarks.peers.contract import Question, Rows, Scorer, Settings, choose, ndcg, rmse
from benchmarks.peers.registry import ENTRANTS, LISTS, STARS, Entrant
from training.data.dataset import Dataset, Interactions
from training.data.synthetic import synthetic
from training.evaluation.baselines import Ease, Popularity
from training.evaluation.liking import liked_ndcg, regrets
from training.evaluation.protocols import Parts, Protocol, parts
from training.metrics import list_metrics, mean_ndcg, star_errors

PROTOCOLS: list[Protocol] = ["kfold", "random", "ranking", "new_users", "recbole"]
TINY_PEER = '''
"""Film means for stars, counts for lists; "broken" fails, "wrong" gives invalid answers."""

import sys

import numpy as np

from benchmarks.peers.contract import Scorer, main


class Model:
    def __init__(self, question, rows):
        self.counts = np.bincount(rows.films, minlength=question.n_films).astype(np.float32)
        self.means = np.bincount(rows.films, rows.ratings, question.n_films) / np.maximum(self.counts, 1)
        self.means[self.counts == 0] = rows.ratings.mean()

    def stars(self, users, films):
        return self.means[films]

    def scores(self, users, given):
        return np.broadcast_to(self.counts, (len(users), len(self.counts)))


class Wrong(Model):
    def stars(self, users, films):
        return np.full(len(users), np.nan)

    def scores(self, users, given):
        return np.zeros((1, 1))


def broken(question, rows, settings):
    sys.exit("the disk is full")


def no_choice(question):
    return [{}]


if __name__ == "__main__":
    packages = ("numpy",)
    main({
        "tiny": Scorer(lambda q, r, s: Model(q, r), no_choice, packages, by_stars=True),
        "wrong": Scorer(lambda q, r, s: Wrong(q, r), no_choice, packages, by_stars=True),
        "broken": Scorer(broken, no_choice, packages, by_stars=True),
    })
'''


@pytest.fixture(scope="module")
def small() -> Dataset:
    return synthetic(users=60, films=50, ratings=1800)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Entrant]:
    """Test peers, and a temporary folder for results."""
    (tmp_path / "tiny_peer.py").write_text(TINY_PEER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(facts, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(quality, "RESULTS", tmp_path / "results")
    return {name: Entrant(name, "tiny", "tiny_peer", "", STARS + LISTS) for name in ("tiny", "wrong", "broken")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    where = tmp_path / "question"
    where.mkdir()
    return where


def first_part(dataset: Dataset, protocol: Protocol) -> Parts:
    return next(iter(parts(dataset, protocol, 0)))


def pairs(rows: Rows | Interactions) -> set[tuple[int, int]]:
    return set(zip(rows.users.tolist(), rows.films.tolist(), strict=True))


# No scorer sees held-out ratings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_held_out_rating_is_in_the_question(small: Dataset, protocol: Protocol, folder: Path) -> None:
    run = first_part(small, protocol)
    quality.ask(small, run, protocol, 0, folder)
    question = Question.load(folder)
    hidden = pairs(run.held_out)
    for rows in (question.train, question.choosing, question.validation, question.given):
        assert not pairs(rows) & hidden
    assert not pairs(question.choosing) & pairs(question.validation)
    if protocol in LISTS:  # the held-out pairs are the answer themselves
        assert len(question.pair_users) == len(question.pair_films) == 0
        assert set(question.rank) == set(run.relevant.users)
    else:
        assert len(question.rank) == 0
        assert len(question.pair_users) == len(run.held_out)
    beside: Dataset = pickle.loads((folder / "dataset.pickle").read_bytes())
    assert pairs(beside.interactions) == pairs(run.train)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_question_does_not_change_with_the_held_out_stars(small: Dataset, protocol: Protocol, folder: Path) -> None:
    run = first_part(small, protocol)
    quality.ask(small, run, protocol, 0, folder)
    before = (folder / "question.npz").read_bytes(), (folder / "dataset.pickle").read_bytes()
    turned = replace(run.held_out, ratings=6 - run.held_out.ratings)
    other = replace(run, held_out=turned, relevant=turned if protocol in LISTS else run.relevant)
    quality.ask(small, other, protocol, 0, folder)
    assert ((folder / "question.npz").read_bytes(), (folder / "dataset.pickle").read_bytes()) == before


# The contract -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["kfold", "recbole", "new_users"])
def test_a_question_is_read_as_it_was_saved(small: Dataset, protocol: Protocol, folder: Path) -> None:
    run = first_part(small, protocol)
    quality.ask(small, run, protocol, 3, folder)
    question = Question.load(folder)
    assert (question.n_users, question.n_films, question.seed) == (small.n_users, small.n_films, 3)
    assert (question.low, question.high, question.data) == (1, 5, small.name)
    assert question.own_validation == (protocol == "recbole")
    np.testing.assert_array_equal(question.train.ratings, run.train.ratings)
    assert run.train.timestamps is not None
    np.testing.assert_array_equal(question.train.timestamps, run.train.timestamps)
    assert len(question.given) == (len(run.given) if run.given else 0)


def test_a_peer_is_measured_like_our_own_scorers(small: Dataset, tiny: dict[str, Entrant], folder: Path) -> None:
    run = first_part(small, "ranking")
    quality.ask(small, run, "ranking", 0, folder)
    answer = quality.answer(tiny["tiny"], folder)
    metrics = quality.evaluate(small, run, "ranking", folder)
    ours = Popularity(small, run.train)
    expected = asdict(list_metrics(ours.relevance, run.seen, run.relevant, small.n_users, small.n_films))
    liking, _ = liked_ndcg(ours.relevance, small, run.seen, run.held_out)
    assert 0 < metrics.pop("ndcg_half_width") < 0.5
    assert 0 < metrics.pop("liked_ndcg_half_width") < 0.5
    liking |= regrets(ours.relevance, None, small, run.seen, run.held_out)
    assert metrics == {name: (expected | liking)[name] for name in metrics}
    assert answer["seconds"] > 0
    assert "numpy" in answer["versions"]


def test_predicted_stars_are_in_the_order_of_the_pairs(small: Dataset, tiny: dict[str, Entrant], folder: Path) -> None:
    run = first_part(small, "random")
    quality.ask(small, run, "random", 0, folder)
    quality.answer(tiny["tiny"], folder)
    metrics = quality.evaluate(small, run, "random", folder)
    rows = run.train
    counts = np.bincount(rows.films, minlength=small.n_films)
    means = np.bincount(rows.films, rows.ratings, small.n_films) / np.maximum(counts, 1)
    means[counts == 0] = rows.ratings.mean()
    predicted = means[run.held_out.films].astype(np.float32)
    assert metrics["rmse"] == pytest.approx(star_errors(predicted, run.held_out.ratings, small.scale).rmse, abs=1e-6)
    assert 0 < metrics["first_ten_precision"] < 1


def test_memory_excludes_the_parent_process(small: Dataset, tiny: dict[str, Entrant], folder: Path) -> None:
    ballast = np.ones(50_000_000)  # 400 MB
    quality.ask(small, first_part(small, "ranking"), "ranking", 0, folder)
    assert 5 < quality.answer(tiny["tiny"], folder)["memory_mb"] < 200
    assert ballast.sum() == len(ballast)


def test_baselines_give_the_same_scores_as_in_this_process(small: Dataset, folder: Path) -> None:
    run = first_part(small, "new_users")
    quality.ask(small, run, "new_users", 0, folder)
    ease = next(entrant for entrant in ENTRANTS if entrant.name == "EASE")
    answer = quality.answer(ease, folder)
    assert run.given is not None
    here = Ease(small, run.train, answer["settings"]["l2"]).fold_in(run.given)
    expected = here.relevance(np.unique(run.relevant.users).astype(np.int32))
    np.testing.assert_allclose(np.load(folder / "scores.npy"), expected, atol=1e-5)


def test_a_failed_peer_says_why(small: Dataset, tiny: dict[str, Entrant], folder: Path) -> None:
    quality.ask(small, first_part(small, "ranking"), "ranking", 0, folder)
    with pytest.raises(quality.PeerError, match="broken: the disk is full"):
        quality.answer(tiny["broken"], folder)


@pytest.mark.parametrize("protocol", ["ranking", "random"])
def test_invalid_answers_are_refused(
    small: Dataset, tiny: dict[str, Entrant], protocol: Protocol, folder: Path
) -> None:
    run = first_part(small, protocol)
    quality.ask(small, run, protocol, 0, folder)
    quality.answer(tiny["wrong"], folder)
    with pytest.raises(quality.PeerError, match=r"has the shape|not finite"):
        quality.evaluate(small, run, protocol, folder)


# Choosing settings --------------------------------------------------------------------------------------------------


class Fixed:
    """Fixed random scores and predictions, better for less `noise`."""

    def __init__(self, question: Question, noise: float) -> None:
        rng = np.random.default_rng(1)
        self.table = rng.random((question.n_users, question.n_films), np.float32)
        truth = question.validation
        self.table[truth.users, truth.films] += 1 / (1 + noise)
        self.guess = np.full((question.n_users, question.n_films), 3, np.float32)
        self.guess[truth.users, truth.films] = truth.ratings + noise

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.asarray(self.guess[users, films])

    def scores(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        return np.asarray(self.table[users])


def asked(dataset: Dataset, protocol: Protocol, folder: Path) -> Question:
    quality.ask(dataset, first_part(dataset, protocol), protocol, 0, folder)
    return Question.load(folder)


def test_settings_are_chosen_by_the_metrics_of_the_tables(small: Dataset, folder: Path) -> None:
    question = asked(small, "ranking", folder)
    model = Fixed(question, 3.0)
    known, relevant = (
        Interactions(rows.users, rows.films, rows.ratings) for rows in (question.choosing, question.validation)
    )
    expected = mean_ndcg(lambda users: model.scores(users, None), known, relevant, small.n_users, small.n_films)
    assert 0 < expected < 1
    assert ndcg(model, question, question.validation) == pytest.approx(expected, abs=1e-9)
    assert rmse(model, question.validation) == pytest.approx(3.0, abs=1e-6)


def test_settings_may_be_chosen_by_what_was_liked(small: Dataset, folder: Path) -> None:
    """Of two rankings, one finds the films that were disliked, and the other those that were liked."""
    question = asked(small, "ranking", folder)

    def fit(question: Question, _rows: Rows, settings: Settings) -> Fixed:
        model = Fixed(question, 0.0)
        rows = question.validation
        model.table[:] = 0
        model.table[rows.users, rows.films] = settings["sign"] * (rows.ratings - 3.5)
        return model

    grid: list[Settings] = [{"sign": -1.0}, {"sign": 1.0}]
    assert choose(Scorer(fit, lambda _: grid, (), by_stars=False, of_liked=True), question, grid) == {"sign": 1.0}


@pytest.mark.parametrize("by_stars", [True, False])
def test_the_best_settings_are_chosen(small: Dataset, folder: Path, by_stars: bool) -> None:
    question = asked(small, "ranking", folder)

    def fit(question: Question, rows: Rows, settings: Settings) -> Fixed:
        assert len(rows) == len(question.choosing)
        return Fixed(question, settings["noise"])

    grid: list[Settings] = [{"noise": 3.0}, {"noise": 0.1}, {"noise": 9.0}]
    scorer = Scorer(fit, lambda _: grid, (), by_stars=by_stars)
    assert choose(scorer, question, grid) == {"noise": 0.1}


# Interruptions and failures -----------------------------------------------------------------------------------------


OPTIONS = quality.Options(data=["ml-100k"], protocols=["kfold", "ranking"], seeds=2)


@pytest.fixture
def counted(small: Dataset, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the scorers that ran, in order, on synthetic data."""
    names: list[str] = []
    real = quality.answer

    def answer(entrant: Entrant, folder: Path) -> dict[str, Any]:
        names.append(entrant.name)
        return real(entrant, folder)

    monkeypatch.setattr(quality, "answer", answer)
    monkeypatch.setattr(quality, "load", lambda _: small)
    return names


def test_an_interrupted_run_continues(
    tiny: dict[str, Entrant], counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, kept = quality.keep, 0

    def stop_after_two(run: quality.Run) -> None:
        nonlocal kept
        keep(run)
        kept += 1
        if kept == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(quality, "keep", stop_after_two)
    with pytest.raises(KeyboardInterrupt):
        quality.run_all(OPTIONS, [tiny["tiny"]])
    assert len(quality.read()["runs"]) == 2
    assert len(counted) == 10  # two seeds of five folds
    counted.clear()
    assert quality.run_all(OPTIONS, [tiny["tiny"]]) == []
    assert len(counted) == 2  # two seeds of one split
    assert {quality.key(run) for run in quality.read()["runs"]} == {
        ("ml-100k", protocol, seed, "tiny") for protocol in ("kfold", "ranking") for seed in (0, 1)
    }
    counted.clear()
    quality.run_all(OPTIONS, [tiny["tiny"]])
    assert counted == []
    quality.run_all(replace(OPTIONS, protocols=["ranking"], seeds=1, again=True), [tiny["tiny"]])
    assert counted == ["tiny"]
    assert len(quality.read()["runs"]) == 4


def test_one_failure_does_not_stop_the_others(tiny: dict[str, Entrant], counted: list[str]) -> None:
    options = replace(OPTIONS, protocols=["ranking"], seeds=1)
    failures = quality.run_all(options, [tiny["broken"], tiny["tiny"]])
    assert [run["scorer"] for run in quality.read()["runs"]] == ["tiny"]
    assert len(failures) == 1
    assert "ranking, seed 0: broken: the disk is full" in failures[0]


def test_a_missing_environment_is_reported_with_the_command_that_makes_it(
    tiny: dict[str, Entrant], counted: list[str]
) -> None:
    absent = replace(tiny["tiny"], environment="artifacts/nowhere-venv")
    failures = quality.run_all(OPTIONS, [absent])
    assert counted == []
    assert "`make artifacts/nowhere-venv/installed.json` makes it" in failures[0]


def test_results_of_other_data_are_not_mixed(
    tiny: dict[str, Entrant], counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = replace(OPTIONS, protocols=["ranking"], seeds=1)
    quality.run_all(options, [tiny["tiny"]])
    monkeypatch.setattr(quality, "load", lambda _: synthetic(users=60, films=50, ratings=1700))
    with pytest.raises(SystemExit, match="--fresh"):
        quality.run_all(replace(options, again=True), [tiny["tiny"]])


def test_results_have_date_machine_and_versions(tiny: dict[str, Entrant], counted: list[str], tmp_path: Path) -> None:
    quality.run_all(replace(OPTIONS, seeds=1), [tiny["tiny"]])
    result = json.loads((tmp_path / "results" / "quality.json").read_text())
    assert {"date", "machine", "versions", "runs"} <= set(result)
    folds = next(run for run in result["runs"] if run["protocol"] == "kfold")
    assert len(folds["parts"]) == len(folds["settings"]) == 5
    assert {"seconds", "choosing_seconds", "memory_mb", "versions", "sha256", "date"} <= set(folds)


def test_slow_runs_are_left_out_unless_asked_for() -> None:
    names = [entrant.name for entrant in ENTRANTS]
    assert len(set(names)) == len(names)
    svd_pp = next(entrant for entrant in ENTRANTS if entrant.name == "SVD++")
    assert svd_pp.takes_part("ml-100k", "kfold", 0, slow=False)
    assert not svd_pp.takes_part("ml-100k", "kfold", 1, slow=False)
    assert svd_pp.takes_part("ml-100k", "kfold", 1, slow=True)
    assert not svd_pp.takes_part("ml-1m", "random", 0, slow=False)
    assert not svd_pp.takes_part("ml-100k", "new_users", 0, slow=True)
