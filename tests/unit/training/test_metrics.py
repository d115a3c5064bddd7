"""Metrics against scikit-learn's and against the definitions, spelled out slowly."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import mean_absolute_error, ndcg_score, root_mean_squared_error

from function.bundle import RatingScale
from training.data import Interactions
from training.metrics import list_metrics, mean_ndcg, rated_only, star_errors, top_films

USERS, FILMS = 40, 60


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def rows(rng: np.random.Generator, n: int) -> Interactions:
    pairs = rng.choice(USERS * FILMS, n, replace=False)
    return Interactions(
        (pairs // FILMS).astype(np.int32),
        (pairs % FILMS).astype(np.int32),
        rng.integers(1, 6, n).astype(np.float32),
    )


def test_star_errors_are_scikit_learns(rng: np.random.Generator) -> None:
    given = rng.integers(1, 6, 500).astype(np.float32)
    predicted = rng.uniform(1, 5, 500).astype(np.float32)
    errors = star_errors(predicted, given, RatingScale(min=1, max=5, step=1))
    assert errors.rmse == pytest.approx(root_mean_squared_error(given, predicted.astype(float)), abs=1e-9)
    assert errors.mae == pytest.approx(mean_absolute_error(given, predicted.astype(float)), abs=1e-9)
    assert errors.mae_unit == pytest.approx(errors.mae / 4)
    assert errors.mae_fifth == pytest.approx(errors.mae / 5)


@pytest.fixture
def split(rng: np.random.Generator) -> tuple[Interactions, Interactions, NDArray[np.float32]]:
    both = rows(rng, 700)
    held_out = np.arange(700) % 3 == 0
    return both.take(~held_out), both.take(held_out), rng.random((USERS, FILMS)).astype(np.float32)


Split = tuple[Interactions, Interactions, NDArray[np.float32]]


def test_ndcg_is_scikit_learns(split: Split) -> None:
    train, held_out, scores = split
    metrics = list_metrics(lambda users: scores[users], train, held_out, USERS, FILMS)
    values = []
    for user in np.unique(held_out.users):
        candidates = np.setdiff1d(np.arange(FILMS), train.films[train.users == user])
        gains = np.isin(candidates, held_out.films[held_out.users == user]).astype(float)
        values.append(ndcg_score([gains], [scores[user, candidates].astype(float)], k=10, ignore_ties=True))
    assert metrics.ndcg == pytest.approx(np.mean(values), abs=1e-9)
    assert mean_ndcg(lambda users: scores[users], train, held_out, USERS, FILMS) == pytest.approx(
        metrics.ndcg, abs=1e-12
    )
    assert metrics.intervals["ndcg"][0] < metrics.ndcg < metrics.intervals["ndcg"][1]


def test_the_other_list_metrics_by_their_definitions(split: Split) -> None:
    train, held_out, scores = split
    metrics = list_metrics(lambda users: scores[users], train, held_out, USERS, FILMS)
    precision, recall, hit, mrr, shown = [], [], [], [], []
    for user in np.unique(held_out.users):
        masked = scores[user].copy()
        masked[train.films[train.users == user]] = -np.inf
        first = [int(film) for film in np.argsort(-masked)[:10]]
        wanted = set(held_out.films[held_out.users == user].tolist())
        hits = [film in wanted for film in first]
        precision.append(sum(hits) / 10)
        recall.append(sum(hits) / len(wanted))
        hit.append(any(hits))
        mrr.append(1 / (1 + hits.index(True)) if any(hits) else 0)
        shown += first
    share = np.bincount(train.films, minlength=FILMS) / len(np.unique(train.users))
    assert metrics.precision == pytest.approx(np.mean(precision), abs=1e-9)
    assert metrics.recall == pytest.approx(np.mean(recall), abs=1e-9)
    assert metrics.hit_rate == pytest.approx(np.mean(hit), abs=1e-9)
    assert metrics.mrr == pytest.approx(np.mean(mrr), abs=1e-9)
    assert metrics.coverage == len(set(shown)) / FILMS
    assert metrics.popularity == pytest.approx(share[shown].mean(), abs=1e-9)
    assert metrics.users == len(np.unique(held_out.users))


def test_a_perfect_order_scores_one(split: Split) -> None:
    train, held_out, _ = split
    perfect = np.zeros((USERS, FILMS), np.float32)
    perfect[held_out.users, held_out.films] = 1
    metrics = list_metrics(lambda users: perfect[users], train, held_out, USERS, FILMS)
    assert metrics.ndcg == pytest.approx(1)
    assert metrics.hit_rate == metrics.mrr == 1


def test_top_films_breaks_ties_by_code(rng: np.random.Generator) -> None:
    scores = rng.integers(0, 4, (50, 30)).astype(np.float32)
    expected = np.argsort(-scores, 1, kind="stable")[:, :10]
    assert np.array_equal(top_films(scores), expected)


@pytest.mark.parametrize("any_prediction", [False, True])
def test_rated_only_is_the_reference_s_protocol(any_prediction: bool, rng: np.random.Generator) -> None:
    """Surprise's precision_recall_at_k, spelled out from its FAQ: k = 10, threshold = 4."""
    held_out = rows(rng, 900)
    predicted = rng.uniform(2.5, 5, 900).astype(np.float32)
    expected = []
    for user in np.unique(held_out.users):
        mine = held_out.users == user
        pairs = sorted(zip(predicted[mine], held_out.ratings[mine], strict=True), key=lambda pair: -pair[0])
        relevant = sum(rating >= 4 for _, rating in pairs)
        recommended = sum(any_prediction or guess >= 4 for guess, _ in pairs[:10])
        both = sum(rating >= 4 and (any_prediction or guess >= 4) for guess, rating in pairs[:10])
        expected.append((both / recommended if recommended else 0, both / relevant if relevant else 0))
    found = rated_only(predicted, held_out, 4.0, any_prediction=any_prediction)
    assert found == pytest.approx(np.array(expected), abs=1e-9)
