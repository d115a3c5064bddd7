"""Metrics, compared with their definitions as loops, and NDCG with scikit-learn."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import mean_absolute_error, ndcg_score, root_mean_squared_error

from function.bundle.format import RatingScale
from training.data.dataset import Interactions
from training.metrics import (
    GROUPS,
    bootstrap_sums,
    list_metrics,
    mean_ndcg,
    of_pairs,
    rated_only,
    star_errors,
    star_intervals,
    top_films,
)

SCALE = RatingScale(min=1, max=5, step=1)
U, M = 40, 60


def rows_of(table: NDArray[np.bool_], ratings: NDArray[np.float32] | None = None) -> Interactions:
    users, films = np.nonzero(table)
    stars = np.ones(len(users), np.float32) if ratings is None else ratings[users, films]
    return Interactions(users.astype(np.int32), films.astype(np.int32), stars)


def lists_of(scores: NDArray[np.float32]) -> Callable[[NDArray[np.int32]], NDArray[np.float32]]:
    return lambda users: scores[users]


@pytest.fixture(scope="module")
def drawn() -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Scores, seen films and held-out films, [U, M] each. User 0 has no held-out films."""
    rng = np.random.default_rng(5)
    kind = rng.choice(3, (U, M), p=(0.7, 0.2, 0.1))
    kind[0][kind[0] == 2] = 0
    kind[1] = 0
    kind[1, :25] = 2  # more held out than a list is long
    return rng.normal(size=(U, M)).astype(np.float32), kind == 1, kind == 2


def test_star_errors_are_scikit_learns_in_three_units() -> None:
    rng = np.random.default_rng(0)
    given, predicted = rng.integers(1, 6, 500).astype(np.float32), rng.uniform(1, 5, 500).astype(np.float32)
    errors = star_errors(predicted, given, SCALE)
    mae = mean_absolute_error(given.astype(float), predicted.astype(float))
    assert errors.rmse == pytest.approx(
        root_mean_squared_error(given.astype(float), predicted.astype(float)), abs=1e-12
    )
    assert errors.mae == pytest.approx(mae, abs=1e-12)
    assert errors.mae_unit == pytest.approx(mae / 4, abs=1e-12)
    assert errors.mae_fifth == pytest.approx(mae / 5, abs=1e-12)


def test_ndcg_is_scikit_learns(
    drawn: tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]],
) -> None:
    scores, seen, wanted = drawn
    found = list_metrics(lists_of(scores), rows_of(seen), rows_of(wanted), U, M)
    users = np.flatnonzero(wanted.any(1))
    unseen = np.where(seen, -1e9, scores.astype(np.float64))
    expected = np.mean([ndcg_score(wanted[[user]], unseen[[user]], k=10) for user in users])
    assert found.ndcg == pytest.approx(expected, abs=1e-9)
    assert mean_ndcg(lists_of(scores), rows_of(seen), rows_of(wanted), U, M) == pytest.approx(expected, abs=1e-9)
    assert found.users == len(users) == U - 1


def test_list_metrics_are_their_definitions(
    drawn: tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]],
) -> None:
    scores, seen, wanted = drawn
    found = list_metrics(lists_of(scores), rows_of(seen), rows_of(wanted), U, M)
    precision, recall, hit_rate, mrr, shown = [], [], [], [], []
    for user in np.flatnonzero(wanted.any(1)):
        order = sorted((film for film in range(M) if not seen[user, film]), key=lambda film: -scores[user, film])[:10]
        hits = [wanted[user, film] for film in order]
        precision.append(sum(hits) / 10)
        recall.append(sum(hits) / wanted[user].sum())
        hit_rate.append(any(hits))
        mrr.append(1 / (1 + hits.index(True)) if any(hits) else 0)
        shown += order
    share = [seen[:, film].sum() / seen.any(1).sum() for film in shown]
    assert found.precision == pytest.approx(np.mean(precision))
    assert found.recall == pytest.approx(np.mean(recall))
    assert found.hit_rate == pytest.approx(np.mean(hit_rate))
    assert found.mrr == pytest.approx(np.mean(mrr))
    assert found.coverage == pytest.approx(len(set(shown)) / M)
    assert found.popularity == pytest.approx(np.mean(share))
    assert found.novelty == pytest.approx(np.mean([-math.log2(max(each, 1 / seen.any(1).sum())) for each in share]))


def test_a_perfect_order_is_perfect(drawn: tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]) -> None:
    _, seen, wanted = drawn
    found = list_metrics(lists_of(wanted.astype(np.float32)), rows_of(seen), rows_of(wanted), U, M)
    assert (found.ndcg, found.hit_rate, found.mrr) == pytest.approx((1, 1, 1))
    assert found.intervals["ndcg"] == pytest.approx((1, 1))


def test_batches_do_not_change_anything() -> None:
    rng = np.random.default_rng(1)
    users = 1100  # three batches
    scores = rng.normal(size=(users, 20)).astype(np.float32)
    wanted = rng.random((users, 20)) < 0.2
    wanted[:, 0] = True
    seen = ~wanted & (rng.random((users, 20)) < 0.2)
    found = list_metrics(lists_of(scores), rows_of(seen), rows_of(wanted), users, 20)
    each = [
        list_metrics(
            lists_of(scores), rows_of(seen), rows_of(wanted).take(np.flatnonzero(np.nonzero(wanted)[0] == u)), users, 20
        )
        for u in range(0, users, 100)
    ]
    assert found.users == users
    assert all(one.users == 1 for one in each)
    unseen = np.where(seen, -1e9, scores.astype(np.float64))
    expected = [ndcg_score(wanted[[u]], unseen[[u]], k=10) for u in range(0, users, 100)]
    assert [one.ndcg for one in each] == pytest.approx(expected, abs=1e-9)


