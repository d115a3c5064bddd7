"""Fit the hybrid model: both towers, then the relevance head; what can be chosen is chosen on validation."""

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras
import numpy as np
import scipy.sparse
import tensorflow as tf
from numpy.typing import NDArray

from training.data.dataset import Dataset, Interactions
from training.metrics import ndcg_by_user
from training.model.config import ModelConfig
from training.model.hybrid import Histories, HistoryTower, HybridModel, film_features
from training.model.relevance import FACTORS_L2, MIXES, REGRESSION_L2, USUAL, Relevance, RelevanceFit
from training.model.served import Served, serve
from training.model.tower_fit import Epoch, Progress, best_epochs, fit_tower, new_tower

log = logging.getLogger(__name__)

MAX_FOR_USUAL = 2000
MAX_JUDGES = 6000  # users whose lists choose; with 2,000 of ml-1m, chance has as much of a say as the strengths


def quiet(label: str, done: int, steps: int) -> None:
    """A Progress that shows nothing."""


@dataclass(frozen=True)
class Curves:
    """What happened in training, epoch by epoch, on the split that the epochs were chosen on."""

    user_tower: list[Epoch]
    film_tower: list[Epoch]


@dataclass(frozen=True)
class Strengths:
    """How strongly each half of the relevance head is regularised, and how they are mixed."""

    l2: float
    factors_l2: float
    mix: float  # share of the factors


@dataclass(frozen=True)
class Chosen:
    """What validation chose."""

    user_epochs: int
    film_epochs: int
    relevance: Strengths


