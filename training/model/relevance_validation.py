"""Choose the hyper-parameters of the relevance head by the quality of its lists on a validation part.

The likelihood of watching is chosen by NDCG@10 on watched films: first lambda of the damped regression, and of plain
EASE if that is better at the same lambda; then the regularisation of the factors together with the mixture, since the
best factors alone are not always the best complement. (A mixture of 0 without damping is EASE, so the head can fall
back to it.) Each search climbs from the default while the lists improve. Last, the weight of the stars is chosen by
NDCG@10 on *liked* films: the largest that is not worse than the best by more than two standard errors, since it also
avoids disliked films that no held-out rating reveals.

Among many good candidates the best is partly due to chance. So a default stays unless another is better by more than
the standard error of the difference (the rule of Breiman et al., Classification and Regression Trees, 1984).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Interactions
from training.data.splits import evenly_spaced
from training.metrics import ndcg_by_user
from training.model.item_regression import ItemRegression
from training.model.relevance import Weights, genre_sums, ranking_scores, star_spread
from training.model.star_head import StarHead
from training.model.watching import Hyperparameters, Watching, WatchingFit
from training.progress import Progress

DEFAULT: Final = Hyperparameters(damped=True, l2=400.0, factors_l2=0.02, mix=0.6, liking=0.25)
REGRESSION_L2: Final = (25.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1600.0)
FACTORS_L2: Final = (0.005, 0.0075, 0.01, 0.014, 0.02, 0.028, 0.04)
MIXES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
LIKING: Final = (0.25, 0.15, 0.1, 0.05)
MAX_USERS: Final = 4000  # in the measurement; 2,000 are too few: on ml-1m, noise is as large as the differences
MAX_SCORES: Final = 40_000_000  # of these users for all films, in each of a few matrices
LIKED: Final = 4.0  # stars of 1 to 5

ByUser = NDArray[np.float64]
"""NDCG@10 of each user."""
Scores = Callable[[NDArray[np.int64]], NDArray[np.float32]]
"""Scores [R, M] of some of the users, by their rows in the sample: a matrix of all at each step would take longer."""


def choose_hyperparameters(
    fits: WatchingFit, stars: StarHead, genres: NDArray[np.float32], validation: Interactions, progress: Progress
) -> Hyperparameters:
    """The hyper-parameters with the best lists on `validation`, without seen films; `genres` [M, G] as in relevance.py.

    Those that the configuration of `fits` sets are not searched.
    """
    search = _Search(fits, validation, progress)
    return search.liking(search.watching(), stars, genres)


def choose_watching(fits: WatchingFit, validation: Interactions, progress: Progress) -> Hyperparameters:
    """The same without the weight of the stars, which is the configuration's or the default."""
    return _Search(fits, validation, progress).watching()


