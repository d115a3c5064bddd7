"""How relevant a film is to a person, and which of their ratings are the reasons. No HTTP here."""

from typing import Final, NamedTuple

import numpy as np

from function.recommending.recommender import History, Recommender, Scores

REASONS: Final = 3


class Reason(NamedTuple):
    """A rated film, its stars, and its share (0 to 1) of all positive contributions to the recommendation."""

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
    """The ratings in `history` that contribute most to the relevance of `film`: at most REASONS, largest first.

    Relevance is a constant of the film plus one contribution per rating (Model.explain). Only positive contributions
    are reasons, and a rating of the film itself is none.
    """
    films, ratings = history
    if not len(films):
        return Explanation((), 0)
    contributions = np.maximum(recommender.model.explain(films, ratings, film), 0).astype(np.float64)
    contributions[films == film] = 0
    largest = [row for row in np.argsort(-contributions, kind="stable")[:REASONS] if contributions[row] > 0]
    total = contributions.sum()
    found = [Reason(int(films[row]), float(ratings[row]), float(contributions[row] / total)) for row in largest]
    return Explanation(tuple(found), int((contributions > 0).sum()))
