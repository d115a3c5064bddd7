"""The model's internal unit: every rating scale is mapped to 1 to 5 stars.

So constants such as learning rate, weight decay and noise have the same meaning for any scale. Predictions are mapped
back to the scale of the data.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import RatingScale
from training.data.dataset import Interactions


def size(scale: RatingScale) -> float:
    """The size of one star on `scale`."""
    return (scale.max - scale.min) / 4


def to_stars(ratings: NDArray[np.floating], scale: RatingScale) -> NDArray[np.float32]:
    """Ratings on `scale`, mapped to 1 to 5."""
    stars: NDArray[np.float32] = (1 + (ratings - scale.min) / size(scale)).astype(np.float32)
    return stars


def in_stars(interactions: Interactions, scale: RatingScale) -> Interactions:
    """The interactions with ratings of 1 to 5."""
    return replace(interactions, ratings=to_stars(interactions.ratings, scale))


def on_scale(stars: NDArray[np.floating], scale: RatingScale) -> NDArray[np.float32]:
    """Predictions in stars of 1 to 5, mapped to `scale` and clipped to it."""
    ratings: NDArray[np.float32] = (scale.min + size(scale) * (np.clip(stars, 1, 5) - 1)).astype(np.float32)
    return ratings
