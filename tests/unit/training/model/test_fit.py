"""The model learns, does not see what it predicts, and comes out the same from the same seed."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from training.data.dataset import Dataset, Interactions
from training.data.synthetic import synthetic
from training.evaluation.baselines import Biases, Popularity, Random
from training.metrics import mean_ndcg, star_errors
from training.model import units
from training.model.config import ModelConfig
from training.model.fit import fit
from training.model.fitted import Fitted
from training.model.hybrid import Histories, film_features
from training.model.tower_fit import fit_tower, new_tower
from training.model.watching import Hyperparameters, WatchingFit

pytestmark = pytest.mark.training

Parts = tuple[Interactions, Interactions]


def rmse(scorer: object, held_out: Interactions, dataset: Dataset) -> float:
    predicted = scorer.stars(held_out.users, held_out.films)  # type: ignore[attr-defined]
    return star_errors(predicted, held_out.ratings, dataset.scale).rmse


def test_it_predicts_stars_better_than_damped_biases(fitted: Fitted, parts: Parts, dataset: Dataset) -> None:
    train, held_out = parts
    assert rmse(fitted, held_out, dataset) < 0.97 * rmse(Biases(dataset, train), held_out, dataset)


def test_it_finds_what_is_liked_better_than_popularity_and_random(
    fitted: Fitted, parts: Parts, dataset: Dataset
) -> None:
    train, held_out = parts[0], parts[1].take(parts[1].ratings >= 4)
    sizes = dataset.n_users, dataset.n_films
    ours = mean_ndcg(fitted.relevance, train, held_out, *sizes)
    assert ours > mean_ndcg(Popularity(dataset, train).relevance, train, held_out, *sizes)
    assert ours > 2 * mean_ndcg(Random(dataset, train).relevance, train, held_out, *sizes)


def test_the_same_seed_gives_the_same_model(
    fitted: Fitted, parts: Parts, dataset: Dataset, config: ModelConfig
) -> None:
    again = fit(dataset, parts[0], config)
    assert np.array_equal(again.user_vectors, fitted.user_vectors)
    assert again.curves == fitted.curves
    other = fit(dataset, parts[0], replace(config, seed=1))
    assert not np.array_equal(other.user_vectors, fitted.user_vectors)


def test_an_earlier_fit_goes_on_with_more_ratings(parts: Parts, dataset: Dataset, config: ModelConfig) -> None:
    train, held_out = parts
    earlier = fit(dataset, train.take(np.arange(len(train)) % 2 == 0), config)
    before, labels = earlier.model.film_tower.get_weights(), set()
    fitted = fit(dataset, train, config, earlier=earlier, progress=lambda label, *_: labels.add(label))
    assert labels == {"training the towers"}
    assert fitted.chosen == earlier.chosen
    assert fitted.curves is None
    assert rmse(fitted, held_out, dataset) < 0.99 * rmse(earlier, held_out, dataset)
    # The earlier fit can still be measured.
    assert all(map(np.array_equal, before, earlier.model.film_tower.get_weights()))


def test_the_head_of_many_ratings_is_chosen_on_some_users_and_fitted_to_all(
    fitted: Fitted, parts: Parts, dataset: Dataset, config: ModelConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[WatchingFit] = []

    def choose(fits: WatchingFit, *_: object) -> Hyperparameters:
        seen.append(fits)
        return fitted.chosen.relevance

    monkeypatch.setattr("training.model.fit.choose_hyperparameters", choose)
    monkeypatch.setattr("training.model.fit.MAX_FOR_CHOICE", len(parts[0]) // 2)
    again = fit(dataset, parts[0], replace(config, user_tower_share=fitted.chosen.user_tower_share))
    assert 0.4 < seen[0].n_users / dataset.n_users < 0.7
    assert len(np.unique(seen[0].interactions.users)) == seen[0].n_users
    assert np.array_equal(again.user_vectors, fitted.user_vectors)


def test_curves_have_training_and_validation_of_every_epoch(fitted: Fitted, config: ModelConfig) -> None:
    assert fitted.curves is not None
    for curve, chosen in (
        (fitted.curves.user_tower, fitted.chosen.user_epochs),
        (fitted.curves.film_tower, fitted.chosen.film_epochs),
    ):
        assert 1 <= chosen <= len(curve) <= config.epochs
        errors = [epoch.val_loss for epoch in curve]
        assert min(error for error in errors if error is not None) == errors[chosen - 1]
        assert curve[-1].loss < curve[0].loss


def test_training_ends_when_validation_stops_improving(dataset: Dataset, parts: Parts, config: ModelConfig) -> None:
    train, held_out = parts
    impatient = replace(config, patience=2, epochs=200, learning_rate=0.03)
    histories = Histories.of_users(train, dataset.n_users, dataset.n_films)
    tower = new_tower(histories, np.zeros((dataset.n_users, 0), np.float32), film_features(dataset.catalog), impatient)
    curve = fit_tower(
        tower,
        histories,
        impatient,
        l2=0,
        epochs=200,
        validation=held_out,
        by_film=False,
        done=lambda _: None,
    )
    assert len(curve) < 200
    assert int(np.argmin([epoch.val_loss or np.inf for epoch in curve])) == len(curve) - 1 - 2


def test_a_hidden_rating_does_not_help_to_predict_itself(dataset: Dataset, parts: Parts, config: ModelConfig) -> None:
    """What the training step shows of a history is encoded; the hidden rating's stars are no part of it."""
    histories = Histories.of_users(parts[0], dataset.n_users, dataset.n_films)
    tower = new_tower(histories, np.zeros((dataset.n_users, 0), np.float32), film_features(dataset.catalog), config)
    rows = np.arange(5, dtype=np.int32)
    places, columns, ratings = histories.batch(rows)
    shown = np.ones(len(places), np.bool_)
    shown[::4] = False
    features = tf.zeros((5, 0))

    def predict(stars: np.ndarray) -> np.ndarray:
        bias, code = tower.encode(rows, places[shown], columns[shown], stars[shown], features)
        predicted: np.ndarray = tower.predict_pairs(bias, code, places[~shown], columns[~shown]).numpy()
        return predicted

    changed = np.where(shown, ratings, 6 - ratings).astype(np.float32)
    assert np.array_equal(predict(ratings), predict(changed))


