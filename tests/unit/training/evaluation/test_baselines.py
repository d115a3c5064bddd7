"""Baselines, compared with their formulas, also for users they were not fitted to."""

from dataclasses import replace

import numpy as np
import pytest

from training.data.dataset import Dataset, Interactions
from training.data.splits import held_out_users, user_split
from training.data.synthetic import synthetic
from training.evaluation.baselines import Biases, Ease, Popularity, Random
from training.evaluation.scorer import Scorer
from training.metrics import list_metrics, star_errors


@pytest.fixture(scope="module")
def data() -> Dataset:
    return synthetic(users=120, films=80, ratings=5000)


@pytest.fixture(scope="module")
def train(data: Dataset) -> Interactions:
    return data.interactions.take(~user_split(data.interactions, 0.25, 0))


@pytest.fixture(scope="module")
def held_out(data: Dataset) -> Interactions:
    return data.interactions.take(user_split(data.interactions, 0.25, 0))


def everybody(data: Dataset) -> np.ndarray:
    return np.arange(data.n_users, dtype=np.int32)


def test_biases_are_damped_means(data: Dataset, train: Interactions) -> None:
    biases = Biases(data, train, damping=5)
    user, film = 7, int(train.films[train.users == 7][0])
    mean = train.ratings.mean()

    def film_bias(code: int) -> float:
        residuals = train.ratings[train.films == code] - mean
        return float(residuals.sum() / (len(residuals) + 5))

    mine = train.take(train.users == user)
    residuals = [rating - mean - film_bias(code) for rating, code in zip(mine.ratings, mine.films, strict=True)]
    expected = mean + film_bias(film) + sum(residuals) / (len(residuals) + 5)
    predicted = biases.stars(np.array([user], np.int32), np.array([film], np.int32))
    assert predicted[0] == pytest.approx(np.clip(expected, 1, 5), abs=1e-5)


def test_biases_of_the_unknown_are_the_mean(data: Dataset, train: Interactions) -> None:
    known = train.take((train.users != 3) & (train.films != 5))
    predicted = Biases(data, known).stars(np.array([3], np.int32), np.array([5], np.int32))
    assert predicted[0] == pytest.approx(known.ratings.mean(), abs=1e-5)


def test_popularity_orders_by_count_for_everybody(data: Dataset, train: Interactions) -> None:
    scores = Popularity(data, train).relevance(everybody(data))
    assert (scores == np.bincount(train.films, minlength=data.n_films)).all()


def test_random_follows_its_seed_and_nobody_elses_request(data: Dataset, train: Interactions) -> None:
    first, other = Random(data, train, 1), Random(data, train, 2)
    lists = first.relevance(everybody(data))
    assert (lists[[9, 4]] == first.relevance(np.array([9, 4], np.int32))).all()
    assert (lists != other.relevance(everybody(data))).any()
    assert len(np.unique(lists, axis=0)) == data.n_users


def test_random_stars_are_spread_as_the_ratings_are(data: Dataset, train: Interactions) -> None:
    users = np.zeros(20_000, np.int32)
    drawn = Random(data, train).stars(users, users)
    values, counts = np.unique(train.ratings, return_counts=True)
    expected = counts / counts.sum()
    assert [(drawn == value).mean() for value in values] == pytest.approx(expected, abs=0.02)


def test_ease_is_the_regression_that_it_claims_to_be(data: Dataset, train: Interactions) -> None:
    """Column j of B minimises |x_j - X b|^2 + lambda |b|^2 with b_j = 0: a ridge regression on the other films."""
    l2 = 30.0
    rated = np.zeros((data.n_users, data.n_films))
    rated[train.users, train.films] = 1
    scores = Ease(data, train, l2).relevance(everybody(data))
    for film in (0, 11, 40):
        others = np.delete(rated, film, 1)
        weights = np.linalg.solve(others.T @ others + l2 * np.eye(others.shape[1]), others.T @ rated[:, film])
        assert scores[:, film] == pytest.approx(others @ weights, abs=1e-4)


