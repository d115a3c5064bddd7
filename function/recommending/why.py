"""How well a film fits somebody, and because of which of their own ratings. Knows no HTTP."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from function.recommending.recommender import History, Recommender, Scores

REASONS: Final = 3


@dataclass(frozen=True)
class Reason:
    """A rated film, the stars it got, and its share (0 to 1) of all that pulled the recommendation up."""

    film: int
    stars: float
    share: float


def match(scores: Scores, film: int) -> int:
    """How much of the catalogue is less relevant to this person than `film`, in percent: 100 is the best film."""
    others = max(len(scores.relevance) - 1, 1)
    return round(100 * int((scores.relevance < scores.relevance[film]).sum()) / others)


def reasons(recommender: Recommender, history: History, film: int) -> list[Reason]:
    """At most REASONS of the ratings in `history` that pulled `film` up most, strongest first.

    Relevance is what the film has for anybody plus one term for each rating (Model.explain); the terms above 0 are what
    pulls up. A rating of the film itself is no reason to watch it.
    """
    films, ratings = history
    if not len(films):
        return []
    pull = np.maximum(recommender.model.explain(films, ratings, film), 0).astype(np.float64)
    pull[films == film] = 0
    strongest = [row for row in np.argsort(-pull, kind="stable")[:REASONS] if pull[row] > 0]
    return [Reason(int(films[row]), float(ratings[row]), float(pull[row] / pull.sum())) for row in strongest]
