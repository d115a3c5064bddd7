"""The protocols: which ratings are fitted, which are predicted, and which are relevant to a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset, Interactions
from training.data.splits import folds, held_out_users, random_split, three_way, time_split, user_split

Protocol = Literal["random", "time", "kfold", "ranking", "recbole", "new_users"]

DESCRIPTIONS: dict[Protocol, str] = {
    "random": "10 % of all ratings held out, drawn at random. Lists: held-out films that were liked are relevant.",
    "time": "The last 10 % of all ratings by time held out: today's model faces tomorrow, with new users and films. "
    "Lists: held-out films that were liked are relevant.",
    "kfold": "5-fold cross-validation over all ratings, shuffled (as Surprise's benchmark); means over the folds.",
    "ranking": "25 % of each user's ratings held out, drawn at random; every held-out film is relevant "
    "(as the benchmark of Microsoft's Recommenders).",
    "recbole": "Ratings from the middle of the scale up are split 8:1:1 for each user at random into training, "
    "validation and test; every test film is relevant, films of training and validation are left out "
    "(as RecBole's benchmarks).",
    "new_users": "20 % of the users held out entirely: the model is fitted without them, folds in half of their "
    "ratings as a visitor's, and is measured on the other half; every film of it is relevant (strong generalisation).",
}
FOLDS = 5


@dataclass(frozen=True)
class Parts:
    """The data of one run. No (user, film) pair of `held_out` is in any other part but `relevant`."""

    train: Interactions  # what is fitted
    held_out: Interactions  # what is predicted
    relevant: Interactions  # what lists should find: everything held out, or the part that was liked
    seen: Interactions  # what lists leave out
    validation: Interactions | None = None  # where the protocol has one; otherwise it is taken from `train`
    given: Interactions | None = None  # histories of users the model was not fitted to

    @property
    def cold_users(self) -> int:
        """Users of `held_out` without any known rating."""
        return len(np.setdiff1d(self.held_out.users, self.seen.users))

    @property
    def cold_films(self) -> int:
        """Films of `held_out` without any known rating."""
        return len(np.setdiff1d(self.held_out.films, self.seen.films))

    def warm(self) -> NDArray[np.bool_]:
        """Which of `held_out` have both a known user and a known film."""
        known = np.isin(self.held_out.users, self.seen.users) & np.isin(self.held_out.films, self.seen.films)
        return np.asarray(known)


def liked(dataset: Dataset) -> float:
    """The lowest rating that counts as liked: 4 on 1 to 5, or the first step from three quarters of another scale."""
    return at_share(dataset, 0.75)


def parts(dataset: Dataset, protocol: Protocol, seed: int) -> Iterator[Parts]:
    """The runs of `protocol`: one, or one for each fold. Raises SplitError where the data does not allow it."""
    rows = dataset.interactions
    if protocol == "kfold":
        for mask in folds(rows, FOLDS, seed):
            yield _two(rows, mask)
    elif protocol == "random":
        yield _two(rows, random_split(rows, 0.1, seed), liked(dataset))
    elif protocol == "time":
        yield _two(rows, time_split(rows, 0.1), liked(dataset))
    elif protocol == "ranking":
        yield _two(rows, user_split(rows, 0.25, seed))
    elif protocol == "recbole":
        rows = rows.take(rows.ratings >= at_share(dataset, 0.5))
        validation, test = three_way(rows, seed)
        held_out = rows.take(test)
        train = rows.take(~(validation | test))
        yield Parts(train, held_out, held_out, rows.take(~test), validation=rows.take(validation))
    else:
        new = held_out_users(rows, 0.2, seed)
        hidden = new & user_split(rows, 0.5, seed)
        held_out, given = rows.take(hidden), rows.take(new & ~hidden)
        yield Parts(rows.take(~new), held_out, held_out, rows.take(~hidden), given=given)


def _two(rows: Interactions, mask: NDArray[np.bool_], threshold: float = -np.inf) -> Parts:
    train, held_out = rows.take(~mask), rows.take(mask)
    return Parts(train, held_out, held_out.take(held_out.ratings >= threshold), train)


def at_share(dataset: Dataset, share: float) -> float:
    """The lowest step of the scale that is so far up it, from 0 to 1."""
    scale = dataset.scale
    stars = share * (scale.max - scale.min)
    # Subtract a little before rounding up: 3 / 0.1 is 30.000000000000004.
    return scale.min + (np.ceil(stars / scale.step - 1e-6) * scale.step if scale.step > 0 else stars)
