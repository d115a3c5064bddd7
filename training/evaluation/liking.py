"""Metrics of liking for top-10 lists: liked films found, and disliked films shown."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset, Interactions
from training.evaluation.protocols import at_share, liked
from training.metrics import Interval, bootstrap_interval, list_batches, ndcg_by_user, top_films

BAD: Final = 0.25  # of the scale: 2 stars of 1 to 5
Relevance = Callable[[NDArray[np.int32]], NDArray[np.float32]]
"""Scores [B, M] of every film for users [B]."""
Stars = Callable[[NDArray[np.int32], NDArray[np.int32]], NDArray[np.float32]]
"""Predicted stars [R] of pairs of users and films."""


def liked_ndcg(
    relevance: Relevance, dataset: Dataset, seen: Interactions, held_out: Interactions
) -> tuple[dict[str, float], dict[str, Interval]]:
    """liked_ndcg: NDCG@10 where only held-out films that were liked are relevant, and its 95 % interval."""
    wanted = held_out.take(held_out.ratings >= liked(dataset))
    if not len(wanted):
        return {}, {}
    by_user = ndcg_by_user(relevance, seen, wanted, dataset.n_users, dataset.n_films)
    return {"liked_ndcg": float(by_user.mean())}, {"liked_ndcg": bootstrap_interval(by_user)}


def regrets(
    relevance: Relevance, stars: Stars | None, dataset: Dataset, seen: Interactions, held_out: Interactions
) -> dict[str, float]:
    """bad_hits: share of the held-out films on lists that were given 2 stars of 5 or fewer. With `stars`, below_mean:
    share of the films on lists that are predicted below the mean of what the user has given."""
    n_users, n_films = dataset.n_users, dataset.n_films
    counts = np.bincount(seen.users, minlength=n_users)
    means = np.bincount(seen.users, seen.ratings, minlength=n_users) / np.maximum(counts, 1)
    low = held_out.ratings <= at_share(dataset, BAD)
    given = np.unique(held_out.users.astype(np.int64) * n_films + held_out.films)
    disliked = np.unique(held_out.users[low].astype(np.int64) * n_films + held_out.films[low])
    users = np.unique(held_out.users)
    shown = [top_films(scores) for scores, _ in list_batches(relevance, seen, held_out, n_users, n_films)]
    films = np.concatenate(shown)
    whose = np.repeat(users, films.shape[1])
    keys = whose.astype(np.int64) * n_films + films.ravel()
    hits = np.isin(keys, given).sum()
    found = {"bad_hits": float(np.isin(keys, disliked).sum() / max(hits, 1))}
    if stars is not None:
        predicted = stars(whose.astype(np.int32), films.ravel().astype(np.int32))
        known = counts[whose] > 0
        found["below_mean"] = float((predicted < means[whose])[known].mean())
    return found
