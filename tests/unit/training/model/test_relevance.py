"""The relevance head: what each half does, alone and mixed, and what it says of its reasons."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse

from function.bundle.interpreter import Model
from training.data.dataset import Dataset, Interactions
from training.model.cold import impute_by_features
from training.model.config import ModelConfig
from training.model.factors import fit_factors
from training.model.fitted import Fitted
from training.model.hybrid import film_features
from training.model.item_regression import Design, fit_item_regression
from training.model.relevance import Weights
from training.model.served import to_tflite
from training.model.watching import Watching, WatchingFit


@pytest.fixture(scope="module")
def heads(dataset: Dataset, parts: tuple[Interactions, Interactions], config: ModelConfig) -> WatchingFit:
    return WatchingFit(parts[0], dataset.n_users, film_features(dataset.catalog), config)


def histories(fitted: Fitted) -> scipy.sparse.csr_matrix:
    return fitted.histories.matrix()


def test_the_regression_without_damping_at_full_rank_is_ease(heads: WatchingFit, config: ModelConfig) -> None:
    plain = replace(config, relevance_rank=1000)
    design = Design.of(heads.histories, heads.histories, plain, damped=False)
    ours = fit_item_regression(design, heads.features, 100.0)
    rated = np.asarray(heads.histories.todense(), np.float64)
    known = rated.any(0)
    rated = rated[:, known]
    inverse = np.linalg.inv(rated.T @ rated + 100.0 * np.eye(rated.shape[1]))
    ease = -inverse / np.diag(inverse)
    np.fill_diagonal(ease, 0)
    assert ours.encoder[known] @ ours.decoder[known].T == pytest.approx(ease, abs=1e-4)


def test_the_regression_predicts_its_targets_from_other_ratings(heads: WatchingFit, config: ModelConfig) -> None:
    """Each film's column is the ridge regression of its targets on the histories without this film."""
    plain = replace(config, relevance_rank=1000)
    ours = fit_item_regression(Design.of(heads.histories, heads.targets, plain, damped=False), heads.features, 100.0)
    films = np.flatnonzero(np.asarray(heads.histories.sum(0)).ravel())
    rated, wanted = (each.toarray().astype(np.float64)[:, films] for each in (heads.histories, heads.targets))
    assert not np.allclose(rated, wanted)
    for film in (0, len(films) // 2):
        others = np.delete(np.arange(len(films)), film)
        gram = rated[:, others].T @ rated[:, others] + 100.0 * np.eye(len(others))
        expected = np.zeros(len(films))
        expected[others] = np.linalg.solve(gram, rated[:, others].T @ wanted[:, film])
        assert ours.encoder[films] @ ours.decoder[films[film]] == pytest.approx(expected, abs=1e-4)


def test_a_dampened_regression_orders_otherwise(heads: WatchingFit) -> None:
    damped, plain = heads.regression(100.0, damped=True), heads.regression(100.0, damped=False)
    assert not np.allclose(damped.encoder @ damped.decoder.T, plain.encoder @ plain.decoder.T, atol=1e-3)


def test_a_user_vector_of_the_factors_is_the_least_squares_solution(heads: WatchingFit) -> None:
    """Against the formula of the module's docstring, in the coordinates the film vectors are kept in."""
    factors = heads.factors(0.02)
    history = heads.histories[3]
    rated = factors.films[history.indices].astype(np.float64)
    system = rated.T @ rated + np.eye(rated.shape[1]) + len(rated) * factors.rest
    expected = np.linalg.solve(system, rated.T @ history.data)
    nothing = np.zeros(rated.shape[1], np.float32)
    assert factors.encode(history, nothing)[0] == pytest.approx(expected, abs=1e-4)


def test_rounds_of_the_factors_lower_their_own_loss(heads: WatchingFit, config: ModelConfig) -> None:
    rated = np.asarray(heads.histories.todense())
    weight = np.where(rated > 0, 1.0, config.relevance_unseen)

    def loss(rounds: int) -> float:
        factors = fit_factors(heads.histories, heads.features, replace(config, relevance_rounds=rounds), 0.02)
        users = factors.encode(heads.histories, np.zeros(factors.films.shape[1], np.float32))
        return float((weight * np.square(rated - users @ factors.films.T)).sum())

    assert loss(4) < loss(1)


@pytest.mark.parametrize("mix", [0.0, 1.0])
def test_a_mix_of_0_or_1_is_one_half_alone(mix: float, heads: WatchingFit) -> None:
    alone = heads.mixed(heads.regression(100.0, damped=True), heads.factors(0.02), mix)
    rank = alone.regression.encoder.shape[1]
    silent = alone.decoder[:, rank:] if mix == 0 else alone.decoder[:, :rank]
    assert not silent.any()
    assert alone.decoder.any()


def test_both_halves_are_mixed_at_equal_size_and_their_sum_has_a_spread_of_1(
    heads: WatchingFit, fitted: Fitted
) -> None:
    head = heads.mixed(heads.regression(100.0, damped=True), heads.factors(0.02), 0.5)
    codes = head.encode(histories(fitted))
    rank = head.regression.encoder.shape[1]
    sizes = [float((codes[:, part] @ head.decoder[:, part].T).std()) for part in (slice(rank), slice(rank, None))]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.15)
    assert float((codes @ head.decoder.T).std()) == pytest.approx(1, rel=0.1)


