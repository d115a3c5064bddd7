"""The relevance head, which ranks: how likely a user is to watch a film *and* like it, in stars:

    relevance(u, j) = stars(u, j) + rest(u, j)

`stars` is the prediction of the stars head, not clipped. For a user with n ratings, the ranking is that of

    H0(j) + w(n) (H(u, j) - H0(j))                                         watching
    + liking / spread * (s(n) b(j) + t(n) (stars(u, j) - b(j)))            stars
    + g(n) * sum over rated i of (rating(i) - b(i)) phi(i) . phi(j)        genres

H is the score of two rankers (watching.py), with a standard deviation of 1 over all users and films; H0 and b are the
scores and the stars without any ratings; phi are the genres. What few ratings say and what many say has other weights:

- w rises to 1, since a single rating says little about what else its user watches: popular films are the better guess;
- s rises to 1: with few ratings, popular films count more than well-liked ones;
- t rises to more than 1 and falls to 1. A single rating may be a whim, but the first few are the best evidence of what
  a new user likes;
- g rises to its maximum at GENRE_RATINGS, and falls to 0 as the rankers learn more than genres can tell. A dislike
  counts against its genres at once, which the rankers learn only from many ratings.

`liking` is chosen on validation (relevance_validation.py). Divided by liking * t(n) / spread, which does not change the
ranking of a user, this is the sum above: the user vector has a few more numbers, and relevance is one product with the
films. docs/model-card.md shows the effect of each term.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from training.data.dataset import Catalog
from training.model.hybrid import with_values
from training.model.star_head import StarHead
from training.model.watching import Watching

CAUTION: Final = 0.8  # 1 - w, for the first rating nearly
WATCHING_RATINGS: Final = 5.0  # ratings at which this has halved
BASELINE_RATINGS: Final = 10.0  # ratings at which s is half
STAR_RATINGS: Final = 2.0  # ratings at which the rise of t is about half done
EMPHASIS: Final = 1.6  # on the first few ratings, beside 1 for all
FEW_RATINGS: Final = 5.0  # ratings at which it has halved
FIRST: Final = 0.5  # of a rating, which t starts with: it is a divisor
GENRE_RATINGS: Final = 15.0
MIN_SPREAD: Final = 0.05  # stars; for data where all ratings are equal


class Weights(NamedTuple):
    """The weights of the module's docstring for users with n ratings; arrays or tensors, of the shape of n."""

    watching: Any
    baseline: Any
    stars: Any
    genres: Any

    @classmethod
    def of(cls, count: Any) -> "Weights":
        return cls(
            1 - CAUTION * WATCHING_RATINGS / (count + WATCHING_RATINGS),
            count / (count + BASELINE_RATINGS),
            (count + FIRST) / (count + FIRST + STAR_RATINGS) * (1 + EMPHASIS * FEW_RATINGS / (count + FEW_RATINGS)),
            GENRE_RATINGS / (count + GENRE_RATINGS) ** 2,
        )


@dataclass(frozen=True)
class Relevance:
    """relevance(history) = stars(history) + encode(history) . decoder. M films, K dimensions: watching's, G and 1."""

    watching: Watching
    liking: float  # weight of the stars relative to watching, each at unit spread
    baseline: NDArray[np.float32]  # [M] stars without any ratings
    genres: NDArray[np.float32]  # [M, G] genre_vectors
    spread: float  # standard deviation of the stars of a user, on average

    @classmethod
    def of(
        cls, watching: Watching, liking: float, stars: StarHead, catalog: Catalog, codes: NDArray[np.float32]
    ) -> "Relevance":
        """With the spread over users whose star vectors are `codes` [B, 1 + 2 D]."""
        spread = star_spread(stars.scores(codes))
        return cls(watching, liking, stars.without_ratings(), genre_vectors(catalog), spread)

    @property
    def in_stars(self) -> float:
        """Stars for a difference of 1 in the score of watching or genres, where t is 1."""
        return self.spread / self.liking

    @cached_property
    def decoder(self) -> NDArray[np.float32]:
        """[M, K]."""
        level = self.baseline - self.baseline.mean()
        terms = self.in_stars * self.watching.decoder, self.in_stars * self.genres, level[:, None]
        return np.hstack(terms).astype(np.float32)

    def encode(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """User vectors [B, K] of histories [B, M] that hold stars."""
        weights = Weights.of(np.diff(histories.indptr).astype(np.float32)[:, None])
        nothing = self.watching.without_ratings
        watching = nothing + weights.watching * (self.watching.encode(histories) - nothing)
        terms = watching / weights.stars, self.by_genre(histories) * weights.genres / weights.stars
        return np.hstack((*terms, weights.baseline / weights.stars - 1)).astype(np.float32)

    def by_genre(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """How much more each genre was liked than expected: sums [B, G] over histories [B, M] that hold stars."""
        return genre_sums(histories, self.baseline, self.genres)


def ranking_scores(
    weights: Weights,
    watching: NDArray[np.float32],
    stars: NDArray[np.float32],
    baseline: NDArray[np.float32],
    by_genre: NDArray[np.float32],
    genres: NDArray[np.float32],
    liking: float,
) -> NDArray[np.float32]:
    """The sum of the module's docstring [B, M], undivided, for any weight of the stars: `liking` / spread.

    `weights` [B, 1]; `watching` and `stars` [B, M] of the users, the first already weighed by w; `baseline` [M];
    `by_genre` [B, G] and `genres` [M, G] as in genre_sums.
    """
    of_stars = weights.baseline * baseline + weights.stars * (stars - baseline)
    return np.asarray(watching + liking * of_stars + (weights.genres * by_genre) @ genres.T, np.float32)


def genre_sums(
    histories: scipy.sparse.csr_matrix, baseline: NDArray[np.float32], genres: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Sums [B, G] of the `genres` [M, G] of rated films, times their stars above the `baseline` [M]."""
    above = (histories.data - baseline[histories.indices]).astype(np.float32)
    return np.asarray(with_values(histories, above) @ genres)


def genre_vectors(catalog: Catalog) -> NDArray[np.float32]:
    """The genres of films [M, G], rows of length 1 (or 0), where rarer genres count more (the root of their inverse
    document frequency); G is at least 1."""
    hot = catalog.multi_hot()
    if not hot.shape[1]:
        return np.zeros((len(catalog), 1), np.float32)
    rarity = np.sqrt(np.log((1 + len(catalog)) / (1 + hot.sum(0))))
    vectors = hot * rarity
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(lengths, 1e-6)).astype(np.float32)
    return unit


def star_spread(stars: NDArray[np.float32]) -> float:
    """The standard deviation over the films of each user's stars [B, M], averaged over the users."""
    return max(float(stars.std(1).mean()), MIN_SPREAD)
