"""Splits of interactions, as masks over the ratings: True is held out. All seeded; validation is carved from train."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from training.data import Interactions

Mask = NDArray[np.bool_]


class SplitError(ValueError):
    """The data does not have what the split needs."""


def random_split(interactions: Interactions, share: float, seed: int) -> Mask:
    """`share` of all ratings, drawn at random."""
    mask = np.zeros(len(interactions), np.bool_)
    chosen = np.random.default_rng(seed).permutation(len(interactions))[: round(share * len(interactions))]
    mask[chosen] = True
    return mask


def time_split(interactions: Interactions, share: float) -> Mask:
    """The last `share` of all ratings by time: what a model that is trained today meets tomorrow.

    Everything held out is later than everything kept, or as late as its last moment: of ratings of the same second, the
    first in the data are kept. Raises SplitError where the ratings have no timestamps.
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
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(interactions)), interactions.users))  # by user, shuffled within
    users = interactions.users[order]
    starts = np.flatnonzero(np.diff(users, prepend=-1))
    lengths = np.diff(np.append(starts, len(users)))
    place = np.arange(len(users)) - np.repeat(starts, lengths)
    mask = np.zeros(len(interactions), np.bool_)
    mask[order] = place < np.repeat(np.rint(share * lengths), lengths)
    return mask


def held_out_users(interactions: Interactions, share: float, seed: int) -> Mask:
    """All ratings of `share` of the users (strong generalisation: nobody of the test is known to the model)."""
    users = np.unique(interactions.users)
    chosen = np.random.default_rng(seed).permutation(users)[: max(1, round(share * len(users)))]
    mask: Mask = np.isin(interactions.users, chosen)
    return mask
