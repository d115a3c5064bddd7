"""Metrics of predicted stars and of top-10 lists, each with its formula and source."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import RatingScale
from training.data.dataset import Interactions

K = 10
GROUPS = 256  # of films, whose maxima find the first ten; far more than ten, and few beside the films
Relevance = Callable[[NDArray[np.int32]], NDArray[np.float32]]
"""Scores [B, M] of every film for users [B]."""
Interval = tuple[float, float]
"""95 % bootstrap interval, low and high."""


# Predicted stars ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StarErrors:
    """Errors of predicted stars.

    rmse = sqrt(mean (p - r)^2) and mae = mean |p - r| in stars; mae_unit = mae / (r_max - r_min), the unit of min-max
    normalised ratings; mae_fifth = mae / r_max, the unit r / 5.
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


def star_intervals(predicted: NDArray[np.float32], held_out: Interactions, seed: int = 0) -> dict[str, Interval]:
    """95 % intervals of rmse and mae of `predicted` [R].

    The bootstrap draws users with all their held-out ratings, since the errors of one user are correlated.
    """
    error = predicted.astype(np.float64) - held_out.ratings
    users = np.unique(held_out.users, return_inverse=True)[1]
    columns = np.square(error), np.abs(error), np.ones_like(error)
    sums = np.stack([np.bincount(users, column).astype(np.float64) for column in columns], 1)  # [users, 3]
    drawn = bootstrap_sums(sums, seed)  # [draws, 3]
    return {"rmse": _interval(np.sqrt(drawn[:, 0] / drawn[:, 2])), "mae": _interval(drawn[:, 1] / drawn[:, 2])}


def rated_only(
    predicted: NDArray[np.floating], held_out: Interactions, threshold: float, *, any_prediction: bool = False
) -> NDArray[np.float64]:
    """Precision@10 and recall@10 of each user among their held-out films only, [users, 2].

    As in Surprise's examples/precision_recall_at_k.py: per user the held-out films are ranked by `predicted` stars [R].
    A rating >= threshold is relevant. A film among the first ten is recommended if it is predicted >= threshold too
    (with `any_prediction`, each of the first ten is, so `predicted` may be in any unit).
    Precision = relevant and recommended / recommended, recall = relevant and recommended / relevant; 0 where nothing is
    recommended or relevant (early versions of Surprise returned 1). Ties are broken by film index, not by the order of
    the data, which may be sorted by rating.

    Only films that the user chose to watch are ranked, so even a random order scores about 0.6, and the metric says
    little about a shelf. Users are in ascending order of index.
    """
    order = np.lexsort((held_out.films, -predicted, held_out.users))
    users, ratings, guesses = held_out.users[order], held_out.ratings[order], predicted[order]
    starts = np.flatnonzero(np.diff(users, prepend=-1))
    rank = np.arange(len(users)) - np.repeat(starts, np.diff(np.append(starts, len(users))))
    relevant = ratings >= threshold
    recommended = (rank < K) & (any_prediction | (guesses >= threshold))
    hits, shown, wanted = (
        np.add.reduceat(flags.astype(np.float64), starts) for flags in (relevant & recommended, recommended, relevant)
    )
    return np.stack((_ratio(hits, shown), _ratio(hits, wanted)), 1)


def of_pairs(
    scores: Relevance, users: NDArray[np.int32], films: NDArray[np.int32], batch: int = 512
) -> NDArray[np.float32]:
    """The `scores` of the pairs (users[k], films[k]), [R]; memory is bounded by batches of users."""
    order = np.argsort(users, kind="stable")
    known, starts = np.unique(users[order], return_index=True)
    ends = np.append(starts, len(users))
    found = np.empty(len(users), np.float32)
    for start in range(0, len(known), batch):
        some = known[start : start + batch]
        rows = order[ends[start] : ends[start + len(some)]]
        found[rows] = scores(some)[np.searchsorted(some, users[rows]), films[rows]]
    return found


# Lists over the whole catalogue ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListMetrics:
    """Quality of top-10 lists drawn from the whole catalogue, films of the training ratings left out.

    Per user, averaged over the users with a held-out film (all of these are relevant, with equal gain):

    - ndcg: sum over hits of 1 / log2(1 + rank), over its highest possible value (Jarvelin & Kekalainen, TOIS 2002)
    - precision: hits / 10; recall: hits / number of held-out films (not min(10, .)); hit_rate: any hit
    - mrr: 1 / rank of the first hit in the ten, 0 without one (Voorhees, TREC-8 1999)

    Over all lists: coverage: share of the catalogue on any list (Ge et al., RecSys 2010); popularity: mean share
    of training users who have rated a recommended film, lower is more personal; novelty: mean -log2 of that share in
    bits, where an unrated film counts as rated once (Vargas & Castells, RecSys 2011).
    """

    ndcg: float
    precision: float
    recall: float
    hit_rate: float
    mrr: float
    coverage: float
    popularity: float
    novelty: float
    users: int
    intervals: dict[str, Interval]  # of the metrics per user


