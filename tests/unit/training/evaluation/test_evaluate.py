"""The evaluation: scorers get the right parts, and the result has every metric."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from training.data.dataset import Dataset, Interactions
from training.data.splits import user_split
from training.data.synthetic import synthetic
from training.evaluation.baselines import Biases, Ease
from training.evaluation.contenders import FoldedIn
from training.evaluation.evaluate import EASE_FILMS, _mean, compare, evaluate
from training.evaluation.facts import data_facts
from training.evaluation.protocols import DESCRIPTIONS, Parts, parts
from training.evaluation.results import Row
from training.evaluation.scorer import Scorer
from training.metrics import star_errors
from training.model.config import ModelConfig
from training.model.fit import fit
from training.model.fitted import Fitted
from training.model.tower_fit import best_epochs
from training.progress import Progress, quiet


@pytest.fixture(scope="module")
def small() -> Dataset:
    return synthetic(users=80, films=60, ratings=2400)


class Oracle:
    """Knows the held-out ratings, and ranks them first."""

    name = "oracle"

    def __init__(self, dataset: Dataset, run: Parts) -> None:
        self.table = np.full((dataset.n_users, dataset.n_films), 1, np.float32)
        self.table[run.held_out.users, run.held_out.films] = run.held_out.ratings
        self.liked = self.table.copy()
        self.liked[run.relevant.users, run.relevant.films] += 10

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.asarray(self.table[users, films], np.float32)

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.asarray(self.liked[users], np.float32)

    def fold_in(self, given: Interactions) -> Scorer:
        return self


@pytest.mark.parametrize("protocol", ["random", "time", "ranking", "new_users"])
def test_who_knows_everything_scores_everything(protocol, small: Dataset) -> None:  # type: ignore[no-untyped-def]
    result = compare(small, protocol, 0, lambda run, progress: Oracle(small, run))
    best = result.rows[0]
    assert best.scorer == "oracle"
    assert best.metrics["rmse"] == 0
    assert [best.metrics[name] for name in ("ndcg", "hit_rate", "mrr")] == pytest.approx([1, 1, 1])
    assert best.intervals["rmse"] == (0, 0)
    others = [row.scorer for row in result.rows[1:]]
    recent = ["popularity of the last weeks"] if protocol == "time" else []
    assert others == ["EASE", "damped biases", "popularity", *recent, "random"]
    for row in result.rows[1:]:
        assert row.metrics["ndcg"] < 0.95


def test_the_reference_protocol_is_measured_by_stars_and_by_relevance() -> None:
    many = synthetic(users=60, films=150, ratings=9000)  # more than ten held out of each
    biases, popularity = (row.metrics for row in compare(many, "ranking", 0).rows[1:3])
    # Biases order by what they predict, but for what is clipped. Popularity's stars are film means; its order is not.
    assert biases["first_ten_precision_all"] == pytest.approx(biases["by_relevance_precision_all"], abs=0.03)
    assert popularity["first_ten_precision_all"] != popularity["by_relevance_precision_all"]
    assert popularity["first_ten_precision_all"] == pytest.approx(biases["first_ten_precision_all"], abs=0.03)


def test_ease_has_no_stars_of_its_own_and_says_which_lambda_it_took(small: Dataset) -> None:
    row = compare(small, "ranking", 0).rows[0]
    assert row.scorer == "EASE"
    assert "rmse" not in row.metrics
    assert "surprise_precision_all" not in row.metrics
    assert row.note.startswith("lambda ")
    assert float(row.note.split()[1].rstrip(",")) in Ease.LAMBDAS


def test_ease_is_left_out_where_it_would_take_long(small: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EASE_FILMS, "random", small.n_films - 1)
    assert "EASE" not in [row.scorer for row in compare(small, "random", 0).rows]


def test_recbole_measures_lists_only(small: Dataset) -> None:
    for row in compare(small, "recbole", 0).rows:
        assert "ndcg" in row.metrics
        assert not {"rmse", "surprise_precision_all"} & set(row.metrics)


def test_kfold_is_the_mean_over_the_folds(small: Dataset) -> None:
    result = compare(small, "kfold", 0)
    each = []
    for run in parts(small, "kfold", 0):
        predicted = Biases(small, run.train).stars(run.held_out.users, run.held_out.films)
        each.append(star_errors(predicted, run.held_out.ratings, small.scale).rmse)
    row = result.rows[0]
    assert len(each) == 5
    assert row.metrics["rmse"] == pytest.approx(np.mean(each))
    assert row.metrics["first_ten_recall_all"] > row.metrics["surprise_recall_all"] > 0
    low, high = row.intervals["rmse"]
    assert (high - low) / 2 == pytest.approx(2.776 * np.std(each, ddof=1) / 5**0.5, rel=1e-3)  # t of 4 degrees, 97.5 %


def test_the_mean_of_one_fold_is_that_fold() -> None:
    row = Row("a", {"rmse": 1.0}, 2.0, {"rmse": (0.5, 1.5)})
    assert _mean([row]) is row


def test_time_without_timestamps_is_skipped_with_a_reason(small: Dataset) -> None:
    bare = replace(small, interactions=replace(small.interactions, timestamps=None))
    result = compare(bare, "time", 0)
    assert not result.rows
    assert "no timestamps" in result.skipped


def test_time_tells_known_people_and_films_apart_from_new_ones(small: Dataset) -> None:
    rows = small.interactions
    assert rows.timestamps is not None
    late = rows.timestamps.max() + 1
    newcomer = replace(rows, timestamps=np.where(rows.users == 5, late, rows.timestamps))
    result = compare(replace(small, interactions=newcomer), "time", 0)
    assert result.cold_users == 1
    (biases,) = (row.metrics for row in result.rows if row.scorer == "damped biases")
    assert biases["rmse_warm"] != biases["rmse"]


def test_liked_ndcg_by_ratings_given_rises_for_who_listens(small: Dataset) -> None:
    many = synthetic(users=300, films=150, ratings=15000)
    result = compare(many, "new_users", 0)
    ease, _, popularity, _ = (row.metrics for row in result.rows)
    assert ease["liked_given_20"] > ease["liked_given_1"]
    assert popularity["liked_given_20"] == popularity["liked_given_1"]
    assert not any(name.startswith("liked_given") for name in compare(small, "ranking", 0).rows[0].metrics)


@pytest.mark.training
def test_our_model_is_fitted_to_the_training_part_only_and_stands_first(small: Dataset) -> None:
    config = ModelConfig(
        embedding=4, epochs=2, batch_rows=16, relevance_rank=8, relevance_factors=8, relevance_l2=100.0
    )
    seen: list[str] = []

    def watch(label: str, done: int, steps: int) -> None:
        seen.append(label)

    evaluation, _ = evaluate(small, config, ("random", "new_users"), progress=watch)
    assert [result.protocol for result in evaluation.results] == ["random", "new_users"]
    assert all(result.rows[0].scorer == "this model" for result in evaluation.results)
    assert evaluation.curves is not None
    assert len(evaluation.curves.user_tower) == 2
    assert evaluation.chosen is not None
    assert evaluation.chosen.user_epochs == best_epochs(evaluation.curves.user_tower)
    assert any(label.startswith("random: ") for label in seen)
    assert evaluation.summary()["random"]["rmse"] == evaluation.results[0].rows[0].metrics["rmse"]
    plain = json.loads(json.dumps(evaluation.as_json(), allow_nan=False))
    assert plain["data"]["sha256"] == small.sha256
    assert plain["config"]["seed"] == 0
    assert plain["facts"]["versions"]["keras"]
    assert set(plain["results"][0]["rows"][0]["intervals"]) >= {"rmse", "mae", "ndcg"}


@pytest.mark.training
def test_the_model_cannot_see_what_is_held_out(small: Dataset) -> None:
    """The same training ratings give the same model, whatever the held-out ratings are."""
    config = ModelConfig(
        embedding=4, epochs=2, batch_rows=16, relevance_rank=8, relevance_factors=8, relevance_l2=100.0
    )
    run = next(parts(small, "random", 0))
    predictions = []
    for held_out in (run.held_out, replace(run.held_out, ratings=6 - run.held_out.ratings)):
        both = Interactions(
            *(np.concatenate(pair) for pair in zip(_columns(run.train), _columns(held_out), strict=True)),
        )
        fitted = fit(replace(small, interactions=both), run.train, config)
        predictions.append(fitted.stars(run.held_out.users, run.held_out.films))
    assert (predictions[0] == predictions[1]).all()


def _columns(rows: Interactions) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    return rows.users, rows.films, rows.ratings


def test_folded_in_people_are_served_as_visitors(fitted: Fitted, dataset: Dataset) -> None:
    rows = dataset.interactions
    given = rows.take((rows.users < 12) & ~user_split(rows, 0.5, 0))
    folded = FoldedIn(fitted, given)
    mine = given.take(given.users == 7)
    vector = fitted.encode(mine.films, mine.ratings)
    stars, relevance = fitted.score(vector[None])
    assert folded.relevance(np.array([7], np.int32)) == pytest.approx(relevance, abs=1e-5)
    films = np.arange(dataset.n_films, dtype=np.int32)
    assert folded.stars(np.full_like(films, 7), films) == pytest.approx(stars[0], abs=1e-5)
    nobody = fitted.encode(films[:0], np.zeros(0, np.float32))
    assert folded.vectors[20] == pytest.approx(nobody)
    assert FoldedIn(fitted, given.take(films[:0])).vectors[7] == pytest.approx(nobody)


def test_data_facts_add_up(small: Dataset) -> None:
    facts = data_facts(small)
    assert sum(facts["histogram"].values()) == facts["ratings"] == len(small.interactions)
    assert facts["rated_films"] < facts["films"]  # the last film has no ratings
    assert facts["mean"] == pytest.approx(small.interactions.ratings.mean())


def test_every_protocol_is_described() -> None:
    assert all(len(text) > 40 for text in DESCRIPTIONS.values())
    progress: Progress = quiet
    progress("nothing", 0, 1)
    assert asdict(Row("a", {}, 0.0)) == {"scorer": "a", "metrics": {}, "seconds": 0.0, "intervals": {}, "note": ""}
