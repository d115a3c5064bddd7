"""The protocols: how the model is measured, always beside baselines that trained on the very same ratings."""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from training.baselines import Biases, Ease, Popularity, Random
from training.config import ModelConfig
from training.data import Dataset, Interactions
from training.fit import Curves, fit, quiet
from training.metrics import list_metrics, rated_only, star_errors
from training.scorer import Scorer
from training.splits import folds, random_split, time_split, user_split
from training.towers import Progress

Protocol = Literal["random", "time", "kfold", "ranking"]
PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "scikit-learn", "scipy")
REFERENCE_USERS = 100

DESCRIPTIONS: dict[Protocol, str] = {
    "random": "10 % of all ratings held out, drawn at random. Lists: held-out films that were liked are relevant.",
    "time": "The last 10 % of all ratings by time held out: today's model meets tomorrow. Lists as above.",
    "kfold": "5-fold cross-validation over all ratings (shuffled with seed 0); means over the folds.",
    "ranking": "25 % of each user's ratings held out, drawn at random; every held-out film is relevant.",
}


@dataclass(frozen=True)
class Row:
    """One scorer under one protocol."""

    scorer: str
    metrics: dict[str, float]
    seconds: float  # to fit and to measure


@dataclass(frozen=True)
class ProtocolResult:
    """One table. `skipped` says why there is none."""

    protocol: Protocol
    description: str
    train: int = 0  # ratings
    held_out: int = 0  # ratings
    users: int = 0  # with a held-out rating
    rows: list[Row] = field(default_factory=list)
    skipped: str = ""


@dataclass(frozen=True)
class Evaluation:
    """Everything a report shows; figures only, no ratings of anybody."""

    data: dict[str, Any]
    results: list[ProtocolResult]
    curves: Curves | None
    config: dict[str, Any]
    facts: dict[str, Any]  # when, where, with what

    def as_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    def summary(self) -> dict[str, Any]:
        """Our model's figures by protocol, for a bundle's manifest."""
        return {result.protocol: result.rows[0].metrics for result in self.results if result.rows}


def evaluate(
    dataset: Dataset, config: ModelConfig, protocols: Sequence[Protocol], *, progress: Progress = quiet
) -> Evaluation:
    """Run `protocols`; our model is fitted anew on the training part of each, and validates within that part only."""
    results, curves = [], None
    for protocol in protocols:
        run = _kfold if protocol == "kfold" else _held_out
        result, found = run(dataset, config, protocol, _labelled(progress, protocol))
        results.append(result)
        curves = curves or found
    return Evaluation(data_facts(dataset), results, curves, asdict(config), environment_facts())


def liked(dataset: Dataset) -> float:
    """The stars from which a film counts as liked: 4 of 1..5, and the same share of any other scale."""
    scale = dataset.scale
    return scale.min + 0.75 * (scale.max - scale.min)


def data_facts(dataset: Dataset) -> dict[str, Any]:
    """What the data is, in numbers."""
    stars, counts = np.unique(dataset.interactions.ratings, return_counts=True)
    return {
        "name": dataset.name,
        "sha256": dataset.sha256,
        "terms": dataset.terms,
        "ratings": len(dataset.interactions),
        "users": dataset.n_users,
        "films": dataset.n_films,
        "rated_films": len(np.unique(dataset.interactions.films)),
        "genres": len(dataset.catalog.genre_names),
        "scale": dataset.scale.model_dump(),
        "histogram": dict(zip(map(float, stars), map(int, counts), strict=True)),
    }