@dataclass(frozen=True)
class Fitted:
    """A fitted model. It is a Scorer for the users it was trained on, and `served` encodes anybody's history."""

    dataset: Dataset
    config: ModelConfig
    model: HybridModel
    relevance_head: Relevance
    histories: Histories  # of users: what they rated in training
    served: Served
    curves: Curves | None  # None: what to choose was given
    chosen: Chosen
    name: str = "this model"

    @cached_property
    def user_vectors(self) -> NDArray[np.float32]:
        """Vectors of the known users, [U, D]."""
        return self.served.known_users(self.model, self.relevance_head, self.histories)

    def score(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Both heads for user vectors [B, D]: stars [B, M] within the scale, and relevance [B, M]."""
        stars, relevance = self.served.heads(tf.constant(vectors))
        return stars.numpy(), relevance.numpy()

    def encode(self, films: NDArray[np.int32], ratings: NDArray[np.float32]) -> NDArray[np.float32]:
        """The user vector [D] of anybody's history: codes [n] and stars [n], the latest last (fold-in)."""
        return self.served.encode_history(films, ratings)

    @cached_property
    def usual_relevance(self) -> NDArray[np.float32]:
        """Mean and standard deviation [M, 2] of each film's relevance over known users, or MAX_FOR_USUAL of them."""
        some = _spread(np.arange(len(self.user_vectors), dtype=np.int32), MAX_FOR_USUAL)
        scores = self.relevance(some)
        return np.stack((scores.mean(0), scores.std(0)), 1)

    def explain(self, films: NDArray[np.int32], ratings: NDArray[np.float32], film: int) -> NDArray[np.float32]:
        """What each rating of a history [n] adds to the relevance of one film; [n]."""
        return self.served.explain(films, ratings, film)

    def film_vectors(self) -> NDArray[np.float32]:
        """What films are compared by, [M, K], rows of length 1: their relevance decoders, scaled to be comparable."""
        table = self.relevance_head.decoder
        features = film_features(self.dataset.catalog)
        both = np.hstack((_unit(table), 0.3 * _unit(features)))
        return _unit(both)

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        """Predicted stars [R] of the pairs, within the scale."""
        by_user = self.user_vectors[users, : self.served.star_dimensions]
        raw = np.einsum("rd,rd->r", by_user, self.served.star_films[films]) + self.served.star_bias[films]
        scale = self.dataset.scale
        stars: NDArray[np.float32] = np.clip(raw, scale.min, scale.max).astype(np.float32)
        return stars

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        """Scores [B, M] of every film for `users` [B]."""
        codes = self.user_vectors[users, self.served.star_dimensions :]
        scores: NDArray[np.float32] = np.asarray(codes @ self.relevance_head.decoder.T, np.float32)
        return scores


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

    Epochs and the relevance head's strengths are chosen on `validation`, or where it is None on `config.validation` of
    `interactions`, drawn at random; with `config.refit` everything is then trained once more on all of `interactions`.
    With `chosen`, from an earlier fit to a part of these ratings, that is all that happens, and half of the time.
    """
    features = film_features(dataset.catalog)
    tower_fit = _TowerFit(dataset, features, config, progress)
    refit = config.refit or chosen is not None
    curves, fitted_on = None, interactions
    keras.utils.set_random_seed(config.seed)
    if chosen is None:
        if validation is None:
            held_out = np.random.default_rng(config.seed).random(len(interactions)) < config.validation
            held_out &= _rated_elsewhere(interactions, held_out)
            fitted_on, validation = interactions.take(~held_out), interactions.take(held_out)
        user_tower, user_curve = tower_fit.run(fitted_on, validation, by_film=False)
        film_tower, film_curve = tower_fit.run(fitted_on, validation, by_film=True)
        curves = Curves(user_curve, film_curve)
        chosen = Chosen(
            best_epochs(user_curve),
            best_epochs(film_curve),
            choose_strengths(dataset, fitted_on, validation, features, config, progress),
        )
    if refit:
        keras.utils.set_random_seed(config.seed)
        fitted_on = interactions
        user_tower, _ = tower_fit.run(fitted_on, None, by_film=False, epochs=chosen.user_epochs)
        film_tower, _ = tower_fit.run(fitted_on, None, by_film=True, epochs=chosen.film_epochs)
    heads = RelevanceFit(fitted_on, dataset.n_users, features, config)
    strengths = chosen.relevance
    relevance = heads.mixed(heads.regression(strengths.l2), heads.factors(strengths.factors_l2), strengths.mix)
    user_histories = Histories.of_users(fitted_on, dataset.n_users, dataset.n_films)
    film_histories = Histories.of_films(fitted_on, dataset.n_users, dataset.n_films)
    by_user = relevance.encode(_sparse(fitted_on, dataset))
    model = HybridModel(user_tower, film_tower, user_histories, film_histories, by_user, relevance.decoder)
    served = serve(model, relevance, film_histories, dataset.scale, config)
    return Fitted(dataset, config, model, relevance, user_histories, served, curves, chosen)


class _TowerFit:
    """The two calls of fit_tower that differ in their sides only."""

    def __init__(
        self, dataset: Dataset, features: NDArray[np.float32], config: ModelConfig, progress: Progress
    ) -> None:
        self.dataset, self.config, self.progress = dataset, config, progress
        self.film_features, self.user_features = features, np.zeros((dataset.n_users, 0), np.float32)
        self.passes = config.passes(len(dataset.interactions))

    def run(
        self, interactions: Interactions, validation: Interactions | None, *, by_film: bool, epochs: int | None = None
    ) -> tuple[HistoryTower, list[Epoch]]:
        make = Histories.of_films if by_film else Histories.of_users
        histories = make(interactions, self.dataset.n_users, self.dataset.n_films)
        rows, columns = self.user_features, self.film_features
        if by_film:
            rows, columns = columns, rows
        tower = new_tower(histories, rows, columns, self.config)
        curve = fit_tower(
            tower,
            histories,
            self.config,
            l2=(self.config.l2_film if by_film else self.config.l2_user) / max(len(interactions), 1),
            seed=self.config.seed,
            schedule=self.passes,
            epochs=epochs or self.passes,
            validation=validation,
            by_film=by_film,
            progress=self.progress,
            label=f"{'choosing' if validation is not None else 'training'} the {'film' if by_film else 'user'} tower",
        )
        return tower, curve


def choose_strengths(
    dataset: Dataset,
    interactions: Interactions,
    validation: Interactions,
    features: NDArray[np.float32],
    config: ModelConfig,
    progress: Progress,
) -> Strengths:
    """The strengths whose lists have the best NDCG@10 on `validation`, seen films removed; what `config` gives, stays.

    The regression's lambda is chosen for the regression alone; then the factors' together with the mixture, because
    factors that are better alone are not always better company. Of forty candidates, chance would choose among the good
    ones: the usual one stays unless another is better by more than the standard error of the difference (the rule of
    Breiman et al., Classification and Regression Trees, 1984).
    """
    heads = RelevanceFit(interactions, dataset.n_users, features, config)
    judges = _spread(np.unique(validation.users), MAX_JUDGES)
    judged = validation.take(np.isin(validation.users, judges))
    weighted = heads.histories[judges]

    def ndcg(codes: NDArray[np.float32], decoder: NDArray[np.float32]) -> NDArray[np.float64]:
        return ndcg_by_user(
            lambda users: codes[np.searchsorted(judges, users)] @ decoder.T,
            interactions,
            judged,
            dataset.n_users,
            dataset.n_films,
        )

    lambdas = REGRESSION_L2 if config.relevance_l2 is None else (config.relevance_l2,)
    penalties = FACTORS_L2 if config.relevance_factors_l2 is None else (config.relevance_factors_l2,)
    mixes = MIXES if config.relevance_mix is None else (config.relevance_mix,)
    if len(lambdas) == len(penalties) == len(mixes) == 1:
        return Strengths(lambdas[0], penalties[0], mixes[0])
    steps = len(lambdas) + len(penalties)
    best_ndcg = -1.0
    for done, candidate in enumerate(lambdas):
        tried = heads.regression(candidate)
        found = float(ndcg(tried.encode(weighted) + heads.prior(tried.encoder), tried.decoder).mean())
        progress("choosing what orders", done + 1, steps)
        if found <= best_ndcg:
            break  # the curve has one peak
        l2, regression, best_ndcg = candidate, tried, found
    by_user: dict[Strengths, NDArray[np.float64]] = {}
    for done, factors_l2 in enumerate(penalties):
        head = heads.mixed(regression, heads.factors(factors_l2), 0.0)
        codes = head.encode_weighted(weighted)
        for mix in mixes:
            by_user[Strengths(l2, factors_l2, mix)] = ndcg(codes, replace(head, mix=mix).decoder)
        progress("choosing what orders", len(lambdas) + done + 1, steps)
    best = max(by_user, key=lambda strengths: by_user[strengths].mean())
    usual = Strengths(l2, *USUAL)
    if usual not in by_user:
        return best
    gain = by_user[best] - by_user[usual]
    return best if gain.mean() > gain.std() / np.sqrt(len(gain)) else usual


def _spread(codes: NDArray[np.int32], most: int) -> NDArray[np.int32]:
    """At most so many of `codes`, from all over them."""
    places = np.linspace(0, len(codes) - 1, min(most, len(codes))).astype(np.intp)
    some: NDArray[np.int32] = codes[places]
    return some


def _sparse(interactions: Interactions, dataset: Dataset) -> Any:
    shape = (dataset.n_users, dataset.n_films)
    return scipy.sparse.csr_matrix((interactions.ratings, (interactions.users, interactions.films)), shape)


def _rated_elsewhere(interactions: Interactions, held_out: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which ratings leave their user something to be known by when `held_out` is taken away."""
    left = np.bincount(interactions.users[~held_out], minlength=int(interactions.users.max()) + 1)
    kept: NDArray[np.bool_] = left[interactions.users] > 0
    return kept


def _unit(rows: NDArray[Any]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
