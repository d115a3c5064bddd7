"""What a person's ratings say of them: genres by liking, and which ratings weigh most. No HTTP here."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from function.recommending.ranking import top
from function.recommending.ratings import History
from function.recommending.recommender import Recommender, Scores
from function.recommending.taste import genre_lift, liked

LIST: Final = 10  # recommended films that ratings are weighed by
WEIGHTIEST: Final = 12


class Liking(NamedTuple):
    """A genre, how many films of it the person liked, and their share over that among everybody's ratings."""

    genre: int
    liked: int
    lift: float


class Weight(NamedTuple):
    """A rated film, and its share, 0 to 1, in all contributions to the first LIST films recommended."""

    film: int
    share: float


class Profile(NamedTuple):
    """`average` is None without ratings."""

    average: float | None
    genres: list[Liking]
    weightiest: list[Weight]


def profile(recommender: Recommender, scores: Scores, history: History, *, hidden: Sequence[int] = ()) -> Profile:
    """Genres by liking, the most liked first, and the weightiest ratings, at most WEIGHTIEST."""
    films, ratings = history
    if not len(films):
        return Profile(None, [], [])
    likes = recommender.genres[films[liked(ratings)]].sum(0) + 0.0
    lift = genre_lift(likes, recommender.genre_shares)
    order = [int(genre) for genre in np.argsort(-lift, kind="stable") if likes[genre] > 0]
    genres = [Liking(genre, int(likes[genre]), float(lift[genre])) for genre in order]

    allowed = ~scores.seen
    allowed[list(hidden)] = False
    shown = top(scores.relevance, np.flatnonzero(allowed), 0, LIST)
    sizes = np.zeros(len(films))
    for film in shown:
        sizes += np.abs(recommender.model.explain(films, ratings, int(film)))
    heaviest = np.argsort(-sizes, kind="stable")[:WEIGHTIEST]
    weights = [Weight(int(films[row]), float(sizes[row] / sizes.sum())) for row in heaviest if sizes[row] > 0]
    return Profile(float(ratings.mean()), genres, weights)
