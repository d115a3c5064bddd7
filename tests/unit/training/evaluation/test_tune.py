"""The search: on validation only, independent of interruptions, with a record that sets the same fields."""

import csv
import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from numpy.typing import NDArray

from training.cli import Train, main
from training.data.dataset import Dataset, Interactions
from training.data.errors import DataError
from training.evaluation import tune as searching
from training.evaluation.protocols import parts
from training.evaluation.tune import PROTOCOLS, SPACE, split, tune, validation_ndcg, validation_rmse
from training.evaluation.tuned import Params, Record, Target, apply, flags, read_record
from training.metrics import mean_ndcg, star_errors
from training.model.config import ModelConfig
from training.model.fit import fit

TARGETS: tuple[Target, ...] = ("stars", "lists")
SMALL = ModelConfig(embedding=17, epochs=2, relevance_rank=33, relevance_factors=25, relevance_rounds=2)


def tried(record: Record) -> list[tuple[Params, float]]:
    """All trials, without their times."""
    return [(trial.params, trial.value) for trial in record.trials]


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objectives without a fit, whose optimum is not at the defaults."""

    def of_lists(dataset: Dataset, validation: Interactions, config: ModelConfig) -> float:
        return 1 - (config.relevance_dropout - 0.6) ** 2 - (config.relevance_film_damping - 0.9) ** 2

    def of_stars(dataset: Dataset, validation: Interactions, config: ModelConfig) -> float:
        return 1 + (config.keep - 0.6) ** 2 + math.log(config.embedding / 32) ** 2

    monkeypatch.setattr(searching, "OBJECTIVES", {"lists": of_lists, "stars": of_stars})


@pytest.mark.parametrize("target", TARGETS)
def test_the_defaults_lie_within_the_ranges(target: Target) -> None:
    defaults = asdict(ModelConfig())
    for name, where in SPACE[target].items():
        assert where.low < defaults[name] < where.high, name
        assert type(where.low) is type(where.high) is type(defaults[name]), name


@pytest.mark.parametrize("target", TARGETS)
def test_it_begins_with_the_defaults_and_finds_better(
    dataset: Dataset, tmp_path: Path, target: Target, instant: None
) -> None:
    record = tune(dataset, target, tmp_path / "t.json", trials=25)
    assert record.default.params == {name: asdict(ModelConfig())[name] for name in SPACE[target]}
    assert len({tuple(trial.params.values()) for trial in record.trials}) == 25
    values = [trial.value for trial in record.trials]
    assert record.best.value == (min(values) if target == "stars" else max(values))
    assert abs(record.best.value - 1) < abs(record.default.value - 1) / 4
    early, late = (np.abs(np.array(some) - 1).mean() for some in (values[1:10], values[-9:]))
    assert late < early / 2  # it learns from its trials: chance would stay where it is


@pytest.mark.parametrize("target", TARGETS)
def test_it_comes_out_as_if_never_interrupted(
    dataset: Dataset, tmp_path: Path, target: Target, instant: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tune(dataset, target, tmp_path / "whole.json", trials=16)
    objective, left = searching.OBJECTIVES[target], iter(range(13))

    def cut_short(known: Dataset, validation: Interactions, config: ModelConfig) -> float:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return objective(known, validation, config)

    monkeypatch.setitem(searching.OBJECTIVES, target, cut_short)
    with pytest.raises(KeyboardInterrupt):
        tune(dataset, target, tmp_path / "cut.json", trials=16)
    kept = read_record(tmp_path / "cut.json")
    assert kept is not None
    assert tried(kept) == tried(whole)[:13]
    monkeypatch.setitem(searching.OBJECTIVES, target, objective)
    gone_on = tune(dataset, target, tmp_path / "cut.json", trials=16)
    assert tried(gone_on) == tried(whole)
    assert gone_on == read_record(tmp_path / "cut.json")


def test_a_search_that_is_done_is_left_alone(dataset: Dataset, tmp_path: Path, instant: None) -> None:
    path = tmp_path / "t.json"
    record = tune(dataset, "lists", path, trials=3)
    before = path.stat()
    assert tune(dataset, "lists", path, trials=2) == record
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert list(tmp_path.iterdir()) == [path]


def test_another_seed_tries_other_values(dataset: Dataset, tmp_path: Path, instant: None) -> None:
    one, other = (tune(dataset, "lists", tmp_path / f"{seed}.json", trials=3, seed=seed) for seed in (0, 1))
    assert tried(one)[0] == tried(other)[0]
    assert tried(one)[1:] != tried(other)[1:]


# No look at what is held out ----------------------------------------------------------------------------------------


def pairs(rows: Interactions) -> set[tuple[int, int]]:
    return set(zip(rows.users.tolist(), rows.films.tolist(), strict=True))


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_held_out_never_reaches_the_objective(
    dataset: Dataset, tmp_path: Path, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Dataset, Interactions]] = []

    def look(known: Dataset, validation: Interactions, config: ModelConfig) -> float:
        seen.append((known, validation))
        return 0.5

    monkeypatch.setitem(searching.OBJECTIVES, target, look)
    tune(dataset, target, tmp_path / "t.json", trials=2, seed=3)
    run = next(parts(dataset, PROTOCOLS[target], 3))
    for known, validation in seen:
        fitted, validated = pairs(known.interactions), pairs(validation)
        assert not (fitted | validated) & pairs(run.held_out)
        assert not fitted & validated
        assert fitted | validated == pairs(run.train)


@pytest.mark.training
@pytest.mark.parametrize("target", TARGETS)
def test_held_out_ratings_may_say_anything(dataset: Dataset, tmp_path: Path, target: Target) -> None:
    """With real fits: other films and stars in the held-out rows change no value."""
    rows, held_out = dataset.interactions, pairs(next(parts(dataset, PROTOCOLS[target], 0)).held_out)
    rows_held_out = np.array([pair in held_out for pair in zip(rows.users.tolist(), rows.films.tolist(), strict=True)])
    films, stars = rows.films.copy(), rows.ratings.copy()
    films[rows_held_out] = (films[rows_held_out] + 17) % dataset.n_films
    stars[rows_held_out] = 6 - stars[rows_held_out]
    other = replace(dataset, interactions=Interactions(rows.users, films, stars, rows.timestamps))
    assert other.sha256 != dataset.sha256
    one, two = (
        tune(data, target, tmp_path / f"{name}.json", trials=2, config=SMALL)
        for name, data in (("one", dataset), ("two", other))
    )
    assert tried(one) == tried(two)


@pytest.mark.training
def test_validation_ratings_do_tell(dataset: Dataset) -> None:
    """The test above would find a leak: changed validation ratings change both values."""
    for target, objective in (("stars", validation_rmse), ("lists", validation_ndcg)):
        train, validation = split(dataset, target, 0)  # type: ignore[arg-type]
        films = (validation.films + 17) % dataset.n_films
        turned = Interactions(validation.users, films.astype(np.int32), 6 - validation.ratings)
        known = replace(dataset, interactions=train)
        assert objective(known, validation, SMALL) != objective(known, turned, SMALL)


@pytest.mark.training
def test_both_objectives_are_what_a_fit_has_on_validation(dataset: Dataset) -> None:
    train, validation = split(dataset, "lists", 0)
    known = replace(dataset, interactions=train)
    fitted = fit(known, train, replace(SMALL, refit=False), validation=validation)
    stars = star_errors(fitted.stars(validation.users, validation.films), validation.ratings, dataset.scale)
    assert validation_rmse(known, validation, SMALL) == pytest.approx(stars.rmse, abs=1e-5)
    watching = fitted.served.relevance.watching  # the search of lists is for the rankers, without the stars
    rated = scipy.sparse.csr_matrix((train.ratings, (train.users, train.films)), (dataset.n_users, dataset.n_films))
    scores = watching.encode(rated) @ watching.decoder.T
    ndcg = mean_ndcg(lambda users: scores[users], train, validation, dataset.n_users, dataset.n_films)
    assert validation_ndcg(known, validation, SMALL) == pytest.approx(ndcg, abs=1e-4)


# The record ---------------------------------------------------------------------------------------------------------


def test_the_record_holds_all_that_the_search_depends_on(dataset: Dataset, tmp_path: Path, instant: None) -> None:
    record = tune(dataset, "lists", tmp_path / "t.json", trials=12)
    raw = json.loads((tmp_path / "t.json").read_text())
    assert raw["data"] == {"name": "synthetic", "sha256": dataset.sha256, "ratings": len(dataset.interactions)}
    assert (raw["target"], raw["seed"], raw["protocol"]["name"]) == ("lists", 0, "ranking")
    assert raw["versions"]["optuna"]
    assert raw["date"]
    assert raw["default"] == record.default.value < record.best.value == raw["best"]["value"]
    assert len(raw["trials"]) == 12
    assert raw["best"]["flags"] == flags(record.best.params)
    assert flags({"relevance_rank": 64, "keep": 0.9}) == "--model.relevance-rank 64 --model.keep 0.9"


@pytest.mark.parametrize(
    ("change", "named"),
    [({"seed": 1}, "seed"), ({"target": "stars"}, "target"), ({"config": ModelConfig(epochs=9)}, "config")],
)
def test_another_search_is_not_gone_on_with(
    dataset: Dataset, tmp_path: Path, instant: None, change: dict[str, object], named: str
) -> None:
    path = tmp_path / "t.json"
    tune(dataset, "lists", path, trials=1)
    before = path.read_bytes()
    arguments = {"target": "lists", "trials": 2, **change}
    with pytest.raises(DataError, match=f"another {named}"):
        tune(dataset, path=path, **arguments)  # type: ignore[arg-type]
    fewer = replace(dataset, interactions=dataset.interactions.take(np.arange(4000)))
    with pytest.raises(DataError, match="another data"):
        tune(fewer, "lists", path, trials=2)
    assert path.read_bytes() == before


@pytest.fixture
def records(dataset: Dataset, tmp_path: Path, instant: None) -> tuple[Path, Path]:
    """The records of stars and of lists."""
    paths = tmp_path / "stars.json", tmp_path / "lists.json"
    for target, path in zip(TARGETS, paths, strict=True):
        tune(dataset, target, path, trials=12)
    return paths


def test_a_record_sets_what_was_searched_and_nothing_else(records: tuple[Path, Path]) -> None:
    stars, lists = (read_record(path) for path in records)
    assert stars is not None
    assert lists is not None
    given = ModelConfig(epochs=7, relevance_mix=0.5)
    expected = replace(given, **stars.best.params, **lists.best.params)  # type: ignore[arg-type]
    assert expected != given
    assert apply(given, records) == expected
    assert Train(model=given, tuned=records).configured() == expected
    assert Train(model=given).configured() == given


def test_no_field_is_set_twice(records: tuple[Path, Path]) -> None:
    with pytest.raises(DataError, match="another --tuned file"):
        apply(ModelConfig(), (records[0], records[0]))
    with pytest.raises(DataError, match=r"sets keep, as --model\.keep does"):
        apply(ModelConfig(keep=0.7), records)


@pytest.mark.parametrize(
    ("content", "output"),
    [
        (None, "no such file"),
        ("", "not a record"),
        ("[]", "not a record"),
        ('{"trials": []}', "is missing"),
        ({"trials": [{"params": {"keep": 0.9}, "seconds": 1}]}, "'value' is missing"),
        ({"trials": [{"params": {}, "value": 1, "seconds": 1}]}, "without values"),
        ({"trials": [{"params": {"kept": 0.9}, "value": 1, "seconds": 1}]}, "'kept' is not a field"),
        ({"trials": [{"params": {"embedding": 4.5}, "value": 1, "seconds": 1}]}, "not an integer"),
        ({"trials": [{"params": {"keep": "0.9"}, "value": 1, "seconds": 1}]}, "not a finite number"),
        ({"trials": [{"params": {"keep": 0.9}, "value": float("nan"), "seconds": 1}]}, "not a finite number"),
        ({"trials": []}, "has no trial yet"),
    ],
)
def test_what_is_no_record_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: object, output: str
) -> None:
    path = tmp_path / "t.json"
    search = {"data": {}, "target": "stars", "seed": 0, "protocol": {}, "space": {}, "config": {}}
    if content is not None:
        path.write_text(json.dumps(search | content) if isinstance(content, dict) else str(content))
    for command in ("train", "evaluate"):
        assert main([command, "--tuned", str(path)]) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: {path}: ")
        assert output in error


# The command --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ratings(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "mine.csv"
    rows = dataset.interactions
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("user", "film", "rating"))
        columns: tuple[NDArray[np.generic], ...] = (rows.users, rows.films, rows.ratings)
        writer.writerows(zip(*(column.tolist() for column in columns), strict=True))
    return path


@pytest.mark.training
def test_from_search_to_evaluation(ratings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "kept" / "t.json"
    assert main(["tune", "--ratings", str(ratings), "--trials", "2", "--out", str(path)]) == 0
    output = capsys.readouterr().err
    assert "2 trials; the defaults score 0." in output
    record = read_record(path)
    assert record is not None
    assert (record.search.target, record.search.data["name"]) == ("lists", "mine")
    quick = ["--model.epochs", "1", "--model.embedding", "4", "--model.relevance-rounds", "1", "--protocols", "random"]
    out = ["--out", str(tmp_path / "report")]
    assert main(["evaluate", "--ratings", str(ratings), "--tuned", str(path), *quick, *out]) == 0
    config = json.loads((tmp_path / "report" / "evaluation.json").read_text())["config"]
    assert {name: config[name] for name in record.best.params} == record.best.params


@pytest.mark.parametrize(
    ("wrong", "output"),
    [
        (["--trials", "0"], "--trials 0: must be 1 or more"),
        (["--seed", "-1"], "--seed -1: must be 0 or more"),
        (["--out", "{ratings}/t.json"], "cannot be written"),
        (["--out", "{ratings}"], "is not a record of `tune`"),
    ],
)
def test_wrong_flags_are_told(
    ratings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: list[str], output: str
) -> None:
    flagged = [word.format(ratings=ratings) for word in wrong]
    before = ratings.read_bytes()
    elsewhere = ["--out", str(tmp_path / "t.json")] if "--out" not in wrong else []
    assert main(["tune", "--ratings", str(ratings), *flagged, *elsewhere]) == 1
    error = capsys.readouterr().err
    assert "error: " in error
    assert output in error
    assert ratings.read_bytes() == before


def test_too_few_ratings_are_told(dataset: Dataset, tmp_path: Path) -> None:
    few = replace(dataset, interactions=dataset.interactions.take(np.arange(4)))
    for target in TARGETS:
        with pytest.raises(DataError, match="4 ratings are too few"):
            tune(few, target, tmp_path / "t.json")
