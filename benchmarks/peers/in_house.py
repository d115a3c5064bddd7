"""Our model and training.evaluation.baselines, run like any peer: in their own process, without held-out ratings."""

import pickle
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.contract import Question, Rows, Scorer, Settings, main
from training.data.dataset import Dataset, Interactions
from training.evaluation.baselines import Biases, Ease, Popularity, Random
from training.metrics import of_pairs


def interactions(rows: Rows) -> Interactions:
    return Interactions(rows.users, rows.films, rows.ratings, rows.timestamps if len(rows.timestamps) else None)


def dataset() -> Dataset:
    """The data set with only its training ratings, which benchmarks.quality stores beside the question."""
    found: Dataset = pickle.loads((Path(sys.argv[-1]) / "dataset.pickle").read_bytes())
    return found


class Ours:
    """A training.evaluation.contenders.Contender as a Model."""

    def __init__(self, contender: Any, settings: Settings) -> None:
        self.contender, self.settings = contender, settings

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self.contender.stars(users, films)
        return found

    def scores(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        scorer = self.contender if given is None else self.contender.fold_in(interactions(given))
        found: NDArray[np.float32] = scorer.relevance(users)
        return found


class ThisModel(Ours):
    """Our model, which also predicts the stars of what it lists."""

    def predicted(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        """Stars [B, M] of every film for `users`."""
        scorer = self.contender if given is None else self.contender.fold_in(interactions(given))
        films = np.arange(len(scorer.relevance(users[:1])[0]), dtype=np.int32)
        return np.stack([scorer.stars(np.full(len(films), user, np.int32), films) for user in users])


class Baseline(Ours):
    """A baseline, which ranks by other scores than its stars."""

    def ranking(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        """The scores that rank the pairs."""
        return of_pairs(self.contender.relevance, users, films)


def this_model(question: Question, rows: Rows, settings: Settings) -> Ours:
    """With the defaults. The fit chooses epochs and regularisation, on a part of `rows` or the protocol's own part."""
    from training.evaluation.contenders import Ours as Contender
    from training.model.config import ModelConfig  # here, to keep TensorFlow out of the baselines' memory
    from training.model.fit import fit

    validation = interactions(question.validation) if question.own_validation else None
    config = ModelConfig(seed=question.seed, **settings)
    fitted = fit(dataset(), interactions(rows), config, validation=validation)
    return ThisModel(Contender(fitted), asdict(fitted.chosen))


def baseline(make: Callable[..., Any]) -> Callable[[Question, Rows, Settings], Baseline]:
    def fit(question: Question, rows: Rows, settings: Settings) -> Baseline:
        seed = {"seed": question.seed} if make is Random else {}
        return Baseline(make(dataset(), interactions(rows), **settings, **seed), settings)

    return fit


def no_choice(_: Question) -> list[Settings]:
    """A single setting: the defaults."""
    return [{}]


PACKAGES = ("numpy", "scipy")
EASE_GRID: list[Settings] = [{"l2": l2} for l2 in Ease.LAMBDAS]
SCORERS = {
    "this model": Scorer(this_model, no_choice, ("tensorflow", "keras", *PACKAGES), by_stars=False),
    "EASE": Scorer(baseline(Ease), lambda _: EASE_GRID, PACKAGES, by_stars=False),
    "EASE, liked": Scorer(
        baseline(partial(Ease, histories="liked")), lambda _: EASE_GRID, PACKAGES, by_stars=False, of_liked=True
    ),
    "EASE, stars": Scorer(
        baseline(partial(Ease, histories="stars")), lambda _: EASE_GRID, PACKAGES, by_stars=False, of_liked=True
    ),
    "damped biases": Scorer(baseline(Biases), no_choice, PACKAGES, by_stars=True),
    "popularity": Scorer(baseline(Popularity), no_choice, PACKAGES, by_stars=False),
    "random": Scorer(baseline(Random), no_choice, PACKAGES, by_stars=False),
}

if __name__ == "__main__":
    main(SCORERS)