def environment_facts() -> dict[str, Any]:
    """When and where a figure was measured, and with which versions."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {_cpu()}",
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
    }


def _cpu() -> str:
    import os

    return f"{os.cpu_count()} cores"


def _labelled(progress: Progress, protocol: str) -> Progress:
    return lambda label, done, steps: progress(f"{protocol}: {label}", done, steps)


def _baselines(dataset: Dataset, train: Interactions, protocol: Protocol, seed: int) -> list[Callable[[], Scorer]]:
    makers: list[Callable[[], Scorer]] = [
        lambda: Biases(dataset, train),
        lambda: Popularity(dataset, train),
        lambda: Random(dataset, train, seed),
    ]
    if protocol == "ranking":
        makers.insert(0, lambda: Ease(dataset, train))
    return makers


def _held_out(
    dataset: Dataset, config: ModelConfig, protocol: Protocol, progress: Progress
) -> tuple[ProtocolResult, Curves | None]:
    interactions = dataset.interactions
    if protocol == "time" and interactions.timestamps is None:
        return ProtocolResult(protocol, DESCRIPTIONS[protocol], skipped="the ratings have no timestamps"), None
    if protocol == "time":
        mask = time_split(interactions, 0.1)
    elif protocol == "ranking":
        mask = user_split(interactions, 0.25, config.seed)
    else:
        mask = random_split(interactions, 0.1, config.seed)
    train, held_out = interactions.take(~mask), interactions.take(mask)
    started = time.perf_counter()
    fitted = fit(dataset, train, config, progress=progress)
    rows = [_row(fitted, dataset, train, held_out, protocol, started)]
    for make in _baselines(dataset, train, protocol, config.seed):
        started = time.perf_counter()
        rows.append(_row(make(), dataset, train, held_out, protocol, started))
    users = len(np.unique(held_out.users))
    result = ProtocolResult(protocol, DESCRIPTIONS[protocol], len(train), len(held_out), users, rows)
    return result, fitted.curves


def _row(
    scorer: Scorer, dataset: Dataset, train: Interactions, held_out: Interactions, protocol: Protocol, started: float
) -> Row:
    stars = scorer.stars(held_out.users, held_out.films)
    relevant = held_out if protocol == "ranking" else held_out.take(held_out.ratings >= liked(dataset))
    metrics: dict[str, float] = {
        **asdict(star_errors(stars, held_out.ratings, dataset.scale)),
        **_reference(stars, held_out, liked(dataset)),
        **asdict(list_metrics(scorer.relevance, train, relevant, dataset.n_users, dataset.n_films)),
    }
    return Row(scorer.name, metrics, time.perf_counter() - started)


def _reference(stars: NDArray[np.float32], held_out: Interactions, threshold: float) -> dict[str, float]:
    """The reference protocol for 100 random users, and for all."""
    metrics = {}
    for name, any_prediction in (("surprise", False), ("first_ten", True)):
        each = rated_only(stars, held_out, threshold, any_prediction=any_prediction)
        chosen = np.random.default_rng(0).permutation(len(each))[:REFERENCE_USERS]
        for who, values in (("100", each[chosen]), ("all", each)):
            precision, recall = values.mean(0)
            metrics[f"{name}_precision_{who}"], metrics[f"{name}_recall_{who}"] = float(precision), float(recall)
    return metrics


def _kfold(
    dataset: Dataset, config: ModelConfig, protocol: Protocol, progress: Progress
) -> tuple[ProtocolResult, Curves | None]:
    errors: dict[str, list[dict[str, float]]] = {}
    seconds: dict[str, float] = {}
    curves = None
    n = 5
    for fold, mask in enumerate(folds(dataset.interactions, n, 0)):
        train, held_out = dataset.interactions.take(~mask), dataset.interactions.take(mask)
        label = _labelled(progress, f"fold {fold + 1} of {n}")

        def fit_ours(train: Interactions = train, label: Progress = label) -> Scorer:
            return fit(dataset, train, config, progress=label)

        for make in (fit_ours, *_baselines(dataset, train, protocol, config.seed)):
            started = time.perf_counter()
            scorer = make()
            found = star_errors(scorer.stars(held_out.users, held_out.films), held_out.ratings, dataset.scale)
            errors.setdefault(scorer.name, []).append(asdict(found))
            seconds[scorer.name] = seconds.get(scorer.name, 0.0) + time.perf_counter() - started
    rows = [
        Row(name, {metric: float(np.mean([fold[metric] for fold in each])) for metric in each[0]}, seconds[name])
        for name, each in errors.items()
    ]
    total = len(dataset.interactions)
    return ProtocolResult(
        protocol, DESCRIPTIONS[protocol], total - total // n, total // n, dataset.n_users, rows
    ), curves
