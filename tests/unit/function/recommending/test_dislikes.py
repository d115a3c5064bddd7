"""Films that somebody is not interested in, as mild dislikes."""

import numpy as np
import pytest

from function.bundle.format import RatingScale
from function.recommending.ratings import with_dislikes
from function.recommending.recommender import Recommender

SCALE = RatingScale(min=1, max=5, step=1)


def test_dislikes_come_first_and_ratings_are_kept() -> None:
    history = np.array([7, 3], np.int32), np.array([5, 4], np.float32)
    films, ratings = with_dislikes(history, [3, 9, 2], SCALE)
    assert films.tolist() == [2, 9, 7, 3]
    assert ratings.tolist() == [2, 2, 5, 4]
    half = with_dislikes((films[:0], ratings[:0]), [1], RatingScale(min=0.5, max=5, step=0.5))
    assert half[1] == pytest.approx([1.625])


def test_a_dislike_counts_against_its_film(recommender: Recommender) -> None:
    nothing = np.zeros(0, np.int32), np.zeros(0, np.float32)
    scale = recommender.bundle.manifest.model.scale
    before = recommender.scores_of_visitor(*nothing)
    film = int(np.argmax(before.relevance))
    after = recommender.scores_of_visitor(*with_dislikes(nothing, [film], scale))
    assert after.seen[film]  # so it is on no list
    assert after.stars[film] < before.stars[film]
