"""Search hyper-parameters on validation, by Optuna's TPE (Bergstra et al., NIPS 2011). Test splits are never used.

Only the training part of the reported protocol is used (`random` for stars, `ranking` for lists). It is split once
more in the same way, and trials are scored on that validation part. A trial fits one half of the model, as
`training.model.fit.fit` does.
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
from training.evaluation.facts import environment_facts
from training.evaluation.protocols import Protocol, parts
from training.evaluation.tuned import Params, Record, Search, Target, Trial, read_record, write_record
from training.metrics import mean_ndcg, star_errors
from training.model import units
from training.model.config import ModelConfig
from training.model.fit import fit
from training.model.hybrid import film_features
from training.model.relevance_validation import choose_watching
from training.model.watching import WatchingFit
from training.progress import Progress, quiet

Objective = Callable[[Dataset, Interactions, ModelConfig], float]
"""Score a configuration: a data set with only the ratings to fit, validation ratings, and the configuration."""


@dataclass(frozen=True)
class Range:
    """The range of a field, both ends included; an integer where `low` is one."""

    low: int | float
    high: int | float
    log: bool = False  # uniform in the logarithm

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
        "relevance_target_weight": Range(0.0, 0.5),
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
    """Search until there are `trials` in all, the first with the values of `config`, and record them in `path`.

    An existing record is resumed, with the same result as an uninterrupted search. Raises DataError where `trials` or
    `seed` is invalid, `path` holds another search or cannot be written, or there are too few ratings.
    """
    if trials < 1:
        raise DataError(f"--trials {trials}: must be 1 or more; the first has the defaults.")
    if seed < 0:
        raise DataError(f"--seed {seed}: must be 0 or more.")
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
        raise DataError(f"{path}: holds a search with another {other}. Choose another path with --out, or delete it.")
    objective = OBJECTIVES[target]
    environment = environment_facts()
    environment["versions"]["optuna"] = optuna.__version__
    if len(record.trials) < trials:
        write_record(path, record, environment)  # an unwritable path fails before the work, not after
    known = replace(dataset, interactions=train)  # held-out ratings are out of reach
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
    """The ratings to fit and those to validate on: the protocol's training part, split as the protocol does."""
    rows = next(parts(dataset, PROTOCOLS[target], seed)).train
    mask = random_split(rows, 0.1, seed) if target == "stars" else user_split(rows, 0.25, seed)
    if not 0 < mask.sum() < len(rows):
        raise DataError(f"{dataset.name}: {len(dataset.interactions):,} ratings are too few to hold out twice.")
    return rows.take(~mask), rows.take(mask)


def propose(record: Record) -> Params:
    """The values to try next. They depend on the search and its trials only, so that it can be resumed at any time."""
    if not record.trials:
        return {name: record.search.config[name] for name in record.search.space}
    space = {name: where.distribution() for name, where in SPACE[record.search.target].items()}
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # it would log a line for every trial
    (number,) = np.random.SeedSequence((record.search.seed, len(record.trials))).generate_state(1)
    sampler = optuna.samplers.TPESampler(seed=int(number))
    study = optuna.create_study(
        sampler=sampler, direction="minimize" if record.search.target == "stars" else "maximize"
    )
    for trial in record.trials:
        study.add_trial(optuna.create_trial(params=trial.params, distributions=space, value=trial.value))
    return {name: _rounded(value) for name, value in study.ask(space).params.items()}


def validation_rmse(dataset: Dataset, validation: Interactions, config: ModelConfig) -> float:
    """RMSE of the towers' mean. The relevance head, which does not affect stars, is made as small as possible."""
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
        relevance_liking=0.05,
    )
    fitted = fit(dataset, dataset.interactions, small, validation=validation)
    predicted = fitted.stars(validation.users, validation.films)
    rmse = star_errors(predicted, validation.ratings, dataset.scale).rmse
    return rmse if math.isfinite(rmse) else _worst(dataset.scale)


def validation_ndcg(dataset: Dataset, validation: Interactions, config: ModelConfig) -> float:
    """NDCG@10 of the likelihood of watching, with the hyper-parameters chosen on `validation`."""
    rows = units.in_stars(dataset.interactions, dataset.scale)
    fits = WatchingFit(rows, dataset.n_users, film_features(dataset.catalog), config)
    head = fits.fit(choose_watching(fits, validation, quiet))
    codes = head.encode_weighted(fits.histories)
    return mean_ndcg(
        lambda users: codes[users] @ head.decoder.T,
        dataset.interactions,
        validation,
        dataset.n_users,
        dataset.n_films,
    )


OBJECTIVES: dict[Target, Objective] = {"stars": validation_rmse, "lists": validation_ndcg}


def _worst(scale: RatingScale) -> float:
    """The error of a fit that diverged to NaN: the largest possible."""
    return scale.max - scale.min


def _rounded(value: Any) -> int | float:
    """Three significant digits: more would be noise, and make unreadable flags."""
    return value if isinstance(value, int) else float(f"{value:.3g}")