def list_metrics(
    relevance: Relevance, train: Interactions, held_out: Interactions, n_users: int, n_films: int, seed: int = 0
) -> ListMetrics:
    """Rank the whole catalogue for every user of `held_out`; memory is bounded by batches of 512 users.

    Raises ValueError where `held_out` is empty.
    """
    if not len(held_out):
        raise ValueError("lists cannot be measured: no held-out rating is relevant. Hold out more ratings.")
    per_user = []
    times_shown = np.zeros(n_films, np.int64)
    for scores, wanted in list_batches(relevance, train, held_out, n_users, n_films):
        top = top_films(scores)
        hits = np.take_along_axis(wanted, top, 1).astype(np.float64)  # [B, K]
        per_user.append(_list_scores(hits, wanted.sum(1)))
        unseen = np.isfinite(
            np.take_along_axis(scores, top, 1)
        )  # users who have seen nearly everything have fewer than ten films left
        times_shown += np.bincount(top[unseen], minlength=n_films)
    values = np.concatenate(per_user)  # [users, 5]
    drawn = bootstrap_sums(values, seed) / len(values)
    names = ("ndcg", "precision", "recall", "hit_rate", "mrr")
    ndcg, precision, recall, hit_rate, mrr = map(float, values.mean(0))
    n_train_users = len(np.unique(train.users))
    counts = np.bincount(train.films, minlength=n_films)
    shown = times_shown / max(times_shown.sum(), 1)
    return ListMetrics(
        ndcg,
        precision,
        recall,
        hit_rate,
        mrr,
        coverage=float((times_shown > 0).mean()),
        popularity=float(shown @ counts / n_train_users),
        novelty=float(shown @ -np.log2(np.maximum(counts, 1) / n_train_users)),
        users=len(values),
        intervals={name: _interval(column) for name, column in zip(names, drawn.T, strict=True)},
    )


def mean_ndcg(relevance: Relevance, train: Interactions, held_out: Interactions, n_users: int, n_films: int) -> float:
    """NDCG@10 alone, for choosing a hyper-parameter."""
    return float(ndcg_by_user(relevance, train, held_out, n_users, n_films).mean())


def ndcg_by_user(
    relevance: Relevance, train: Interactions, held_out: Interactions, n_users: int, n_films: int
) -> NDArray[np.float64]:
    """NDCG@10 of each user with a held-out film, in order of index."""
    parts = []
    for scores, wanted in list_batches(relevance, train, held_out, n_users, n_films):
        hits = np.take_along_axis(wanted, top_films(scores), 1).astype(np.float64)
        parts.append(_list_scores(hits, wanted.sum(1))[:, 0])
    return np.concatenate(parts)


def top_films(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """The ten films with the highest score in each row, best first, ties by index; [B, K] of [B, M]."""
    k = min(K, scores.shape[1])
    rows, films = np.divmod(np.flatnonzero(scores >= _at_most_the_last(scores, k)), scores.shape[1])
    order = np.lexsort((films, -scores[rows, films], rows))
    first = np.searchsorted(rows, np.arange(len(scores)))
    top: NDArray[np.int64] = films[order[first[:, None] + np.arange(k)]]
    return top


def _at_most_the_last(scores: NDArray[np.float32], k: int) -> NDArray[np.float32]:
    """A bound [B, 1] that the k highest scores of each row reach, and few others: a partition of all takes six times as
    long. The k-th highest of the maxima of groups of films is one, since each of these k groups has such a film."""
    best = scores[:, :GROUPS].copy()
    for start in range(GROUPS, scores.shape[1], GROUPS):
        group = scores[:, start : start + GROUPS]
        np.maximum(best[:, : group.shape[1]], group, out=best[:, : group.shape[1]])
    return np.partition(best, -k, 1)[:, -k][:, None]


def bootstrap_sums(values: NDArray[np.float64], seed: int, draws: int = 1000) -> NDArray[np.float64]:
    """Column sums [draws, C] over as many rows of `values` [n, C], drawn with replacement (Efron, Ann. Stat. 1979)."""
    rng = np.random.default_rng(seed)
    n = len(values)
    return np.stack([np.bincount(rng.integers(0, n, n), minlength=n) @ values for _ in range(draws)])


def bootstrap_interval(by_user: NDArray[np.float64], seed: int = 0) -> Interval:
    """95 % interval of the mean of one value per user, [n]."""
    return _interval(bootstrap_sums(by_user[:, None], seed)[:, 0] / len(by_user))


def _interval(drawn: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)


def list_batches(
    relevance: Relevance, train: Interactions, held_out: Interactions, n_users: int, n_films: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    """Batches of users: scores [B, M] with training films at -inf, and which films are held out [B, M]."""
    users = np.unique(held_out.users)
    for start in range(0, len(users), 512):
        batch = users[start : start + 512].astype(np.int32)
        scores = np.array(relevance(batch), np.float32)
        row_of = np.full(n_users, -1)
        row_of[batch] = np.arange(len(batch))
        in_train = row_of[train.users] >= 0
        scores[row_of[train.users[in_train]], train.films[in_train]] = -np.inf
        wanted = np.zeros((len(batch), n_films), np.bool_)
        in_held_out = row_of[held_out.users] >= 0
        wanted[row_of[held_out.users[in_held_out]], held_out.films[in_held_out]] = True
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