class _Search:
    """Measures heads on the lists of a sample of the users of `validation`."""

    def __init__(self, fits: WatchingFit, validation: Interactions, progress: Progress) -> None:
        self.fits, self.progress, self.done = fits, progress, 0
        most = min(MAX_USERS, max(1, MAX_SCORES // len(fits.features)))
        self.users = evenly_spaced(np.unique(validation.users), most)
        self.watched = validation.take(np.isin(validation.users, self.users))
        self.liked = self.watched.take(self.watched.ratings >= LIKED)
        self.seen = fits.interactions.take(np.isin(fits.interactions.users, self.users))
        self.histories = fits.histories[self.users]
        self.counts = np.diff(self.histories.indptr).astype(np.float32)[:, None]
        self.scores: Scores | None = None  # of what watching() has chosen

    def watching(self) -> Hyperparameters:
        """The regression's hyper-parameters, then the factors' and the mixture."""
        config = self.fits.config
        best = DEFAULT
        if config.relevance_liking is not None:
            best = replace(best, liking=config.relevance_liking)
        lambdas = REGRESSION_L2 if config.relevance_l2 is None else (config.relevance_l2,)
        penalties = FACTORS_L2 if config.relevance_factors_l2 is None else (config.relevance_factors_l2,)
        mixes = MIXES if config.relevance_mix is None else (config.relevance_mix,)
        best = replace(
            best,
            l2=nearest(lambdas, best.l2),
            factors_l2=nearest(penalties, best.factors_l2),
            mix=nearest(mixes, best.mix),
        )
        given = len(lambdas) == len(penalties) == len(mixes) == 1 and config.relevance_liking is not None
        if given or not len(self.watched):
            return best
        best = self._regression(best, lambdas)
        regression = self.fits.regression(best.l2, damped=best.damped)
        self.fits.forget_designs()
        prior = self.fits.prior(regression.encoder)
        ours = self._weighted(regression.encode(self.histories) + prior, prior, regression.decoder)
        found: dict[Hyperparameters, ByUser] = {}
        at: dict[float, Callable[[float], Scores]] = {}
        # Without factors all penalties are alike, and a search among them would end before it began.
        mixed = [mix for mix in mixes if mix] or mixes

        def best_mix(penalty: float) -> float:
            head = self.fits.mixed(regression, self.fits.factors(penalty), 0.0)
            at[penalty] = self._scores(head, ours)
            self._step()
            return ndcg(climb(mixed, best.mix, partial(ndcg, penalty=penalty)), penalty)

        def ndcg(mix: float, penalty: float) -> float:
            each = replace(best, factors_l2=penalty, mix=mix)
            found[each] = self._ndcg(at[penalty](mix), self.watched)
            return float(found[each].mean())

        climb(penalties, best.factors_l2, best_mix)
        if 0.0 in mixes:
            ndcg(0.0, best.factors_l2)
        best = unless_by_chance(found, best)
        self.scores = at[best.factors_l2](best.mix)
        self.progress(_LABEL, _STEPS, _STEPS)
        return best

    def liking(self, best: Hyperparameters, stars: StarHead, genres: NDArray[np.float32]) -> Hyperparameters:
        """With the weight of the stars."""
        if self.fits.config.relevance_liking is not None or self.scores is None or not len(self.liked):
            return best
        watching, baseline, ratings = self.scores, stars.without_ratings(), self.fits.ratings[self.users]
        personal = stars.scores(stars.encode(ratings))
        weights, spread = Weights.of(self.counts), star_spread(personal)
        by_genre = genre_sums(ratings, baseline, genres)

        def with_stars(liking: float, rows: NDArray[np.int64]) -> NDArray[np.float32]:
            of_rows = Weights(*(weight[rows] for weight in weights))
            return ranking_scores(
                of_rows, watching(rows), personal[rows], baseline, by_genre[rows], genres, liking / spread
            )

        found = [self._ndcg(partial(with_stars, liking), self.liked) for liking in LIKING]
        most = found[int(np.argmax([ndcg.mean() for ndcg in found]))]
        good = [not not_by_chance(most - ndcg, errors=2) for ndcg in found]
        return replace(best, liking=LIKING[good.index(True)])

    def _regression(self, start: Hyperparameters, lambdas: Sequence[float]) -> Hyperparameters:
        tried: dict[Hyperparameters, ByUser] = {}

        def alone(each: Hyperparameters) -> float:
            if each not in tried:
                tried[each] = self._ndcg(self._alone(self.fits.regression(each.l2, damped=each.damped)), self.watched)
                self._step()
            return float(tried[each].mean())

        if len(lambdas) == 1:
            return start
        damped = climb(lambdas, start.l2, lambda l2: alone(replace(start, l2=l2)))
        plain = replace(start, damped=False)
        if alone(replace(plain, l2=damped)) > alone(replace(start, l2=damped)):
            climb(lambdas, damped, lambda l2: alone(replace(plain, l2=l2)))
        return unless_by_chance(tried, start)

    def _alone(self, regression: ItemRegression) -> Scores:
        codes = regression.encode(self.histories) + self.fits.prior(regression.encoder)
        return lambda rows: np.asarray(codes[rows] @ regression.decoder.T, np.float32)

    def _scores(self, head: Watching, ours: NDArray[np.float32]) -> Callable[[float], Scores]:
        """Scores of watching at any mix; `ours` [R, M] are the regression's, which all heads share."""
        nothing = head.prior[1]
        theirs = self._weighted(head.factors.encode(self.histories, nothing), nothing, head.factors.films)

        def at(mix: float) -> Scores:
            first, second = np.array(replace(head, mix=mix).shares, np.float32)
            return lambda rows: first * ours[rows] + second * theirs[rows]

        return at

    def _weighted(
        self, codes: NDArray[np.float32], nothing: NDArray[np.float32], decoder: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """A ranker's scores [R, M] of `codes` [R, K], beside those of `nothing` [K], as relevance.py weighs them."""
        return np.asarray((nothing + Weights.of(self.counts).watching * (codes - nothing)) @ decoder.T, np.float32)

    def _ndcg(self, scores: Scores, relevant: Interactions) -> ByUser:
        """NDCG@10 of each user with a `relevant` film."""
        n_films = self.histories.shape[1]
        return ndcg_by_user(
            lambda users: scores(np.searchsorted(self.users, users)), self.seen, relevant, self.fits.n_users, n_films
        )

    def _step(self) -> None:
        self.done += 1
        self.progress(_LABEL, min(self.done, _STEPS - 1), _STEPS)


_LABEL: Final = "choosing the relevance head"
_STEPS: Final = 8  # fits, typically


def climb(values: Sequence[float], start: float, objective: Callable[[float], float]) -> float:
    """Hill climbing over ascending `values` from the one nearest to `start`; the objective has one peak."""
    found = {}

    def of(index: int) -> float:
        if index not in found:
            found[index] = objective(values[index])
        return found[index]

    best = list(values).index(nearest(values, start))
    of(best)
    for step in (1, -1):
        while 0 <= best + step < len(values) and of(best + step) > of(best):
            best += step
    return values[best]


def nearest(values: Sequence[float], wanted: float) -> float:
    """The one of `values` that is nearest to `wanted`."""
    return min(values, key=lambda value: abs(value - wanted))


def unless_by_chance(ndcg: dict[Hyperparameters, ByUser], default: Hyperparameters) -> Hyperparameters:
    """The best on average, or the default if the best is within one standard error of it."""
    best = max(ndcg, key=lambda tried: ndcg[tried].mean())
    if default not in ndcg:
        return best
    return best if not_by_chance(ndcg[best] - ndcg[default]) else default


def not_by_chance(gain: ByUser, errors: float = 1) -> bool:
    """Whether the mean gain is more than so many of its standard errors."""
    return bool(gain.mean() > errors * gain.std() / np.sqrt(len(gain)))
