"""Metrics: of predicted stars, and of lists. Each says its formula and where it is from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from function.bundle import RatingScale
from training.data import Interactions

K = 10
Relevance = Callable[[NDArray[np.int32]], NDArray[np.float32]]
"""Scores [B, M] of every film for users [B]."""


# Predicted stars ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StarErrors:
    """Errors of predicted stars.

    rmse = sqrt(mean (p - r)^2) and mae = mean |p - r| in stars; mae_unit = mae / (r_max - r_min), the unit of min-max
    normalised ratings; mae_fifth = mae / r_max, the unit r / 5 (the reference's figure 0.1708 is in one of the two).
    """

    rmse: float
    mae: float
    mae_unit: float
    mae_fifth: float


def star_errors(predicted: NDArray[np.float32], given: NDArray[np.float32], scale: RatingScale) -> StarErrors:
    """Errors of `predicted` [R] against `given` [R], both in stars."""
    error = predicted.astype(np.float64) - given
    mae = float(np.abs(error).mean())
    return StarErrors(float(np.sqrt(np.square(error).mean())), mae, mae / (scale.max - scale.min), mae / scale.max)


def rated_only(
    predicted: NDArray[np.float32], held_out: Interactions, threshold: float, *, any_prediction: bool = False
) -> NDArray[np.float64]:
    """Precision@10 and recall@10 of each user among the films they were found to have rated, [users, 2].

    The reference protocol, as in Surprise's `precision_recall_at_k` (FAQ): per user the held-out films are ranked by
    predicted stars `predicted` [R]; relevant is a rating >= threshold; recommended is one of the first ten that is
    predicted >= threshold too (with `any_prediction`: any of the first ten). Precision = relevant and recommended /
    recommended, recall = relevant and recommended / relevant; 0 where nothing is recommended, or nothing relevant.

    It ranks only films that the user chose to watch, so even a random order scores about 0.6: it says little about a
    shelf. Users come in rising order of code.
    """
    order = np.lexsort((-predicted, held_out.users))
    users, ratings, guesses = held_out.users[order], held_out.ratings[order], predicted[order]
    starts = np.flatnonzero(np.diff(users, prepend=-1))
    place = np.arange(len(users)) - np.repeat(starts, np.diff(np.append(starts, len(users))))
    relevant = ratings >= threshold
    recommended = (place < K) & (any_prediction | (guesses >= threshold))
    hits, shown, wanted = (
        np.add.reduceat(flags.astype(np.float64), starts) for flags in (relevant & recommended, recommended, relevant)
    )
    return np.stack((_ratio(hits, shown), _ratio(hits, wanted)), 1)


# Lists over the whole catalogue ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListMetrics:
    """Quality of top-10 lists drawn from the whole catalogue, films of the training ratings left out.

    Per user, averaged over the users who have a held-out film (all of these are relevant, with equal gain):

    - ndcg: sum over hits of 1 / log2(1 + place), over its highest possible value (Jarvelin & Kekalainen, TOIS 2002)
    - precision: hits / 10; recall: hits / number of held-out films (not min(10, .)); hit_rate: any hit
    - mrr: 1 / place of the first hit in the ten, 0 without one

    Over all lists: coverage: share of the catalogue that is on any list; popularity: mean share of training users who
    have rated a recommended film, the lower the less everybody gets the same.
    """

    ndcg: float
    ndcg_low: float  # 95 % interval of ndcg: 1,000 bootstrap draws of the users
    ndcg_high: float
    precision: float
    recall: float
    hit_rate: float
    mrr: float
    coverage: float
    popularity: float
    users: int


def list_metrics(
    relevance: Relevance, train: Interactions, held_out: Interactions, n_users: int, n_films: int, seed: int = 0
) -> ListMetrics:
    """Rank the whole catalogue for every user of `held_out`; memory is bounded by batches of 512 users."""
    per_user, lists = [], []
    for scores, wanted in _batches(relevance, train, held_out, n_users, n_films):
        top = top_films(scores)
        hits = np.take_along_axis(wanted, top, 1).astype(np.float64)  # [B, K]
        per_user.append(_list_scores(hits, wanted.sum(1)))
        lists.append(top)
    values = np.concatenate(per_user)  # [users, 5]
    ndcg, precision, recall, hit_rate, mrr = values.mean(0)
    low, high = bootstrap_interval(values[:, 0], seed)
    recommended = np.concatenate(lists).ravel()
    share = np.bincount(train.films, minlength=n_films) / len(np.unique(train.users))
    return ListMetrics(
        ndcg=float(ndcg),
        ndcg_low=low,
        ndcg_high=high,
        precision=float(precision),
        recall=float(recall),
        hit_rate=float(hit_rate),
        mrr=float(mrr),
        coverage=len(np.unique(recommended)) / n_films,
        popularity=float(share[recommended].mean()),
        users=len(values),
    )


def mean_ndcg(relevance: Relevance, train: Interactions, held_out: Interactions, n_users: int, n_films: int) -> float:
    """NDCG@10 alone, for choosing a hyper-parameter."""
    total, users = 0.0, 0
    for scores, wanted in _batches(relevance, train, held_out, n_users, n_films):
        hits = np.take_along_axis(wanted, top_films(scores), 1).astype(np.float64)
        total += float(_list_scores(hits, wanted.sum(1))[:, 0].sum())
        users += len(scores)
    return total / users


def top_films(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """The ten films of highest score in each row, best first, ties by code; [B, K] of [B, M]."""
    k = min(K, scores.shape[1])
    candidates = np.sort(np.argpartition(-scores, k - 1, 1)[:, :k], 1)
    order = np.argsort(-np.take_along_axis(scores, candidates, 1), 1, kind="stable")
    top: NDArray[np.int64] = np.take_along_axis(candidates, order, 1)
    return top


def bootstrap_interval(values: NDArray[np.float64], seed: int, draws: int = 1000) -> tuple[float, float]:
    """95 % percentile interval of the mean of `values` [n] (Efron 1979)."""
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(draws)]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def _batches(
    relevance: Relevance, train: Interactions, held_out: Interactions, n_users: int, n_films: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    """Scores [B, M] with training films at -inf, and which films are held out [B, M], a batch of users at a time."""
    users = np.unique(held_out.users)
    for start in range(0, len(users), 512):
        batch = users[start : start + 512].astype(np.int32)
        scores = np.array(relevance(batch), np.float32)
        row_of = np.full(n_users, -1)
        row_of[batch] = np.arange(len(batch))
        mine = row_of[train.users] >= 0
        scores[row_of[train.users[mine]], train.films[mine]] = -np.inf
        wanted = np.zeros((len(batch), n_films), np.bool_)
        theirs = row_of[held_out.users] >= 0
        wanted[row_of[held_out.users[theirs]], held_out.films[theirs]] = True
        yield scores, wanted


def _list_scores(hits: NDArray[np.float64], wanted: NDArray[np.int64]) -> NDArray[np.float64]:
    """ndcg, precision, recall, hit rate and reciprocal rank of each user, [B, 5], from hits [B, K]."""
    k = hits.shape[1]
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discounts)[np.minimum(wanted, k) - 1]
    found = hits.sum(1)
    first = np.where(found > 0, 1 / (1 + hits.argmax(1)), 0)
    return np.stack((hits @ discounts / ideal, found / K, found / wanted, found > 0, first), 1)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
