"""What is given is not searched, and what chance alone would choose is not chosen."""

from dataclasses import replace

import numpy as np
import pytest

from training.data.dataset import Dataset, Interactions
from training.model import relevance_validation
from training.model.config import ModelConfig
from training.model.fitted import Fitted
from training.model.hybrid import film_features
from training.model.relevance import genre_vectors
from training.model.relevance_validation import (
    DEFAULT,
    REGRESSION_L2,
    choose_hyperparameters,
    choose_watching,
    climb,
    unless_by_chance,
)
from training.model.watching import Hyperparameters, WatchingFit
from training.progress import quiet

Parts = tuple[Interactions, Interactions]


@pytest.fixture(scope="module")
def genres(dataset: Dataset) -> np.ndarray:
    return genre_vectors(dataset.catalog)


def test_given_hyperparameters_are_kept(dataset: Dataset, parts: Parts, fitted: Fitted, genres: np.ndarray) -> None:
    config = ModelConfig(
        relevance_rank=8, relevance_factors=8, relevance_l2=70.0, relevance_factors_l2=0.3, relevance_mix=0.4
    )
    said: list[str] = []
    progress = lambda label, _done, _steps: said.append(label)  # noqa: E731
    fits = WatchingFit(parts[0], dataset.n_users, film_features(dataset.catalog), config)
    given = replace(fits, config=replace(config, relevance_liking=0.2))
    expected = Hyperparameters(damped=True, l2=70.0, factors_l2=0.3, mix=0.4, liking=0.2)
    assert choose_hyperparameters(given, fitted.served.stars, genres, parts[1], progress) == expected
    assert not said
    found = choose_hyperparameters(fits, fitted.served.stars, genres, parts[1], progress)
    assert replace(found, liking=0.2) == expected
    assert said


def test_the_regression_is_chosen_by_the_lists_it_makes(
    dataset: Dataset, parts: Parts, fitted: Fitted, config: ModelConfig, genres: np.ndarray
) -> None:
    """What was found is kept when it is given, and is one of the candidates."""
    config = replace(config, relevance_factors_l2=0.02, relevance_mix=0.0, relevance_liking=0.3)
    fits = WatchingFit(parts[0], dataset.n_users, film_features(dataset.catalog), config)
    found = choose_hyperparameters(fits, fitted.served.stars, genres, parts[1], quiet)
    assert found.l2 in REGRESSION_L2
    assert found.mix == 0


def test_factors_are_searched_where_those_of_the_default_are_worse_than_none(
    dataset: Dataset, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on ml-1m: only factors of a much lower regularisation improve the lists."""
    config = ModelConfig(relevance_rank=8, relevance_factors=8, relevance_l2=100.0, relevance_liking=0.25)
    fits = WatchingFit(parts[0], dataset.n_users, film_features(dataset.catalog), config)
    quality = {0.02: -0.2, 0.014: -0.15, 0.01: -0.1, 0.0075: -0.05, 0.005: 0.1}
    penalties: list[float] = []

    def factors(self: WatchingFit, l2: float) -> float:
        penalties.append(l2)
        return l2

    monkeypatch.setattr(WatchingFit, "factors", factors)
    monkeypatch.setattr(WatchingFit, "mixed", lambda self, regression, factors, mix: factors)
    monkeypatch.setattr(relevance_validation._Search, "_scores", lambda self, l2, ours: lambda mix: (l2, mix))
    monkeypatch.setattr(
        relevance_validation._Search,
        "_ndcg",
        lambda self, scores, relevant: np.full(9, 0.5 + scores[1] * quality.get(scores[0], -0.3)),
    )
    found = choose_watching(fits, parts[1], quiet)
    assert (found.factors_l2, found.mix) == (0.005, 1.0)
    assert penalties == [0.02, 0.028, 0.014, 0.01, 0.0075, 0.005]


def test_nothing_to_judge_by_leaves_the_defaults(
    dataset: Dataset, parts: Parts, fitted: Fitted, genres: np.ndarray
) -> None:
    fits = WatchingFit(parts[0], dataset.n_users, film_features(dataset.catalog), ModelConfig())
    nothing = parts[1].take(np.array([], np.intp))
    assert choose_hyperparameters(fits, fitted.served.stars, genres, nothing, quiet) == DEFAULT


def test_a_climb_ends_on_the_peak_and_asks_for_each_value_once() -> None:
    asked: list[float] = []

    def objective(value: float) -> float:
        asked.append(value)
        return -abs(value - 4)

    assert climb((1, 2, 4, 8, 16), 16, objective) == 4
    assert climb((1, 2, 4, 8, 16), 1.2, objective) == 4
    assert climb((3,), 100, objective) == 3
    assert sorted(asked[:4]) == [2, 4, 8, 16]


@pytest.mark.parametrize(("gain", "kept"), [(0.0, True), (0.01, True), (0.1, False)])
def test_the_default_stays_unless_another_is_better_by_a_standard_error(gain: float, kept: bool) -> None:
    other = replace(DEFAULT, mix=0.2)
    by_user = np.random.default_rng(0).random(100)
    noise = np.random.default_rng(1).normal(0, 0.3, 100)  # a standard error of 0.03
    found = unless_by_chance({DEFAULT: by_user, other: by_user + noise - noise.mean() + gain}, DEFAULT)
    assert (found == DEFAULT) is kept


def test_a_default_that_was_not_tried_is_not_chosen() -> None:
    tried = {replace(DEFAULT, mix=mix): np.full(4, mix) for mix in (0.2, 0.4)}
    assert unless_by_chance(tried, DEFAULT).mix == 0.4
