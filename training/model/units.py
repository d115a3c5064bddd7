"""Inside the model every scale is one of 1 to 5 stars, so that its constants mean the same for stars, halves and 0-100.

Learning rate, weight decay, noise and the weight of a star are all in this unit; the data's own scale comes back where
a prediction leaves the model.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import RatingScale
from training.data.dataset import Interactions


def size(scale: RatingScale) -> float:
    """What one star of five is on `scale`."""
    return (scale.max - scale.min) / 4


def in_stars(interactions: Interactions, scale: RatingScale) -> Interactions:
    """The same ratings, from 1 to 5."""
    return replace(interactions, ratings=(1 + (interactions.ratings - scale.min) / size(scale)).astype(np.float32))


def on_scale(stars: NDArray[np.floating], scale: RatingScale) -> NDArray[np.float32]:
    """Predictions in stars of 1 to 5, as ratings within `scale`."""
    ratings: NDArray[np.float32] = (scale.min + size(scale) * (np.clip(stars, 1, 5) - 1)).astype(np.float32)
    return ratings
