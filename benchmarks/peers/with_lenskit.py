"""LensKit: biased matrix factorisation for stars, and SLIM for lists."""

# mypy: disable-error-code="import-not-found,import-untyped"
# (the library is in the peers' environment only)

from typing import Any

import numpy as np
import pandas as pd
from lenskit.als import BiasedMFScorer
from lenskit.data import ItemList, RecQuery, from_interactions_df
from lenskit.knn.slim import SLIMScorer
from lenskit.training import TrainingOptions
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmarks.peers.contract import Question, Rows, Scorer, Settings, clip, main


def train(question: Question, rows: Rows, component: Any) -> Any:
    """Train `component`, with our indices as its vocabularies, including films without ratings."""
    frame = pd.DataFrame({"user_id": rows.users, "item_id": rows.films, "rating": rows.ratings})
    users, items = np.arange(question.n_users), np.arange(question.n_films)
    component.train(from_interactions_df(frame, users=users, items=items), TrainingOptions(rng=question.seed))
    return component


class BiasedMf:
    def __init__(self, question: Question, rows: Rows, scorer: Any) -> None:
        self.question, self.scorer = question, train(question, rows, scorer)
        self.mean = float(rows.ratings.mean())

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        predicted = np.full(len(users), np.nan, np.float32)
        order = np.argsort(users, kind="stable")
        for pairs in np.split(order, np.flatnonzero(np.diff(users[order])) + 1):
            scored = self.scorer(RecQuery(user_id=int(users[pairs[0]])), ItemList(item_ids=films[pairs]))
            predicted[pairs] = scored.scores()
        return clip(np.where(np.isfinite(predicted), predicted, self.mean), self.question)

    def scores(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        raise NotImplementedError


class Slim:
    def __init__(self, question: Question, rows: Rows, scorer: Any) -> None:
        self.question, self.rows, self.scorer = question, rows, train(question, rows, scorer)

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        raise NotImplementedError

    def scores(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        rows = self.rows if given is None else given
        shape = (self.question.n_users, self.question.n_films)
        rated = csr_matrix((np.ones(len(rows), np.float32), (rows.users, rows.films)), shape)
        # The same product as in the scorer, but for all histories at once.
        return np.asarray((rated[users] @ csr_matrix(self.scorer.weights)).todense(), np.float32)


def biased_mf(question: Question, rows: Rows, settings: Settings) -> BiasedMf:
    return BiasedMf(question, rows, BiasedMFScorer(**settings))


def slim(question: Question, rows: Rows, settings: Settings) -> Slim:
    return Slim(question, rows, SLIMScorer(**settings))


def _codex(size: int, epochs: int, regularization: tuple[float, float], damping: tuple[float, float]) -> Settings:
    user_item = ("user", "item")
    return {
        "embedding_size": size,
        "epochs": epochs,
        "regularization": dict(zip(user_item, regularization, strict=True)),
        "damping": dict(zip(user_item, damping, strict=True)),
    }


CODEX = {
    "ml-100k": [
        _codex(199, 7, (0.077, 0.204), (0.0813, 7.13e-8)),
        _codex(512, 3, (0.397, 0.0229), (7.05, 18.8)),
    ],
    "ml-1m": [
        _codex(463, 6, (0.795, 0.00163), (1e-10, 3.17e-9)),
        _codex(512, 4, (0.127, 0.0319), (8.25e-9, 3.05)),
    ],
}


def biased_mf_grid(question: Question) -> list[Settings]:
    """The settings found for the data set by the LensKit Codex, the project's own tuning (codex.lenskit.org), in March
    and September 2025; the defaults; and one in between.
    """
    found = CODEX.get(question.data, CODEX["ml-100k"])
    return [*found, {}, {"embedding_size": 50, "regularization": 0.2, "epochs": 15}]


SLIM_GRID: list[Settings] = [{"l1_reg": l1, "l2_reg": l2} for l1 in (0.1, 1.0, 5.0) for l2 in (100.0, 200.0, 500.0)]
PACKAGES = ("lenskit", "numpy", "scipy", "torch")
SCORERS = {
    "BiasedMF": Scorer(biased_mf, biased_mf_grid, PACKAGES, by_stars=True),
    "SLIM": Scorer(slim, lambda _: SLIM_GRID, PACKAGES, by_stars=False),
}

if __name__ == "__main__":
    main(SCORERS)
