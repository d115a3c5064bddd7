"""Searching hyper-parameters on validation: TPE (Bergstra et al., NIPS 2011) by Optuna, and no look at a test split.

Of the protocol that the figures are reported on (`random` for stars, `ranking` for lists) only the training part is
used; it is split once more in the same way, and what is held out there judges the trials. A trial goes the way that
`training.model.fit.fit` goes, for its half of the model alone.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from function.bundle.format import RatingScale
from training.data.dataset import Dataset, Interactions
from training.data.errors import DataError
from training.data.splits import random_split, user_split
from training.evaluation.evaluate import environment_facts
from training.evaluation.protocols import Protocol, parts
from training.evaluation.tuned import Params, Record, Search, Target, Trial, read_record, write_record
from training.metrics import mean_ndcg, star_errors
from training.model.config import ModelConfig
from training.model.fit import fit
from training.model.hybrid import film_features
from training.model.relevance import RelevanceFit
from training.model.relevance_validation import choose_hyperparameters
from training.progress import Progress, quiet

Objective = Callable[[Dataset, Interactions, ModelConfig], float]
"""From a data set that is nothing but what to fit to, validation, and a configuration."""


@dataclass(frozen=True)
class Range:
    """Where a field is searched, both ends included; a whole number where `low` is one."""

    low: int | float
    high: int | float
    log: bool = False  # evenly in its logarithm

    def distribution(self) -> optuna.distributions.BaseDistribution:
        if isinstance(self.low, int):
            return optuna.distributions.IntDistribution(self.low, int(self.high), log=self.log)
        return optuna.distributions.FloatDistribution(self.low, self.high, log=self.log)


SPACE: dict[Target, dict[str, Range]] = {
    "stars": {
        "embedding": Range(16, 128, log=True),
        "learning_rate": Range(0.0005, 0.01, log=True),
        "keep": Range(0.5, 0.95),
        "l2_user": Range(2.5, 250.0, log=True),
        "l2_film": Range(1.25, 125.0, log=True),
        "damping": Range(1.0, 20.0, log=True),
    },
    # The hyper-parameters of relevance_validation.py are not here: every fit chooses them on validation anyhow.
    "lists": {
        "relevance_rank": Range(32, 512, log=True),
        "relevance_dropout": Range(0.0, 0.7),
        "relevance_user_damping": Range(0.0, 1.0),
        "relevance_film_damping": Range(0.0, 1.0),
        "relevance_factors": Range(24, 192, log=True),
        "relevance_unseen": Range(0.02, 1.0, log=True),
        "relevance_rating_weight": Range(0.0, 0.5),
    },
}
PROTOCOLS: dict[Target, Protocol] = {"stars": "random", "lists": "ranking"}


def tune(
    dataset: Dataset,
    target: Target,
    path: Path,
    *,
    trials: int = 40,
    seed: int = 0,
    config: ModelConfig = ModelConfig(),
    progress: Progress = quiet,
) -> Record:
    """Search until there are `trials` in all, the first with the values of `config`, and keep them in `path`.

    A record that is there is gone on with, and comes out as if it had never been interrupted. Raises DataError where
    `trials` or `seed` make no sense, `path` holds another search or cannot be written, or ratings are too few.
    """
    if trials < 1:
        raise DataError(f"--trials {trials}: give 1 or more; the first has the defaults.")
    if seed < 0:
        raise DataError(f"--seed {seed}: give 0 or more.")
    config = replace(config, seed=seed)
    train, validation = split(dataset, target, seed)
    search = Search(
        {"name": dataset.name, "sha256": dataset.sha256, "ratings": len(dataset.interactions)},
        target,
        seed,
        {"name": PROTOCOLS[target], "fitted": len(train), "validation": len(validation)},
        {name: [where.low, where.high, "log" if where.log else "even"] for name, where in SPACE[target].items()},
        asdict(config),
    )
    record = read_record(path) or Record(search)
    if record.search != search:
        other = next(name for name, value in asdict(search).items() if getattr(record.search, name) != value)
        raise DataError(f"{path}: holds a search with another {other}. Give another place with --out, or delete it.")
    objective = OBJECTIVES[target]
    environment = environment_facts()
    environment["versions"]["optuna"] = optuna.__version__
    if len(record.trials) < trials:
        write_record(path, record, environment)  # a place that cannot be written is told before the work, not after
    known = replace(dataset, interactions=train)  # what is held out is out of reach
    while len(record.trials) < trials:
        progress("searching", len(record.trials), trials)
        params = propose(record)
        started = time.perf_counter()
        value = objective(known, validation, replace(config, **params))  # type: ignore[arg-type]  # as in SPACE
        trial = Trial(params, value, round(time.perf_counter() - started, 2))
        record = replace(record, trials=(*record.trials, trial))
        write_record(path, record, environment)
    progress("searching", trials, trials)
    return record


def split(dataset: Dataset, target: Target, seed: int) -> tuple[Interactions, Interactions]:
    """What is fitted, and validation: parts of the protocol's training part, split as the protocol splits."""
    rows = next(parts(dataset, PROTOCOLS[target], seed)).train
    mask = random_split(rows, 0.1, seed) if target == "stars" else user_split(rows, 0.25, seed)
    if not 0 < mask.sum() < len(rows):
        raise DataError(f"{dataset.name}: {len(dataset.interactions):,} ratings are too few to hold some out twice.")
    return rows.take(~mask), rows.take(mask)


