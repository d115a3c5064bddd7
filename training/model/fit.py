"""Fitting the hybrid model, from top to bottom: what can be chosen is chosen on validation, then all is fitted anew."""

import scipy.sparse

from training.data.dataset import Dataset, Interactions
from training.data.splits import hold_out
from training.model.config import ModelConfig
from training.model.fitted import Chosen, Fitted
from training.model.hybrid import Histories, HybridModel, film_features
from training.model.relevance import Relevance, RelevanceFit
from training.model.relevance_validation import choose_hyperparameters
from training.model.served import serve
from training.model.tower_fit import Curves, Towers, fit_towers
from training.progress import Progress, quiet


def fit(
    dataset: Dataset,
    interactions: Interactions,
    config: ModelConfig,
    *,
    validation: Interactions | None = None,
    chosen: Chosen | None = None,
    progress: Progress = quiet,
) -> Fitted:
    """Fit to `interactions` (a part of the dataset's).

    Epochs and the relevance head's hyper-parameters are chosen on `validation`, or where it is None on
    `config.validation` of `interactions`, drawn at random; with `config.refit` everything is then trained once more on
    all of `interactions`. With `chosen`, from an earlier fit to a part of these ratings, that is all that happens, and
    half of the time.
    """
    features = film_features(dataset.catalog)
    train, curves, refit = interactions, None, True

    if chosen is None:
        refit = config.refit
        if validation is None:
            held_out = hold_out(interactions, config.validation, config.seed)
            train, validation = interactions.take(~held_out), interactions.take(held_out)
        towers = fit_towers(dataset, train, config, validation=validation, progress=progress)
        curves = towers.curves
        # No name for what fits the heads: its matrices go when it has chosen.
        head = choose_hyperparameters(RelevanceFit(train, dataset.n_users, features, config), validation, progress)
        chosen = Chosen(*curves.best_epochs(), head)

    if refit:
        train = interactions
        epochs = chosen.user_epochs, chosen.film_epochs
        towers = fit_towers(dataset, train, config, epochs=epochs, progress=progress)

    relevance = RelevanceFit(train, dataset.n_users, features, config).fit(chosen.relevance)
    return _assemble(dataset, train, config, towers, relevance, curves, chosen)


def _assemble(
    dataset: Dataset,
    train: Interactions,
    config: ModelConfig,
    towers: Towers,
    relevance: Relevance,
    curves: Curves | None,
    chosen: Chosen,
) -> Fitted:
    """Both towers and the head, fitted to `train`, in one Keras model and in its served form."""
    of_users = Histories.of_users(train, dataset.n_users, dataset.n_films)
    of_films = Histories.of_films(train, dataset.n_users, dataset.n_films)
    ratings = scipy.sparse.csr_matrix((train.ratings, (train.users, train.films)), (dataset.n_users, dataset.n_films))
    model = HybridModel(towers.user, towers.film, of_users, of_films, relevance.encode(ratings), relevance.decoder)
    served = serve(model, relevance, of_films, dataset.scale, config)
    return Fitted(dataset, config, model, relevance, of_users, served, curves, chosen)
