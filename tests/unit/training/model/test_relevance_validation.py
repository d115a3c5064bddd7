"""What is given is not searched, and what chance alone would choose is not chosen."""

from dataclasses import replace

import numpy as np
import pytest

from training.data.dataset import Dataset, Interactions
from training.model.config import ModelConfig
from training.model.hybrid import film_features
from training.model.relevance import Hyperparameters, RelevanceFit
from training.model.relevance_validation import REGRESSION_L2, _unless_by_chance, choose_hyperparameters
from training.progress import quiet


def test_given_hyperparameters_are_kept(dataset: Dataset, parts: tuple[Interactions, Interactions]) -> None:
    config = ModelConfig(relevance_rank=8, relevance_factors=8, relevance_l2=70.0, relevance_factors_l2=0.3)
    features = film_features(dataset.catalog)
    said: list[str] = []
    given = replace(config, relevance_mix=0.4)
    progress = lambda label, _done, _steps: said.append(label)  # noqa: E731
    heads = RelevanceFit(parts[0], dataset.n_users, features, given)
    assert choose_hyperparameters(heads, parts[1], progress) == Hyperparameters(70.0, 0.3, 0.4)
    assert not said
    found = choose_hyperparameters(replace(heads, config=config), parts[1], progress)
    assert (found.l2, found.factors_l2) == (70.0, 0.3)
    assert said


def test_the_regression_is_chosen_by_the_lists_it_makes(
    dataset: Dataset, parts: tuple[Interactions, Interactions], config: ModelConfig
) -> None:
    """With the factors out of the mixture, the lambda chosen is the first whose lists no larger one betters."""
    heads = RelevanceFit(parts[0], dataset.n_users, film_features(dataset.catalog), config)
    alone = replace(heads, config=replace(config, relevance_factors_l2=0.02, relevance_mix=0.0))
    found = choose_hyperparameters(alone, parts[1], quiet)
    assert found.l2 in REGRESSION_L2
    given = replace(alone, config=replace(alone.config, relevance_l2=found.l2))
    assert choose_hyperparameters(given, parts[1], quiet) == found


@pytest.mark.parametrize(("gain", "kept"), [(0.0, True), (0.01, True), (0.1, False)])
def test_the_default_stays_unless_another_is_better_by_a_standard_error(gain: float, kept: bool) -> None:
    default, other = Hyperparameters(400.0, 0.02, 0.5), Hyperparameters(400.0, 0.01, 0.3)
    by_user = np.random.default_rng(0).random(100)
    noise = np.random.default_rng(1).normal(0, 0.3, 100)  # a standard error of 0.03
    found = _unless_by_chance({default: by_user, other: by_user + noise - noise.mean() + gain}, default)
    assert (found == default) is kept


def test_a_default_that_was_not_tried_is_not_chosen() -> None:
    tried = {Hyperparameters(100.0, 0.02, mix): np.full(4, mix) for mix in (0.2, 0.6)}
    assert _unless_by_chance(tried, Hyperparameters(100.0, 0.02, 0.5)).mix == 0.6