def test_validation_ratings_are_not_in_the_histories_that_predict_them(
    dataset: Dataset, parts: Parts, config: ModelConfig
) -> None:
    """Turning all validation ratings around changes what is measured, never what is predicted for them."""
    train, held_out = parts
    fixed = replace(
        config,
        refit=False,
        epochs=1,
        user_tower_share=0.5,
        relevance_l2=100.0,
        relevance_factors_l2=0.02,
        relevance_mix=0.5,
        relevance_liking=0.3,
    )
    once = fit(dataset, train, fixed, validation=held_out)
    turned = replace(held_out, ratings=6 - held_out.ratings)
    again = fit(dataset, train, fixed, validation=turned)
    assert np.array_equal(once.stars(held_out.users, held_out.films), again.stars(held_out.users, held_out.films))


def test_histories_laid_end_to_end() -> None:
    rows = Interactions(
        np.array([1, 0, 1, 3], np.int32), np.array([5, 2, 0, 5], np.int32), np.array([1, 2, 3, 4], np.float32)
    )
    histories = Histories.of_users(rows, 4, 6)
    places, columns, ratings = histories.batch(np.array([3, 2, 1], np.int32))
    assert places.tolist() == [0, 2, 2]
    assert columns.tolist() == [5, 5, 0]  # in the order of the data: the latest last
    assert ratings.tolist() == [4, 1, 3]
    by_film = Histories.of_films(rows, 4, 6)
    assert by_film.batch(np.array([5], np.int32))[1].tolist() == [1, 3]


def test_the_keras_model_takes_the_three_inputs(fitted: Fitted, dataset: Dataset) -> None:
    users, films = np.array([0, 3, 9], np.int32), np.array([4, 1, 7], np.int32)
    features = film_features(dataset.catalog)[films]
    heads = fitted.model({"user": users, "film": films, "features": features})
    stars = units.on_scale(heads["stars"].numpy(), dataset.scale)
    assert stars == pytest.approx(fitted.stars(users, films), abs=1e-5)
    relevance = fitted.relevance(users)[np.arange(3), films]
    assert heads["relevance"].numpy() == pytest.approx(relevance, abs=1e-4)


def test_a_film_without_ratings_has_a_place(fitted: Fitted, dataset: Dataset) -> None:
    cold = dataset.n_films - 1
    assert cold not in dataset.interactions.films
    everybody = np.arange(dataset.n_users, dtype=np.int32)
    stars = fitted.stars(everybody, np.full(dataset.n_users, cold, np.int32))
    assert np.isfinite(stars).all()
    assert dataset.scale.min < stars.mean() < dataset.scale.max
    assert stars.std() > 0.01  # its genres say something to people of different tastes
    assert np.isfinite(fitted.relevance(everybody)[:, cold]).all()
    assert np.abs(fitted.film_vectors()[cold]).sum() > 0


def test_half_stars_and_few_people() -> None:
    dataset = synthetic(users=50, films=60, ratings=900, step=0.5)
    fitted = fit(
        dataset, dataset.interactions, ModelConfig(embedding=4, epochs=2, relevance_rank=8, relevance_factors=8)
    )
    users = np.zeros(dataset.n_films, np.int32)
    stars = fitted.stars(users, np.arange(dataset.n_films, dtype=np.int32))
    assert (stars >= 0.5).all()
    assert (stars <= 5).all()


def test_many_ratings_get_fewer_passes() -> None:
    config = ModelConfig(epochs=60, ratings_shown=30_000_000)
    assert [config.passes(ratings) for ratings in (1, 100_000, 1_000_000, 20_000_000, 10**9)] == [60, 60, 30, 2, 1]


def test_a_history_is_in_the_order_of_time_where_it_is_known() -> None:
    codes = np.array([0, 0, 1, 0], np.int32), np.array([5, 3, 4, 1], np.int32)
    stars = np.array([1, 2, 3, 4], np.float32)
    timed = Interactions(*codes, stars, np.array([30, 10, 5, 20]))
    history = Histories.of_users(timed, 2, 6)
    assert history.columns.tolist() == [3, 1, 5, 4]
    assert history.ratings.tolist() == [2, 4, 1, 3]
    assert Histories.of_users(replace(timed, timestamps=None), 2, 6).columns.tolist() == [5, 3, 1, 4]
