"""Fit the hybrid model: choose epochs and hyper-parameters on validation, then go on with all ratings."""

from dataclasses import replace
from typing import Final

import numpy as np

from training.data.dataset import Dataset, Interactions
from training.data.splits import evenly_spaced, hold_out, some_users
from training.model import units
from training.model.config import ModelConfig
from training.model.fitted import Chosen, Fitted
from training.model.hybrid import Histories, HybridModel, film_features
from training.model.relevance import Relevance, genre_vectors
from training.model.relevance_validation import choose_hyperparameters
from training.model.served import Served
from training.model.star_head import StarHead, best_share
from training.model.tower_fit import Curves, Towers, fit_towers, refit_towers
from training.model.watching import Hyperparameters, Watching, WatchingFit
from training.progress import Progress, quiet

MAX_FOR_SPREAD: Final = 2000  # users
MAX_FOR_CHOICE: Final = 6_000_000  # ratings, on which the head is chosen: it is fitted several times
EQUAL: Final = 0.5  # share of either tower, where validation cannot tell


def fit(
    dataset: Dataset,
    interactions: Interactions,
    config: ModelConfig,
    *,
    validation: Interactions | None = None,
    earlier: Fitted | None = None,
    progress: Progress = quiet,
) -> Fitted:
    """Fit to `interactions` (a part of the dataset's).

    Epochs and hyper-parameters of the relevance head are chosen on `validation` or, if it is None, on a random share
    `config.validation` of `interactions`. With `config.refit` the towers then train on with all `interactions`, and the
    relevance head is fitted to them. With `earlier`, a fit to a part of these ratings, only this last step is done.
    """
    interactions = units.in_stars(interactions, dataset.scale)
    train, curves, refit = interactions, None, True

    if earlier is not None:
        towers, chosen = Towers(earlier.model.user_tower, earlier.model.film_tower), earlier.chosen
    else:
        refit = config.refit
        if validation is None:
            held_out = hold_out(interactions, config.validation, config.seed)
            train, validation = interactions.take(~held_out), interactions.take(held_out)
        else:
            validation = units.in_stars(validation, dataset.scale)
        towers, curves = fit_towers(dataset, train, config, validation, progress=progress)
        chosen = Chosen(*curves.best_epochs(), *_choose_heads(dataset, train, config, towers, validation, progress))

    if refit:
        train = interactions
        epochs = chosen.user_epochs, chosen.film_epochs
        towers = refit_towers(dataset, train, config, towers, epochs, progress=progress)

    watching = WatchingFit(train, dataset.n_users, film_features(dataset.catalog), config).fit(chosen.relevance)
    return _assemble(dataset, train, config, towers, watching, curves, chosen)


def _choose_heads(
    dataset: Dataset,
    train: Interactions,
    config: ModelConfig,
    towers: Towers,
    validation: Interactions,
    progress: Progress,
) -> tuple[float, Hyperparameters]:
    """The user tower's share in the stars, and the hyper-parameters of the relevance head.

    What is fitted for the choice, which is large, is released with it.
    """
    users, (shown, held_back) = some_users(dataset.n_users, MAX_FOR_CHOICE, train, validation)
    rankers = WatchingFit(shown, users, film_features(dataset.catalog), config)
    given = config.user_tower_share
    stars = _star_head(dataset, train, config, towers, EQUAL if given is None else given)
    if given is None:
        stars = replace(stars, share=best_share(stars, rankers.ratings, held_back))
    return stars.share, choose_hyperparameters(rankers, stars, genre_vectors(dataset.catalog), held_back, progress)


def _assemble(
    dataset: Dataset,
    train: Interactions,
    config: ModelConfig,
    towers: Towers,
    watching: Watching,
    curves: Curves | None,
    chosen: Chosen,
) -> Fitted:
    """Both towers and both heads, fitted to `train`, in one Keras model and in its served form."""
    of_users = Histories.of_users(train, dataset.n_users, dataset.n_films)
    of_films = Histories.of_films(train, dataset.n_users, dataset.n_films)
    ratings = of_users.matrix()
    stars = _star_head(dataset, train, config, towers, chosen.user_tower_share)
    # From here on users are encoded from their ratings alone, so that known users and visitors are treated alike.
    towers.user.forget_rows()
    some = evenly_spaced(np.arange(dataset.n_users, dtype=np.int32), MAX_FOR_SPREAD)
    relevance = Relevance.of(watching, chosen.relevance.liking, stars, dataset.catalog, stars.encode(ratings[some]))
    model = HybridModel(
        towers.user,
        towers.film,
        of_users,
        of_films,
        stars.film_tower_users(ratings),
        stars.share,
        relevance.encode(ratings),
        relevance.decoder,
    )
    raw = replace(of_users, ratings=units.on_scale(of_users.ratings, dataset.scale))
    return Fitted(dataset, config, model, raw, Served(stars, relevance, dataset.scale), curves, chosen)


def _star_head(dataset: Dataset, train: Interactions, config: ModelConfig, towers: Towers, share: float) -> StarHead:
    of_films = Histories.of_films(train, dataset.n_users, dataset.n_films)
    return StarHead.of(towers.user, towers.film, of_films, config.fold_in_noise, share)