def test_what_the_ratings_add_is_the_relevance(fitted: Fitted) -> None:
    """relevance(film) = what is there without the pulls + a number that is the same for all films + the pulls."""
    rows, films_asked = fitted.histories, (0, 17, 80)
    films, ratings = rows.columns[: rows.indptr[1]], rows.ratings[: rows.indptr[1]]
    relevance = fitted.score(fitted.encode(films, ratings)[None])[1][0]
    without = [
        relevance[film] - fitted.explain(films, ratings, film).sum() - _unpersonal(fitted, films, film)
        for film in films_asked
    ]
    assert without == pytest.approx([without[0]] * len(films_asked), abs=2e-3)


def _unpersonal(fitted: Fitted, films: np.ndarray, film: int) -> float:
    """What a history of `films` has for `film` whatever its stars: the priors of all parts."""
    stars, relevance = fitted.served.stars, fitted.served.relevance
    head: Watching = relevance.watching
    weights = Weights.of(np.float32(len(films)))
    rank, factors = head.regression.encoder.shape[1], head.factors
    rated = factors.films[films].astype(np.float64)
    system = rated.T @ rated + np.eye(rated.shape[1]) + len(rated) * factors.rest
    decoder = relevance.decoder[film]
    last = rank + head.factors.films.shape[1]
    own = head.prior[0] @ decoder[:rank] + np.linalg.solve(system, head.prior[1]) @ decoder[rank:last]
    watching = weights.watching * own + (1 - weights.watching) * (head.without_ratings @ decoder[:last])
    side = stars.user_offset.shape[0]
    code = np.concatenate((np.tanh(stars.user_offset), stars.prior_mean[1:]))
    assert len(code) == 2 * side
    everybody = (weights.baseline / weights.stars - 1) * decoder[-1]
    return float(watching / weights.stars + everybody + stars.film_bias[film] + code @ stars.films[film, 1:])


def test_a_dislike_takes_away(fitted: Fitted) -> None:
    """Of a single rating, the lowest says less for every film that it says anything about than the highest."""
    film = np.array([np.bincount(fitted.histories.columns).argmax()], np.int32)
    disliked, liked = (
        np.array([fitted.explain(film, np.array([stars], np.float32), other)[0] for other in range(0, 120, 3)])
        for stars in (1, 5)
    )
    assert disliked.mean() < liked.mean()
    assert (disliked < 0).any()


def test_the_runtime_explains_as_tensorflow_does(fitted: Fitted) -> None:
    model = Model(to_tflite(fitted.served))
    rows = fitted.histories
    films, ratings = rows.columns[: rows.indptr[1]], rows.ratings[: rows.indptr[1]]
    assert model.explain(films, ratings, 5) == pytest.approx(fitted.explain(films, ratings, 5), abs=1e-4)
    assert model.explain(films[:0], ratings[:0], 5).shape == (0,)
    longer = np.resize(films, model.history_length + 3), np.resize(ratings, model.history_length + 3)
    pulls = model.explain(*longer, 5)
    assert pulls.shape == (model.history_length + 3,)
    assert not pulls[:3].any()
    assert pulls[3:].any()


def test_the_served_factors_are_the_exact_ones(fitted: Fitted) -> None:
    """Conjugate gradients, in float32 and a fixed number of steps, end where the solver of training ends."""
    rows = fitted.histories
    for user in (0, 40, 149):
        part = slice(rows.indptr[user], rows.indptr[user + 1])
        ours = fitted.encode(rows.columns[part], rows.ratings[part])[fitted.served.star_dimensions :]
        assert ours == pytest.approx(fitted.user_vectors[user, fitted.served.star_dimensions :], abs=2e-3)


def test_an_unrated_film_is_placed_by_its_genres_among_the_least_known() -> None:
    rng = np.random.default_rng(0)
    features = np.repeat(np.eye(3, dtype=np.float32), 30, 0)
    counts = np.tile(np.arange(30), 3)
    table = np.repeat(rng.normal(size=(3, 4)), 30, 0) * np.sqrt(counts)[:, None]
    known = counts > 0
    impute_by_features(table, features, known, counts)
    for genre in range(3):
        placed, popular = table[30 * genre], table[30 * genre + 29]
        cosine = placed @ popular / np.linalg.norm(placed) / np.linalg.norm(popular)
        assert cosine > 0.9
        assert np.linalg.norm(placed) < 0.5 * np.linalg.norm(popular)