def test_ease_orders_better_than_popularity_and_that_than_random(data: Dataset) -> None:
    # Two circles of people, each watching its own half of the films, the first of each half the most.
    rng = np.random.default_rng(0)
    chance = np.tile(np.linspace(0.9, 0.2, data.n_films // 2), 2)
    circle = np.arange(data.n_users)[:, None] % 2 == np.arange(data.n_films) // (data.n_films // 2)
    users, films = np.nonzero(circle & (rng.random((data.n_users, data.n_films)) < chance))
    rows = Interactions(users.astype(np.int32), films.astype(np.int32), np.full(len(users), 4, np.float32))
    mask = user_split(rows, 0.25, 0)
    train, held_out = rows.take(~mask), rows.take(mask)
    ease, popularity, random = (
        list_metrics(scorer.relevance, train, held_out, data.n_users, data.n_films).ndcg
        for scorer in (Ease(data, train, 50), Popularity(data, train), Random(data, train))
    )
    assert ease > 1.5 * popularity > 1.5 * random


def test_biases_predict_stars_better_than_film_means_and_those_than_chance(
    data: Dataset, train: Interactions, held_out: Interactions
) -> None:
    biases, popularity, random = (
        star_errors(scorer.stars(held_out.users, held_out.films), held_out.ratings, data.scale).rmse
        for scorer in (Biases(data, train), Popularity(data, train), Random(data, train))
    )
    assert biases < popularity < random


def test_ease_chooses_the_lambda_that_validation_likes_best(data: Dataset, train: Interactions) -> None:
    mask = user_split(train, 0.25, 0)
    validation, fitted_on = train.take(mask), train.take(~mask)
    chosen = Ease.tuned(data, train, validation, fitted_on)
    found = {
        l2: list_metrics(Ease(data, fitted_on, l2).relevance, fitted_on, validation, data.n_users, data.n_films).ndcg
        for l2 in Ease.LAMBDAS
    }
    index = Ease.LAMBDAS.index(chosen.l2)
    assert found[chosen.l2] == max(found[l2] for l2 in Ease.LAMBDAS[max(index - 1, 0) : index + 2])
    assert found[chosen.l2] >= found[Ease.l2]
    assert (chosen.train.users == train.users).all()


def test_ease_refuses_a_catalogue_that_its_matrix_would_not_fit(data: Dataset, train: Interactions) -> None:
    catalog = replace(data.catalog, ids=tuple(map(str, range(Ease.MAX_FILMS + 1))))
    with pytest.raises(ValueError, match="20,000 films"):
        Ease(replace(data, catalog=catalog), train)


@pytest.mark.parametrize("kind", [Biases, Popularity, Random, Ease])
def test_folding_in_what_is_known_already_changes_nothing(kind: type, data: Dataset, train: Interactions) -> None:
    scorer = kind(data, train)
    users, films = train.users[::9], train.films[::9]
    for before, after in (
        (scorer.relevance(everybody(data)), scorer.fold_in(train).relevance(everybody(data))),
        (scorer.stars(users, films), scorer.fold_in(train).stars(users, films)),
    ):
        assert (before == after).all()
        assert before.dtype == np.float32


@pytest.mark.parametrize("kind", [Biases, Ease])
def test_folding_in_strangers_uses_their_history_and_leaves_the_fit_alone(kind: type, data: Dataset) -> None:
    rows = data.interactions
    strangers = held_out_users(rows, 0.2, 0)
    scorer = kind(data, rows.take(~strangers))
    who, films = rows.users[strangers], rows.films[strangers]
    before = scorer.stars(who, films)
    folded: Scorer = scorer.fold_in(rows.take(strangers))
    errors = [np.abs(each - rows.ratings[strangers]).mean() for each in (before, folded.stars(who, films))]
    assert errors[1] < errors[0]
    assert (scorer.stars(who, films) == before).all()


@pytest.mark.parametrize("kind", [Biases, Popularity, Random, Ease])
def test_stars_stay_on_the_scale(kind: type, data: Dataset, train: Interactions) -> None:
    narrow = data.scale.model_copy(update={"min": 3.0, "max": 3.5})
    stars = kind(replace(data, scale=narrow), replace(train, ratings=np.clip(train.ratings, 3, 3.5))).stars(
        train.users, train.films
    )
    assert stars.min() >= 3
    assert stars.max() <= 3.5
