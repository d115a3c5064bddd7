"""The interface of what is evaluated: our model and every baseline."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Scorer(Protocol):
    """Predicts stars for pairs, and scores the whole catalogue for users."""

    @property
    def name(self) -> str:
        """The name shown in tables."""
        ...

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        """Predicted stars of the pairs (users[k], films[k]), within the rating scale; [R] each."""
        ...

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        """Scores [B, M] of every film for `users` [B]; higher comes first. Seen films are not removed here."""
        ...
