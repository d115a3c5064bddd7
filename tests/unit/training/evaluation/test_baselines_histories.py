"""Histories of EASE, and popularity of the last weeks."""

from dataclasses import replace

import numpy as np
import pytest

from function.bundle.format import RatingScale
from training.data.dataset import Interactions
from training.data.synthetic import synthetic
from training.evaluation.baselines import WEEKS, Ease, RecentPopularity
from training.evaluation.histories import history_weights

SCALE = RatingScale(min=0, max=10, step=1)


def test_ratings_weigh_alike_or_by_liking_or_by_stars() -> None:
    ratings = np.array([0, 5, 7.5, 10], np.float32)
    assert history_weights(ratings, SCALE.min, SCALE.max, "all").tolist() == [1, 1, 1, 1]
    assert history_weights(ratings, SCALE.min, SCALE.max, "liked").tolist() == [0, 0, 1, 1]
    assert history_weights(ratings, SCALE.min, SCALE.max, "stars") == pytest.approx([0.7, 1, 1.15, 1.3])


def test_films_that_nobody_liked_are_not_listed_by_ease_on_liked_films() -> None:
    dataset = synthetic(users=40, films=30, ratings=400)
    rows = dataset.interactions
    disliked = rows.films == rows.films[0]
    rows = replace(rows, ratings=np.where(disliked, dataset.scale.min, rows.ratings).astype(np.float32))
    users = np.arange(40, dtype=np.int32)
    assert not Ease(dataset, rows, histories="liked").relevance(users)[:, rows.films[0]].any()
    assert Ease(dataset, rows).relevance(users)[:, rows.films[0]].any()


def test_recent_popularity_counts_the_last_weeks() -> None:
    dataset = synthetic(users=4, films=3, ratings=8)
    day = 86_400
    rows = Interactions(
        np.array([0, 1, 2, 3], np.int32),
        np.array([0, 0, 1, 1], np.int32),
        np.full(4, 3, np.float32),
        np.array([0, 0, (7 * WEEKS + 2) * day, (7 * WEEKS + 3) * day]),
    )
    assert RecentPopularity(dataset, rows).relevance(np.array([0], np.int32)).tolist() == [[0, 2, 0]]
    with pytest.raises(ValueError, match="timestamps"):
        RecentPopularity(dataset, replace(rows, timestamps=None))
