"""What can be evaluated: our model and every baseline beside it meet this protocol."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Scorer(Protocol):
    """Predicts stars for pairs, and orders the whole catalogue for users."""

    @property
    def name(self) -> str:
        """As it stands in the tables."""
        ...

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        """Predicted stars of the pairs (users[k], films[k]), within the rating scale; [R] each."""
        ...

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        """Scores [B, M] of every film for `users` [B]; higher comes first. Seen films are not removed here."""
        ...
