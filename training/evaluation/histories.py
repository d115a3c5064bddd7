"""What a rating counts in the history of a ranker that only knows which films were watched.

It needs only NumPy, since the peers of `make bench-quality` use it in their own environments.
"""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Histories = Literal["all", "liked", "stars"]
LIKED_FROM: Final = 0.75  # of the scale: 4 stars of 1 to 5
STAR_WEIGHT: Final = 0.15  # of each star above the middle, in histories weighted by stars


def history_weights(
    ratings: NDArray[np.floating], low: float, high: float, histories: Histories
) -> NDArray[np.float32]:
    """The weight of each rating of the scale from `low` to `high`: 1; or 1 for liked films and 0 for others; or
    1 + STAR_WEIGHT for each star above the middle of the scale, in stars of 1 to 5."""
    up = (ratings - low) / (high - low)
    if histories == "liked":
        return (up >= LIKED_FROM).astype(np.float32)
    return (1 + STAR_WEIGHT * 4 * (up - 0.5) * (histories == "stars")).astype(np.float32)
