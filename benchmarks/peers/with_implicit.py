"""implicit: ALS, BPR and item-kNN, which rank by implicit feedback and predict no stars."""

# mypy: disable-error-code="import-not-found,import-untyped"
# (the library is in the peers' environment only)

import os

# As implicit recommends: its threads and those of BLAS would compete for the same cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from functools import partial
from typing import Any

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares
from implicit.cpu.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender
from numpy.typing import NDArray

from benchmarks.peers.contract import Question, Rows, Scorer, Settings, main
from training.evaluation.histories import Histories, history_weights


def histories(question: Question, rows: Rows, kind: Histories = "all") -> Any:
    """Users and the films they rated, [U, M]; of weights where all are equal, only liked films, or by stars."""
    weights = history_weights(rows.ratings, question.low, question.high, kind)
    shape = (question.n_users, question.n_films)
    found = scipy.sparse.csr_matrix((weights, (rows.users, rows.films)), shape)
    found.eliminate_zeros()
    return found


class _Lists:
    """Common to all three."""

    def __init__(self, question: Question, rows: Rows, model: Any, kind: Histories = "all") -> None:
        self.question, self.rated, self.model, self.kind = question, histories(question, rows, kind), model, kind
        model.fit(self.rated, show_progress=False)

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        raise NotImplementedError


class Als(_Lists):
    def scores(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        factors = self.model.user_factors[users]
        if given is not None:
            factors = self.model.recalculate_user(users, histories(self.question, given, self.kind)[users])
        return np.asarray(factors @ self.model.item_factors.T, np.float32)


class Bpr(_Lists):
    def scores(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        if given is not None:
            raise NotImplementedError("BPR has no fold-in")
        return np.asarray(self.model.user_factors[users] @ self.model.item_factors.T, np.float32)


class Neighbours(_Lists):
    def scores(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        rated = self.rated if given is None else histories(self.question, given)
        # The same sum over a history as in `recommend`, but for all films at once.
        return np.asarray((rated[users] @ self.model.similarity).todense(), np.float32)


def als(question: Question, rows: Rows, settings: Settings, kind: Histories = "all") -> Als:
    return Als(question, rows, AlternatingLeastSquares(random_state=question.seed, **settings), kind)


def bpr(question: Question, rows: Rows, settings: Settings) -> Bpr:
    return Bpr(question, rows, BayesianPersonalizedRanking(random_state=question.seed, **settings))


KINDS = {"cosine": CosineRecommender, "tfidf": TFIDFRecommender, "bm25": BM25Recommender}


def knn(question: Question, rows: Rows, settings: Settings) -> Neighbours:
    chosen = dict(settings)
    return Neighbours(question, rows, KINDS[chosen.pop("kind")](**chosen))


# For MovieLens, implicit documents only the B = 0.2 of BM25 (examples/movielens.py).
ALS_GRID: list[Settings] = [
    {"factors": factors, "regularization": l2, "alpha": alpha}
    for factors in (32, 64, 128, 256)
    for l2, alpha in ((10.0, 2.0), (30.0, 5.0), (50.0, 10.0), (100.0, 20.0))
]
KNN_GRID: list[Settings] = [
    {"kind": kind, "K": k, **more}
    for k in (20, 50, 100, 200, 400)
    for kind, more in (("cosine", {}), ("tfidf", {}), *(("bm25", {"B": b}) for b in (0.2, 0.4, 0.6, 0.75)))
]


def bpr_grid(question: Question) -> list[Settings]:
    """Large sets get a quarter of the iterations: each is a pass over the ratings, so there are still more steps."""
    passes = 1 if len(question.train) < 200_000 else 0.25
    return [
        {"factors": factors, "learning_rate": rate, "regularization": l2, "iterations": int(passes * iterations)}
        for factors in (32, 100)
        for rate, l2, iterations in ((0.003, 0.1, 300), (0.001, 0.03, 1000), (0.001, 0.1, 1000), (0.01, 0.1, 100))
    ]


PACKAGES = ("implicit", "numpy", "scipy")
SCORERS = {
    "ALS": Scorer(als, lambda _: ALS_GRID, PACKAGES, by_stars=False),
    "ALS, liked": Scorer(partial(als, kind="liked"), lambda _: ALS_GRID, PACKAGES, by_stars=False, of_liked=True),
    "ALS, stars": Scorer(partial(als, kind="stars"), lambda _: ALS_GRID, PACKAGES, by_stars=False, of_liked=True),
    "BPR": Scorer(bpr, bpr_grid, PACKAGES, by_stars=False),
    "item-kNN": Scorer(knn, lambda _: KNN_GRID, PACKAGES, by_stars=False),
}

if __name__ == "__main__":
    main(SCORERS)
