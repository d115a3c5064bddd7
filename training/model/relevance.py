"""The relevance head, which ranks: how likely a user is to watch a film *and* like it, in stars:

    relevance(u, j) = stars(u, j) + watching(u, j)

`stars` is the prediction of the stars head, not clipped. `watching` is the score H of two rankers (watching.py), with
a standard deviation of 1 over all users and films. For a user with n ratings, the ranking is that of

    H(u, j) + liking * (s(n) * baseline(j) + t(n) * (stars(u, j) - baseline(j))) / spread

where `baseline` are the stars predicted without any ratings. s rises with n: with few ratings, popular films count
more than well-liked ones. t falls to 1: the few ratings of a new user are the best evidence of what they like. Divided
by liking * t(n) / spread, which does not change the ranking of a user, this is the sum above. So the user vector has
one more number, and relevance is one product with the films. `liking` is chosen on validation
(relevance_validation.py).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from training.model.star_head import StarHead
from training.model.watching import Watching

BASELINE_DAMPING: Final = 10.0  # ratings at which s is about half
BASELINE_PRIOR: Final = 2.0  # ratings that s starts with
FEW_RATINGS: Final = 5.0  # ratings at which the emphasis of t has halved
EMPHASIS: Final = 2.0  # of t without ratings, beyond its limit of 1
MIN_SPREAD: Final = 0.05  # stars; for data where all ratings are equal


@dataclass(frozen=True)
class Relevance:
    """relevance(history) = stars(history) + encode(history) . decoder. M films, K = watching's dimensions and 1."""

    watching: Watching
    liking: float  # weight of the stars relative to watching, each at unit spread
    baseline: NDArray[np.float32]  # [M] stars without any ratings, minus their mean
    spread: float  # standard deviation of the stars of a user, on average

    @classmethod
    def of(cls, watching: Watching, liking: float, stars: StarHead, codes: NDArray[np.float32]) -> "Relevance":
        """With the spread over users whose star vectors are `codes` [B, 1 + 2 D]."""
        baseline = stars.without_ratings()
        return cls(watching, liking, baseline - baseline.mean(), star_spread(stars.scores(codes)))

    @cached_property
    def decoder(self) -> NDArray[np.float32]:
        """[M, K]."""
        in_stars = self.spread / self.liking
        return np.hstack((in_stars * self.watching.decoder, self.baseline[:, None])).astype(np.float32)

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """User vectors [B, K] of histories [B, M] that hold stars."""
        lengths = np.diff(histories.indptr).astype(np.float32)
        return scaled(self.watching.encode(histories), lengths[:, None])


def scaled(codes: NDArray[np.float32], count: NDArray[np.float32]) -> NDArray[np.float32]:
    """User vectors [B, K] from the `codes` of watching [B, K - 1] and the number of ratings `count` [B, 1]."""
    baseline_weight, personal_weight = star_weights(count)
    return np.hstack((codes / personal_weight, baseline_weight / personal_weight - 1)).astype(np.float32)


def star_weights(count: Any) -> tuple[Any, Any]:
    """s(n) and t(n) of the module's docstring."""
    known = count + BASELINE_PRIOR
    return known / (known + BASELINE_DAMPING), 1 + EMPHASIS * FEW_RATINGS / (count + FEW_RATINGS)


def star_spread(stars: NDArray[np.float32]) -> float:
    """The standard deviation over the films of each user's stars [B, M], averaged over the users."""
    return max(float(stars.std(1).mean()), MIN_SPREAD)
