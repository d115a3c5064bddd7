"""Where the model does better or worse on ml-100k: users by gender, age and number of ratings; films without ratings;
and the neighbours of well-known films. Writes benchmarks/results/slices.json.

python -m benchmarks.slices
"""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.instruments.facts import facts, write
from training.data.dataset import Dataset, Interactions
from training.data.load import load
from training.evaluation.protocols import parts
from training.metrics import list_metrics, star_errors
from training.model.config import ModelConfig
from training.model.fit import fit
from training.model.fitted import Fitted
from training.progress import Bars

COLD_SHARE = 0.1  # of the films with at least MIN_RATINGS, whose ratings are all held out
MIN_RATINGS = 10
NEIGHBOURS = 5
KNOWN_FILMS = 12
LENGTHS = (1, 30, 75, 150, 10**9)  # bounds of the groups by training ratings per user
MIN_USERS = 10  # in a group that is reported


def users(dataset: Dataset) -> Iterator[dict[str, Any]]:
    """Metrics of each group of users, on a 75/25 split of each user's ratings; lists from the whole catalogue."""
    run = next(parts(dataset, "ranking", 0))
    with Bars() as progress:
        fitted = fit(dataset, run.train, ModelConfig(), progress=progress)
    counts = np.bincount(run.train.users, minlength=dataset.n_users)
    for kind, name, members in groups(dataset, counts):
        held_out = run.held_out.take(members[run.held_out.users])
        if len(np.unique(held_out.users)) < MIN_USERS:
            continue
        errors = star_errors(fitted.stars(held_out.users, held_out.films), held_out.ratings, dataset.scale)
        lists = list_metrics(fitted.relevance, run.train, held_out, dataset.n_users, dataset.n_films)
        yield {
            "kind": kind,
            "group": name,
            "users": lists.users,
            "rmse": errors.rmse,
            "mae": errors.mae,
            "ndcg": lists.ndcg,
            "interval": lists.intervals["ndcg"],
        }


def groups(dataset: Dataset, counts: NDArray[np.int64]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Kind and name of each group, and its members as a mask [U]."""
    yield "all", "all users", np.ones(dataset.n_users, np.bool_)
    for kind in ("gender", "age"):
        values = np.array([dataset.user_facts.get(user, {}).get(kind, "") for user in dataset.user_ids])
        for name in sorted(set(values) - {""}):
            yield kind, name, values == name
    for low, high in itertools.pairwise(LENGTHS):
        name = f"{low} to {high - 1}" if high < LENGTHS[-1] else f"{low} or more"
        yield "ratings given", name, (counts >= low) & (counts < high)


def cold_films(dataset: Dataset) -> dict[str, Any]:
    """Lists of films without ratings, compared with random order and with the popularity of their genres."""
    rows = dataset.interactions
    counts = np.bincount(rows.films, minlength=dataset.n_films)
    cold = (counts >= MIN_RATINGS) & (np.random.default_rng(0).random(dataset.n_films) < COLD_SHARE)
    train, held_out = rows.take(~cold[rows.films]), rows.take(cold[rows.films])
    with Bars() as progress:
        fitted = fit(dataset, train, ModelConfig(), progress=progress)
    genres = dataset.catalog.multi_hot()
    popular = genres.T @ np.bincount(train.films, minlength=dataset.n_films) / np.maximum(genres[~cold].sum(0), 1)
    by_genre = genres @ popular / np.maximum(genres.sum(1), 1)
    rng = np.random.default_rng(1)
    scorers = {
        "this model": fitted.relevance,
        "popularity of the genres": lambda users: np.broadcast_to(by_genre, (len(users), dataset.n_films)),
        "random": lambda users: rng.random((len(users), dataset.n_films)),
    }
    found = {
        name: list_metrics(_only(cold, scores), train, held_out, dataset.n_users, dataset.n_films)
        for name, scores in scorers.items()
    }
    errors = star_errors(fitted.stars(held_out.users, held_out.films), held_out.ratings, dataset.scale)
    mean = star_errors(np.full(len(held_out), train.ratings.mean(), np.float32), held_out.ratings, dataset.scale)
    return {
        "films": int(cold.sum()),
        "ratings": len(held_out),
        "rmse": {"this model": errors.rmse, "the mean rating": mean.rmse},
        "ndcg": {name: lists.ndcg for name, lists in found.items()},
        "intervals": {name: lists.intervals["ndcg"] for name, lists in found.items()},
    }


def _only(films: NDArray[np.bool_], scores: Any) -> Any:
    """The scores, with all other films last."""

    def masked(users: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.where(films, np.asarray(scores(users), np.float32), -1e9)

    return masked


def neighbours(fitted: Fitted, rows: Interactions) -> dict[str, list[str]]:
    """The nearest films to each of the most rated ones."""
    vectors, titles = fitted.film_vectors(), fitted.dataset.catalog.titles
    known = np.argsort(-np.bincount(rows.films, minlength=len(titles)), kind="stable")[:KNOWN_FILMS]
    near = {film: np.argsort(-(vectors @ vectors[film]), kind="stable") for film in known}
    return {
        titles[film]: [titles[other] for other in order if other != film][:NEIGHBOURS] for film, order in near.items()
    }


def main() -> None:
    dataset = load("ml-100k")
    result: dict[str, Any] = {**facts("tensorflow", "numpy"), "users": list(users(dataset))}
    result["cold_films"] = cold_films(dataset)
    with Bars() as progress:
        fitted = fit(dataset, dataset.interactions, ModelConfig(), progress=progress)
    result["neighbours"] = neighbours(fitted, dataset.interactions)
    write("slices", result)


if __name__ == "__main__":
    main()
