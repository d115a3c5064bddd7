"""How relevant a film is to a person, and which of their ratings are the reasons. No HTTP here."""

from typing import Final, NamedTuple

import numpy as np

from function.recommending.ratings import History
from function.recommending.recommender import Recommender, Scores

REASONS: Final = 3
AGAINST: Final = 2
NOTABLE: Final = 0.25  # of the largest contribution: less is no reason against a film


class Reason(NamedTuple):
    """A rated film, its stars, and its share (-1 to 1) of all contributions to the recommendation, by size."""

    film: int
    stars: float
    share: float


class Explanation(NamedTuple):
    """The main reasons for a film's relevance, and how many of the person's ratings contribute to it."""

    reasons: tuple[Reason, ...]
    contributing: int


def percentile(scores: Scores, film: int) -> int:
    """The percentage of the catalogue that is less relevant to this person than `film`: 100 is the best film."""
    others = max(len(scores.relevance) - 1, 1)
    return round(100 * int((scores.relevance < scores.relevance[film]).sum()) / others)


def explain(recommender: Recommender, history: History, film: int) -> Explanation:
    """The ratings in `history` that raise the relevance of `film` most, at most REASONS, largest first; then those that
    lower it most, at most AGAINST, if they are notable.

    Relevance is a constant of the film plus one contribution per rating (Model.explain), which is negative where
    somebody dislikes what is like the film. A rating of the film itself is no reason.
    """
    films, ratings = history
    if not len(films):
        return Explanation((), 0)
    contributions = recommender.model.explain(films, ratings, film).astype(np.float64)
    contributions[films == film] = 0
    sizes = np.abs(contributions)
    order = np.argsort(-contributions, kind="stable")
    raising = [row for row in order[:REASONS] if contributions[row] > 0]
    lowering = [row for row in order[::-1][:AGAINST] if contributions[row] < -NOTABLE * sizes.max()]
    total = sizes.sum()
    found = [Reason(int(films[i]), float(ratings[i]), float(contributions[i] / total)) for i in (*raising, *lowering)]
    return Explanation(tuple(found), int((sizes > 0).sum()))