def test_who_has_seen_nearly_all_is_shown_nothing_twice() -> None:
    seen = np.ones((2, 12), np.bool_)
    seen[:, -1] = seen[0, 0] = False
    wanted = np.zeros((2, 12), np.bool_)
    wanted[:, -1] = True
    found = list_metrics(lists_of(np.zeros((2, 12), np.float32)), rows_of(seen), rows_of(wanted), 2, 12)
    assert found.coverage == pytest.approx(2 / 12)  # films 0 and 11, not the seen ones that fill the ten places
    assert (found.precision, found.recall) == (0.1, 1)


def test_lists_without_anything_to_find_are_refused() -> None:
    none = rows_of(np.zeros((2, 3), np.bool_))
    with pytest.raises(ValueError, match="no held-out rating is relevant"):
        list_metrics(lists_of(np.zeros((2, 3), np.float32)), none, none, 2, 3)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), min_size=14, max_size=14), min_size=1, max_size=5))
def test_ties_go_by_code(rows: list[list[int]]) -> None:
    scores = np.array(rows, np.float32)
    assert top_films(scores).tolist() == np.argsort(-scores, 1, kind="stable")[:, :10].tolist()


@pytest.mark.parametrize("films", [5, 10, GROUPS, GROUPS + 1, GROUPS + 9, 5 * GROUPS - 3])
def test_a_list_has_the_first_ten_of_any_number_of_films(films: int) -> None:
    rng = np.random.default_rng(films)
    distinct = rng.standard_normal((40, films)).astype(np.float32)
    for scores in (distinct, distinct.round(), np.where(distinct > 1.5, distinct, -np.inf).astype(np.float32)):
        assert top_films(scores).tolist() == np.argsort(-scores, 1, kind="stable")[:, :10].tolist()


def surprise(predicted: list[float], given: list[float], threshold: float) -> tuple[float, float]:
    """The definition for one user."""
    ranked = sorted(zip(predicted, given, strict=True), key=lambda pair: -pair[0])
    relevant = sum(rating >= threshold for _, rating in ranked)
    recommended = sum(guess >= threshold for guess, _ in ranked[:10])
    both = sum(guess >= threshold and rating >= threshold for guess, rating in ranked[:10])
    return both / recommended if recommended else 0.0, both / relevant if relevant else 0.0


def test_the_reference_protocol_is_surprises() -> None:
    rng = np.random.default_rng(2)
    users = np.sort(rng.integers(0, 30, 600)).astype(np.int32)
    films = np.arange(600, dtype=np.int32)
    given = rng.integers(1, 6, 600).astype(np.float32)
    given[users == 3] = 1  # nothing relevant
    predicted = rng.uniform(1, 5, 600).astype(np.float32)
    predicted[users == 4] = 2  # nothing recommended
    order = rng.permutation(600)
    rows = Interactions(users[order], films[order], given[order])
    found = rated_only(predicted[order], rows, 4)
    expected = [surprise(predicted[users == u].tolist(), given[users == u].tolist(), 4) for u in np.unique(users)]
    assert found == pytest.approx(np.array(expected))
    assert found[3].tolist() == [0, 0]
    assert found[4].tolist() == [0, 0]


def test_any_of_the_first_ten_may_be_recommended_whatever_is_predicted() -> None:
    rows = Interactions(np.zeros(12, np.int32), np.arange(12, dtype=np.int32), np.full(12, 5, np.float32))
    assert rated_only(np.linspace(0, 1, 12, dtype=np.float32), rows, 4).tolist() == [[0, 0]]
    assert rated_only(np.linspace(0, 1, 12, dtype=np.float32), rows, 4, any_prediction=True).tolist() == [[1, 10 / 12]]


def test_data_sorted_by_rating_wins_nothing_by_ties() -> None:
    rng = np.random.default_rng(3)
    films, given = rng.permutation(40).astype(np.int32), rng.integers(1, 6, 40).astype(np.float32)
    rows, same = Interactions(np.zeros(40, np.int32), films, given), np.ones(40, np.float32)
    by_rating = rows.take(np.argsort(-given))
    shuffled, best_first = (rated_only(same, each, 4, any_prediction=True).tolist() for each in (rows, by_rating))
    assert shuffled == best_first


def test_of_pairs_is_the_table_at_the_pairs() -> None:
    rng = np.random.default_rng(4)
    table = rng.normal(size=(30, 9)).astype(np.float32)
    users, films = rng.integers(0, 30, 200).astype(np.int32), rng.integers(0, 9, 200).astype(np.int32)
    assert (of_pairs(lists_of(table), users, films, batch=7) == table[users, films]).all()
    assert len(of_pairs(lists_of(table), users[:0], films[:0])) == 0


def test_bootstrap_agrees_with_the_standard_error() -> None:
    values = np.random.default_rng(0).normal(3, 2, (400, 1))
    means = bootstrap_sums(values, 0, draws=2000) / 400
    assert means.std() == pytest.approx(values.std() / 20, rel=0.05)
    assert (bootstrap_sums(values, 0, draws=3) == bootstrap_sums(values, 0, draws=3)).all()


def test_star_intervals_hold_the_figure_and_draw_users_not_ratings() -> None:
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(50, dtype=np.int32), 40)
    rows = Interactions(users, np.tile(np.arange(40, dtype=np.int32), 50), np.full(2000, 3, np.float32))
    predicted = (3 + rng.uniform(0, 2, 50)[users]).astype(np.float32)  # all errors of a user are the same
    low, high = star_intervals(predicted, rows)["mae"]
    assert low < star_errors(predicted, rows.ratings, SCALE).mae < high
    assert high - low == pytest.approx(2 * 1.96 * np.abs(predicted - 3)[::40].std() / 50**0.5, rel=0.15)
