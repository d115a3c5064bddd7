"""Surprise: SVD, SVD++ and KNNBaseline for stars; SVD and SVD++ also rank the catalogue by their predictions."""

# mypy: disable-error-code="import-not-found,import-untyped"
# (the library is in the peers' environment only)

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from surprise import SVD, AlgoBase, KNNBaseline, SVDpp, Trainset

from benchmarks.peers.contract import Question, Rows, Scorer, Settings, clip, main


def trainset(question: Question, rows: Rows) -> Trainset:
    """`rows` in Surprise's own form, with our indices as its inner ids; users without ratings are unknown to it."""
    by_user, by_film = defaultdict(list), defaultdict(list)
    for user, film, stars in zip(rows.users.tolist(), rows.films.tolist(), rows.ratings.tolist(), strict=True):
        by_user[user].append((film, stars))
        by_film[film].append((user, stars))
    users, films = ({code: code for code in range(n)} for n in (question.n_users, question.n_films))
    scale = (question.low, question.high)
    return Trainset(by_user, by_film, question.n_users, question.n_films, len(rows), scale, users, films)


class Factors:
    """SVD or SVD++, predicting with matrices, since Surprise's predictions of single pairs would take hours.

    mu + b_u + b_i + q_i (p_u + |I_u|^-1/2 sum of y_j), with zeros for users and films without ratings, as in Surprise.
    """

    def __init__(self, question: Question, rows: Rows, algorithm: Any) -> None:
        self.question = question
        algorithm.fit(trainset(question, rows))
        known_users = np.isin(np.arange(question.n_users), rows.users)[:, None]
        known_films = np.isin(np.arange(question.n_films), rows.films)[:, None]
        self.users = algorithm.pu * known_users
        self.films = algorithm.qi * known_films
        self.user_biases, self.film_biases = algorithm.bu, algorithm.bi
        self.mean = algorithm.trainset.global_mean
        if isinstance(algorithm, SVDpp):
            sums = np.zeros_like(self.users)
            np.add.at(sums, rows.users, algorithm.yj[rows.films])
            counts = np.bincount(rows.users, minlength=question.n_users)[:, None]
            self.users = self.users + sums / np.sqrt(np.maximum(counts, 1))

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        products = np.einsum("rd,rd->r", self.users[users], self.films[films])
        return clip(self.mean + self.user_biases[users] + self.film_biases[films] + products, self.question)

    def scores(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        if given is not None:
            raise NotImplementedError("Surprise has no fold-in")
        # Not clipped, since all films predicted at the maximum would tie.
        raw = self.user_biases[users, None] + self.film_biases + self.users[users] @ self.films.T
        return np.asarray(raw, np.float32)


class Neighbours:
    """KNNBaseline, which predicts pair by pair."""

    def __init__(self, question: Question, rows: Rows, algorithm: AlgoBase) -> None:
        self.algorithm = algorithm.fit(trainset(question, rows))

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        pairs = zip(users.tolist(), films.tolist(), strict=True)
        return np.array([self.algorithm.predict(user, film).est for user, film in pairs], np.float32)

    def scores(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        raise NotImplementedError


def svd(question: Question, rows: Rows, settings: Settings) -> Factors:
    return Factors(question, rows, SVD(random_state=question.seed, **settings))


def svd_pp(question: Question, rows: Rows, settings: Settings) -> Factors:
    # cache_ratings trades memory for speed: SVDpp's documentation.
    return Factors(question, rows, SVDpp(random_state=question.seed, cache_ratings=True, **settings))


def knn(question: Question, rows: Rows, settings: Settings) -> Neighbours:
    # KNNBaseline's documentation: "for the best predictions, use the pearson_baseline similarity measure".
    similarity = {"name": "pearson_baseline", "user_based": settings["user_based"]}
    return Neighbours(question, rows, KNNBaseline(k=settings["k"], sim_options=similarity, verbose=False))


# The first of each are the library's defaults, which the benchmark in its README uses. The others regularise more,
# since its documentation leaves tuning to GridSearchCV.
SVD_GRID: list[Settings] = [
    {},
    {"n_factors": 100, "n_epochs": 40, "lr_all": 0.01, "reg_all": 0.06},
    {"n_factors": 200, "n_epochs": 40, "lr_all": 0.01, "reg_all": 0.07},
    {"n_factors": 100, "n_epochs": 40, "lr_all": 0.01, "reg_all": 0.1},
    {"n_factors": 200, "n_epochs": 60, "lr_all": 0.01, "reg_all": 0.1},
    {"n_factors": 100, "n_epochs": 60, "lr_all": 0.01, "reg_all": 0.15},
]
SVD_PP_GRID: list[Settings] = [
    {},
    {"n_epochs": 40, "lr_all": 0.01, "reg_all": 0.1},
    {"n_factors": 50, "n_epochs": 40, "lr_all": 0.007, "reg_all": 0.1},
]
KNN_GRID: list[Settings] = [{"k": k, "user_based": user_based} for user_based in (True, False) for k in (40, 80)]


def svd_pp_grid(question: Question) -> list[Settings]:
    """On ml-1m a fit takes a quarter of an hour or more, so only the published defaults are used there."""
    return SVD_PP_GRID if len(question.train) < 200_000 else SVD_PP_GRID[:1]


PACKAGES = ("scikit-surprise", "numpy")
SCORERS = {
    "SVD": Scorer(svd, lambda _: SVD_GRID, PACKAGES, by_stars=True),
    "SVD++": Scorer(svd_pp, svd_pp_grid, PACKAGES, by_stars=True),
    "KNNBaseline": Scorer(knn, lambda _: KNN_GRID, PACKAGES, by_stars=True),
}

if __name__ == "__main__":
    main(SCORERS)
