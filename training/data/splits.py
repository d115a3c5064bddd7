"""Splits of interactions, as masks over the ratings: True is held out. All are seeded."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from training.data.dataset import Interactions

Mask = NDArray[np.bool_]


class SplitError(ValueError):
    """The data lacks what the split needs."""


def random_split(interactions: Interactions, share: float, seed: int) -> Mask:
    """`share` of all ratings, drawn at random."""
    mask = np.zeros(len(interactions), np.bool_)
    chosen = np.random.default_rng(seed).permutation(len(interactions))[: round(share * len(interactions))]
    mask[chosen] = True
    return mask


def hold_out(interactions: Interactions, share: float, seed: int) -> Mask:
    """`share` of all ratings, each drawn by itself; but whoever would be left without a rating keeps all."""
    mask: Mask = np.random.default_rng(seed).random(len(interactions)) < share
    left = np.bincount(interactions.users[~mask], minlength=int(interactions.users.max()) + 1)
    return mask & (left[interactions.users] > 0)


def evenly_spaced(codes: NDArray[np.int32], most: int) -> NDArray[np.int32]:
    """At most so many of `codes`, from all over them."""
    places = np.linspace(0, len(codes) - 1, min(most, len(codes))).astype(np.intp)
    some: NDArray[np.int32] = codes[places]
    return some


def some_users(
    n_users: int, most: int, interactions: Interactions, *others: Interactions
) -> tuple[int, list[Interactions]]:
    """How many of the users were chosen, evenly spaced so that they have about `most` of the ratings `interactions`;
    and all ratings of those users, in these and in `others`, with the users numbered anew."""
    if len(interactions) <= most:
        return n_users, [interactions, *others]
    chosen = evenly_spaced(np.arange(n_users, dtype=np.int32), max(1, round(n_users * most / len(interactions))))
    number = np.full(n_users, -1, np.int32)
    number[chosen] = np.arange(len(chosen), dtype=np.int32)
    taken = [each.take(number[each.users] >= 0) for each in (interactions, *others)]
    return len(chosen), [replace(each, users=number[each.users]) for each in taken]


def time_split(interactions: Interactions, share: float) -> Mask:
    """The last `share` of all ratings by time: what a model trained today will face tomorrow.

    No held-out rating is earlier than a kept one. Of ratings with the same second, the first in the data are kept.
    Raises SplitError where the ratings have no timestamps.
    """
    if interactions.timestamps is None:
        raise SplitError(
            "the ratings have no timestamps, so they cannot be split by time. Leave the time protocol out."
        )
    mask = np.zeros(len(interactions), np.bool_)
    order = np.argsort(interactions.timestamps, kind="stable")
    mask[order[len(order) - round(share * len(order)) :]] = True
    return mask


def folds(interactions: Interactions, n: int, seed: int) -> Iterator[Mask]:
    """n-fold cross-validation over the ratings, shuffled (as Surprise's KFold)."""
    for _, held_out in KFold(n, shuffle=True, random_state=seed).split(interactions.users):
        mask = np.zeros(len(interactions), np.bool_)
        mask[held_out] = True
        yield mask


def user_split(interactions: Interactions, share: float, seed: int) -> Mask:
    """`share` of each user's ratings, drawn at random and rounded (as Recommenders' random stratified split)."""
    rank, length = _shuffled(interactions, seed)
    mask: Mask = rank < np.rint(share * length)
    return mask


def three_way(interactions: Interactions, seed: int) -> tuple[Mask, Mask]:
    """Validation and test, each a tenth of each user's ratings, drawn at random (RecBole's split by ratio 8:1:1).

    A tenth is rounded down, but never to zero: users with 2 or more ratings have one in test, and users with 3 or more
    have one in validation as well.
    """
    rank, length = _shuffled(interactions, seed)
    tenth = np.maximum(length // 10, 1)
    test: Mask = (rank < tenth) & (length >= 2)
    validation: Mask = (rank >= tenth) & (rank < 2 * tenth) & (length >= 3)
    return validation, test


def first_ratings(interactions: Interactions, n: int, seed: int) -> Mask:
    """`n` ratings of each user, drawn at random; with the same seed, a smaller `n` gives a subset of a larger one."""
    mask: Mask = _shuffled(interactions, seed)[0] < n
    return mask


def held_out_users(interactions: Interactions, share: float, seed: int) -> Mask:
    """All ratings of `share` of the users (strong generalisation: no test user is known to the model)."""
    users = np.unique(interactions.users)
    chosen = np.random.default_rng(seed).permutation(users)[: max(1, round(share * len(users)))]
    mask: Mask = np.isin(interactions.users, chosen)
    return mask


def _shuffled(interactions: Interactions, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each rating, its rank among the user's ratings in random order, and how many the user has; [R] each."""
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(interactions)), interactions.users))  # by user, shuffled within
    users, lengths = np.unique(interactions.users, return_counts=True)
    rank = np.empty(len(interactions), np.int64)
    rank[order] = np.arange(len(interactions)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return rank, lengths[np.searchsorted(users, interactions.users)]
