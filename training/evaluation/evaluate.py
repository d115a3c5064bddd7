"""Evaluate the model beside baselines fitted to the same ratings."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

import numpy as np
import scipy.sparse
import scipy.stats
from numpy.typing import NDArray

from training.data.dataset import Dataset, Interactions
from training.data.splits import SplitError, first_ratings, user_split
from training.evaluation.baselines import Biases, Ease, Popularity, Random, RecentPopularity
from training.evaluation.behaviour import Behaviour, Films, behaviour
from training.evaluation.contenders import Contender, Ours, Personalised
from training.evaluation.facts import data_facts, environment_facts
from training.evaluation.liking import liked_ndcg, regrets
from training.evaluation.protocols import DESCRIPTIONS, Parts, Protocol, liked, parts
from training.evaluation.results import Evaluation, ProtocolResult, Row
from training.metrics import Interval, list_metrics, mean_ndcg, of_pairs, rated_only, star_errors, star_intervals
from training.model.config import ModelConfig
from training.model.fit import fit
from training.model.fitted import Fitted
from training.progress import Progress, quiet

log = logging.getLogger(__name__)

RATED_ONLY_USERS = 100
GIVEN = (1, 3, 5, 10, 20, 50)  # numbers of ratings a new user gives
MIN_USERS = 20  # with at least n ratings, for a figure at n
# EASE takes time cubic in the number of films: beyond these it is left out, so that `train` does not wait for it.
EASE_FILMS: dict[Protocol, int] = {
    **dict.fromkeys(("random", "time"), 5_000),
    **dict.fromkeys(("ranking", "recbole", "new_users"), Ease.MAX_FILMS),
}


def evaluate(
    dataset: Dataset,
    config: ModelConfig,
    protocols: Sequence[Protocol],
    *,
    personalisation: float = 0.0,
    progress: Progress = quiet,
) -> tuple[Evaluation, Fitted | None]:
    """Run `protocols`; returns what a report shows, and the first fit.

    Our model is fitted to the training part of each protocol, and validates within that part only.
    A protocol that the data does not allow is skipped, with the reason in its result. With `personalisation`, each
    table also has our model's lists reordered by it.
    """
    first: list[Fitted] = []
    latest: list[Fitted] = []

    def ours(run: Parts, label: Progress) -> Contender:
        fitted = fit(dataset, run.train, config, validation=run.validation, progress=label)
        latest[:] = [fitted]
        if not first:
            first.append(fitted)
        return Ours(fitted)

    others = [lambda: Personalised(latest[0], personalisation)] if personalisation else []
    results = [compare(dataset, protocol, config.seed, ours, progress, others) for protocol in protocols]
    facts = data_facts(dataset), results
    if not first:
        return Evaluation(*facts, None, None, asdict(config), environment_facts()), None
    (one,) = first
    shown = behaviour_of(one)
    return Evaluation(*facts, one.curves, one.chosen, asdict(config), environment_facts(), shown), one


def behaviour_of(fitted: Fitted) -> Behaviour | None:
    """What a fitted model does with the likes and dislikes of made-up visitors."""
    dataset = fitted.dataset
    counts = np.bincount(fitted.histories.columns, minlength=dataset.n_films)
    names = dataset.catalog.genre_names
    films = Films(counts, dataset.catalog.multi_hot() > 0, names, fitted.film_vectors())

    def answer(
        history: NDArray[np.int32], ratings: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        row = scipy.sparse.csr_matrix((ratings, history, (0, len(history))), (1, dataset.n_films))
        stars, relevance = fitted.score(fitted.encode_all(row))
        return stars[0], relevance[0]

    return behaviour(answer, films, dataset.scale)


def compare(
    dataset: Dataset,
    protocol: Protocol,
    seed: int,
    ours: Callable[[Parts, Progress], Contender] | None = None,
    progress: Progress = quiet,
    others: Sequence[Callable[[], Contender]] = (),
) -> ProtocolResult:
    """One protocol: `ours`, where there is one, and every baseline, fitted and measured on the same parts.

    `others` are made after `ours` and listed between it and the baselines.
    """
    try:
        runs = list(parts(dataset, protocol, seed))
    except SplitError as error:
        log.warning("%s: %s", protocol, error)
        return ProtocolResult(protocol, DESCRIPTIONS[protocol], skipped=str(error))
    rows: list[list[Row]] = []
    for number, run in enumerate(runs, 1):
        label = f"{protocol}, fold {number} of {len(runs)}" if len(runs) > 1 else protocol
        makers = list(_baselines(dataset, run, protocol, seed))
        if ours is not None:
            makers[:0] = [lambda run=run, label=label: ours(run, _labelled(progress, label)), *others]  # type: ignore[misc]
        rows.append([_row(make, dataset, run, protocol) for make in makers])
    one = runs[0]
    return ProtocolResult(
        protocol,
        DESCRIPTIONS[protocol],
        len(one.train),
        len(one.held_out),
        len(np.unique(one.held_out.users)),
        one.cold_users,
        one.cold_films,
        [_mean(list(folds)) for folds in zip(*rows, strict=True)],
    )


def _labelled(progress: Progress, protocol: str) -> Progress:
    return lambda label, done, steps: progress(f"{protocol}: {label}", done, steps)


def _baselines(dataset: Dataset, run: Parts, protocol: Protocol, seed: int) -> Iterator[Callable[[], Contender]]:
    if dataset.n_films <= EASE_FILMS.get(protocol, 0):
        yield lambda: _ease(dataset, run, seed)
    yield lambda: Biases(dataset, run.train)
    yield lambda: Popularity(dataset, run.train)
    if protocol == "time" and run.train.timestamps is not None:
        yield lambda: RecentPopularity(dataset, run.train)
    yield lambda: Random(dataset, run.train, seed)


def _ease(dataset: Dataset, run: Parts, seed: int) -> Ease:
    validation, fitted_on = run.validation, run.train
    if validation is None:
        mask = user_split(run.train, 0.25, seed)
        validation, fitted_on = run.train.take(mask), run.train.take(~mask)
    if not len(validation):
        return Ease(dataset, run.train)
    return Ease.tuned(dataset, run.train, validation, fitted_on)


def _row(make: Callable[[], Contender], dataset: Dataset, run: Parts, protocol: Protocol) -> Row:
    started = time.perf_counter()
    contender = make()
    scorer = contender if run.given is None else contender.fold_in(run.given)
    metrics: dict[str, float] = {}
    intervals: dict[str, Interval] = {}
    # EASE only ranks, and the RecBole protocol has dropped the low ratings: no stars to measure.
    if not isinstance(contender, Ease) and protocol != "recbole":
        predicted = scorer.stars(run.held_out.users, run.held_out.films)
        metrics |= asdict(star_errors(predicted, run.held_out.ratings, dataset.scale))
        intervals |= star_intervals(predicted, run.held_out)
        if protocol == "time":
            metrics |= _warm_errors(predicted, dataset, run)
        metrics |= _rated_only(predicted, run.held_out, liked(dataset), "surprise", any_prediction=False)
        metrics |= _rated_only(predicted, run.held_out, liked(dataset), "first_ten", any_prediction=True)
    if protocol not in ("kfold", "recbole"):
        order = of_pairs(scorer.relevance, run.held_out.users, run.held_out.films)
        metrics |= _rated_only(order, run.held_out, liked(dataset), "by_relevance", any_prediction=True)
    if protocol != "kfold" and len(run.relevant):
        lists = asdict(list_metrics(scorer.relevance, run.seen, run.relevant, dataset.n_users, dataset.n_films))
        intervals |= lists.pop("intervals")
        found, between = liked_ndcg(scorer.relevance, dataset, run.seen, run.held_out)
        intervals |= between
        metrics |= found | lists
        stars = None if isinstance(contender, Ease) else scorer.stars
        metrics |= regrets(scorer.relevance, stars, dataset, run.seen, run.held_out)
    if run.given is not None:
        metrics |= _by_ratings_given(contender, dataset, run, run.given)
    note = f"lambda {contender.l2:g}, chosen on validation" if isinstance(contender, Ease) else ""
    return Row(scorer.name, metrics, time.perf_counter() - started, intervals, note)


def _warm_errors(predicted: NDArray[np.float32], dataset: Dataset, run: Parts) -> dict[str, float]:
    warm = run.warm()
    if not warm.any():
        return {}
    errors = star_errors(predicted[warm], run.held_out.ratings[warm], dataset.scale)
    return {"rmse_warm": errors.rmse, "mae_warm": errors.mae}


def _rated_only(
    predicted: NDArray[np.float32], held_out: Interactions, threshold: float, name: str, *, any_prediction: bool
) -> dict[str, float]:
    """The rated-only protocol for 100 random users, the same for every scorer, and for all users."""
    each = rated_only(predicted, held_out, threshold, any_prediction=any_prediction)
    chosen = np.random.default_rng(0).permutation(len(each))[:RATED_ONLY_USERS]
    metrics = {}
    for group, values in (("100", each[chosen]), ("all", each)):
        precision, recall = values.mean(0)
        metrics[f"{name}_precision_{group}"], metrics[f"{name}_recall_{group}"] = float(precision), float(recall)
    return metrics


def _by_ratings_given(contender: Contender, dataset: Dataset, run: Parts, given: Interactions) -> dict[str, float]:
    """liked_ndcg when only n of the given ratings are known, for the same users and candidates at every n."""
    counts = np.bincount(given.users, minlength=dataset.n_users)
    lengths = [n for n in GIVEN if (counts >= n).sum() >= MIN_USERS]
    if not lengths:
        return {}
    eligible = counts >= lengths[-1]
    wanted = run.held_out.take(eligible[run.held_out.users] & (run.held_out.ratings >= liked(dataset)))
    metrics = {}
    for n in lengths:
        scorer = contender.fold_in(given.take(eligible[given.users] & first_ratings(given, n, 0)))
        metrics[f"liked_given_{n}"] = mean_ndcg(scorer.relevance, run.seen, wanted, dataset.n_users, dataset.n_films)
    return metrics


def _mean(folds: list[Row]) -> Row:
    """One row of several folds: means, and their 95 % intervals by Student's t over the folds."""
    first = folds[0]
    if len(folds) == 1:
        return first
    values = {name: np.array([fold.metrics[name] for fold in folds]) for name in first.metrics}
    margin = float(scipy.stats.t.ppf(0.975, len(folds) - 1)) / len(folds) ** 0.5
    intervals = {
        name: (float(each.mean() - margin * each.std(ddof=1)), float(each.mean() + margin * each.std(ddof=1)))
        for name, each in values.items()
        if name in first.intervals
    }
    means = {name: float(each.mean()) for name, each in values.items()}
    return Row(first.scorer, means, sum(fold.seconds for fold in folds), intervals, first.note)