def propose(record: Record) -> Params:
    """The values to try next, by nothing but the search and its trials so far, so that it can go on at any time."""
    if not record.trials:
        return {name: record.search.config[name] for name in record.search.space}
    space = {name: where.distribution() for name, where in SPACE[record.search.target].items()}
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # a line for every trial of every study
    (number,) = np.random.SeedSequence((record.search.seed, len(record.trials))).generate_state(1)
    sampler = optuna.samplers.TPESampler(seed=int(number))
    study = optuna.create_study(
        sampler=sampler, direction="minimize" if record.search.target == "stars" else "maximize"
    )
    for trial in record.trials:
        study.add_trial(optuna.create_trial(params=trial.params, distributions=space, value=trial.value))
    return {name: _rounded(value) for name, value in study.ask(space).params.items()}


def validation_rmse(dataset: Dataset, validation: Interactions, config: ModelConfig) -> float:
    """RMSE of both towers' mean. The relevance head is cut down to almost nothing: it has no say in stars."""
    small = replace(
        config,
        refit=False,
        relevance_films=100,
        relevance_rank=1,
        relevance_factors=1,
        relevance_rounds=1,
        relevance_l2=100.0,
        relevance_factors_l2=0.01,
        relevance_mix=0.0,
    )
    fitted = fit(dataset, dataset.interactions, small, validation=validation)
    predicted = fitted.stars(validation.users, validation.films)
    rmse = star_errors(predicted, validation.ratings, dataset.scale).rmse
    return rmse if math.isfinite(rmse) else _worst(dataset.scale)


def validation_ndcg(dataset: Dataset, validation: Interactions, config: ModelConfig) -> float:
    """NDCG@10 of the relevance head, with the hyper-parameters that are best there."""
    heads = RelevanceFit(dataset.interactions, dataset.n_users, film_features(dataset.catalog), config)
    head = heads.fit(choose_hyperparameters(heads, validation, quiet))
    codes = head.encode_weighted(heads.histories)
    return mean_ndcg(
        lambda users: codes[users] @ head.decoder.T,
        dataset.interactions,
        validation,
        dataset.n_users,
        dataset.n_films,
    )


OBJECTIVES: dict[Target, Objective] = {"stars": validation_rmse, "lists": validation_ndcg}


def _worst(scale: RatingScale) -> float:
    """A fit that has run away into nan is as wrong as can be."""
    return scale.max - scale.min


def _rounded(value: Any) -> int | float:
    """Three digits of a fraction: more would say nothing, and make flags that nobody can read."""
    return value if isinstance(value, int) else float(f"{value:.3g}")
