"""Choosing the hyper-parameters of the relevance head: by the lists that they make for the users of a validation part.

The regression's lambda is chosen for the regression alone; then the factors' together with the mixture, because factors
that are better alone are not always better company. Of forty candidates, chance would choose among the good ones: the
default stays unless another is better by more than the standard error of the difference (the rule of Breiman et al.,
Classification and Regression Trees, 1984).
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Interactions
from training.data.splits import evenly_spaced
from training.metrics import ndcg_by_user
from training.model.item_regression import ItemRegression
from training.model.relevance import Hyperparameters, RelevanceFit
from training.progress import Progress

REGRESSION_L2: Final = (100.0, 200.0, 400.0, 800.0)
FACTORS_L2: Final = (0.004, 0.006, 0.01, 0.02, 0.03)
MIXES: Final = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 1.0)
DEFAULT: Final = 0.02, 0.5  # of the last two, where validation does not tell otherwise
MAX_USERS: Final = 6000  # whose lists choose; with 2,000 of ml-1m, chance has as much of a say as what is chosen


def choose_hyperparameters(heads: RelevanceFit, validation: Interactions, progress: Progress) -> Hyperparameters:
    """The hyper-parameters whose lists have the best NDCG@10 on `validation`, seen films removed.

    What the configuration of `heads` gives is not searched.
    """
    config = heads.config
    lambdas = REGRESSION_L2 if config.relevance_l2 is None else (config.relevance_l2,)
    penalties = FACTORS_L2 if config.relevance_factors_l2 is None else (config.relevance_factors_l2,)
    mixes = MIXES if config.relevance_mix is None else (config.relevance_mix,)
    if len(lambdas) == len(penalties) == len(mixes) == 1:
        return Hyperparameters(lambdas[0], penalties[0], mixes[0])

    search = _Search(heads, validation, progress, steps=len(lambdas) + len(penalties))
    l2, regression = search.best_regression(lambdas)
    ndcg = search.mixtures(l2, regression, penalties, mixes)
    return _unless_by_chance(ndcg, Hyperparameters(l2, *DEFAULT))


class _Search:
    """Tries heads on the lists of at most MAX_USERS users with ratings in `validation`."""

    def __init__(self, heads: RelevanceFit, validation: Interactions, progress: Progress, steps: int) -> None:
        self.heads, self.progress, self.steps, self.done = heads, progress, steps, 0
        self.users = evenly_spaced(np.unique(validation.users), MAX_USERS)
        self.held_out = validation.take(np.isin(validation.users, self.users))
        self.histories = heads.histories[self.users]

    def best_regression(self, lambdas: tuple[float, ...]) -> tuple[float, ItemRegression]:
        """The lambda, in rising order, before which NDCG falls: it has one peak. And the regression with it."""
        best_ndcg = -1.0
        for candidate in lambdas:
            tried = self.heads.regression(candidate)
            codes = tried.encode(self.histories) + self.heads.prior(tried.encoder)
            found = float(self._ndcg(codes, tried.decoder).mean())
            self._step()
            if found <= best_ndcg:
                break
            l2, regression, best_ndcg = candidate, tried, found
        self.done = len(lambdas)
        return l2, regression

    def mixtures(
        self, l2: float, regression: ItemRegression, penalties: tuple[float, ...], mixes: tuple[float, ...]
    ) -> dict[Hyperparameters, NDArray[np.float64]]:
        """NDCG@10 by user of every mixture of `regression`, fitted with `l2`, with factors of every penalty."""
        found: dict[Hyperparameters, NDArray[np.float64]] = {}
        for factors_l2 in penalties:
            head = self.heads.mixed(regression, self.heads.factors(factors_l2), 0.0)
            codes = head.encode_weighted(self.histories)
            for mix in mixes:
                found[Hyperparameters(l2, factors_l2, mix)] = self._ndcg(codes, replace(head, mix=mix).decoder)
            self._step()
        return found

    def _ndcg(self, codes: NDArray[np.float32], decoder: NDArray[np.float32]) -> NDArray[np.float64]:
        """NDCG@10 of each user, whose vectors are the rows of `codes` [B, K]; decoder [M, K]."""
        return ndcg_by_user(
            lambda users: codes[np.searchsorted(self.users, users)] @ decoder.T,
            self.heads.interactions,
            self.held_out,
            self.heads.n_users,
            len(decoder),
        )

    def _step(self) -> None:
        self.done += 1
        self.progress("choosing what orders", self.done, self.steps)


def _unless_by_chance(ndcg: dict[Hyperparameters, NDArray[np.float64]], default: Hyperparameters) -> Hyperparameters:
    """The best on average; or the default, where it was tried and that is within one standard error of it."""
    best = max(ndcg, key=lambda tried: ndcg[tried].mean())
    if default not in ndcg:
        return best
    gain = ndcg[best] - ndcg[default]
    return best if gain.mean() > gain.std() / np.sqrt(len(gain)) else default
