"""The relevance head: what orders. How likely somebody is to watch a film *and* like it, in stars:

    relevance(u, j) = stars(u, j) + watching(u, j)

`stars` is what the stars head predicts, not clipped. `watching` is the score H of two rankers (watching.py), whose
spread over all is 1. For somebody with n ratings the order is that of

    H(u, j) + liking * (s(n) * everybody(j) + t(n) * (stars(u, j) - everybody(j))) / spread

where `everybody` are the stars for somebody without ratings. s rises with n: with few ratings what is well known weighs
more than what is well liked. t falls to 1: what few ratings say about liking is all there is to go by. Divided by
liking * t(n) / spread, which does not change anybody's order, that is the sum above; so a user vector has one more
number, and everything is one product with the films. `liking` is chosen on validation (relevance_validation.py).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from training.model.star_head import StarHead
from training.model.watching import Watching

DOUBT: Final = 10.0  # ratings, until which what everybody thinks of a film counts half of what it will
TRUST: Final = 2.0  # ratings' worth of it from the start
FEW: Final = 5.0  # ratings, until which what they say about liking counts at least twice
EMPHASIS: Final = 2.0  # and how much more from the start
LEAST_SPREAD: Final = 0.05  # stars; of data where everybody gives the same


@dataclass(frozen=True)
class Relevance:
    """relevance(history) = stars(history) + encode(history) . decoder. M films, K = watching's dimensions and 1."""

    watching: Watching
    liking: float  # stars' share beside watching's, both in their spreads
    everybody: NDArray[np.float32]  # [M] stars for somebody without ratings, around their mean
    spread: float  # of the stars of one person, on average

    @classmethod
    def of(cls, watching: Watching, liking: float, stars: StarHead, codes: NDArray[np.float32]) -> "Relevance":
        """With the spread of the stars of users whose vectors are `codes` [B, 1 + 2 D]."""
        nobody = stars.nobody()
        return cls(watching, liking, nobody - nobody.mean(), star_spread(stars.scores(codes)))

    @cached_property
    def decoder(self) -> NDArray[np.float32]:
        """[M, K]."""
        in_stars = self.spread / self.liking
        return np.hstack((in_stars * self.watching.decoder, self.everybody[:, None])).astype(np.float32)

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """User vectors [B, K] of histories [B, M] that hold stars."""
        lengths = np.diff(histories.indptr).astype(np.float32)
        return scaled(self.watching.encode(histories), lengths[:, None])


def scaled(codes: NDArray[np.float32], count: NDArray[np.float32]) -> NDArray[np.float32]:
    """User vectors [B, K] of watching's `codes` [B, K - 1] and numbers of ratings `count` [B, 1]."""
    of_everybody, of_person = star_weights(count)
    return np.hstack((codes / of_person, of_everybody / of_person - 1)).astype(np.float32)


def star_weights(count: Any) -> tuple[Any, Any]:
    """s(n) and t(n) of the module's docstring."""
    return (count + TRUST) / (count + TRUST + DOUBT), 1 + EMPHASIS * FEW / (count + FEW)


def star_spread(stars: NDArray[np.float32]) -> float:
    """The standard deviation of a person's stars [B, M] over the films, on average."""
    return max(float(stars.std(1).mean()), LEAST_SPREAD)
