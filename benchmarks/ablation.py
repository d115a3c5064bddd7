"""What each choice in the model is worth, on the same splits of ml-100k: star predictions on a random 90/10 split,
lists on a 75/25 split of each user's ratings.

python -m benchmarks.ablation        writes benchmarks/results/ablation.json
"""

import time
from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.instruments.facts import facts, write
from training.data.dataset import Dataset
from training.data.load import load
from training.data.splits import random_split, user_split
from training.evaluation.baselines import Biases
from training.evaluation.liking import Relevance, liked_ndcg
from training.metrics import mean_ndcg, star_errors
from training.model import units
from training.model.config import ModelConfig
from training.model.fit import fit
from training.model.hybrid import film_features
from training.model.relevance_validation import DEFAULT
from training.model.watching import WatchingFit
from training.progress import Bars

VARIANTS = {
    "defaults": {},
    "the user tower alone": {"user_tower_share": 1.0},
    "the film tower alone": {"user_tower_share": 0.0},
    "both towers alike": {"user_tower_share": 0.5},
    "users encoded with noise 0.3": {"fold_in_noise": 0.3},
    "embedding 50, 20 epochs (the original application's)": {"embedding": 50, "epochs": 20},
    "embedding 32": {"embedding": 32},
    "embedding 128": {"embedding": 128},
    "no weight decay": {"l2_user": 0.0, "l2_film": 0.0},
    "no refit on the validation ratings": {"refit": False},
}


# What a fit chooses on validation, at the defaults, so that variants differ in one thing.
FIXED = ModelConfig(
    relevance_l2=DEFAULT.l2,
    relevance_factors_l2=DEFAULT.factors_l2,
    relevance_mix=DEFAULT.mix,
    relevance_liking=DEFAULT.liking,
)


def run(dataset: Dataset) -> list[dict[str, object]]:
    """A row per variant: errors in stars, and seconds to fit."""
    rows = dataset.interactions
    mask = random_split(rows, 0.1, 0)
    train, held_out = rows.take(~mask), rows.take(mask)
    results: list[dict[str, object]] = []

    def add(name: str, predicted: NDArray[np.float32], seconds: float) -> None:
        errors = star_errors(predicted, held_out.ratings, dataset.scale)
        results.append({"variant": name, "rmse": errors.rmse, "mae": errors.mae, "seconds": round(seconds, 1)})
        print(f"{name:45} RMSE {errors.rmse:.4f}  MAE {errors.mae:.4f}  {seconds:.0f} s")

    add("damped biases", Biases(dataset, train).stars(held_out.users, held_out.films), 0)
    for name, choices in VARIANTS.items():
        started = time.perf_counter()
        with Bars() as progress:
            config = replace(FIXED, **choices)  # type: ignore[arg-type]
            fitted = fit(dataset, train, config, progress=progress)
        add(name, fitted.stars(held_out.users, held_out.films), time.perf_counter() - started)
    return results


def run_relevance(dataset: Dataset) -> list[dict[str, object]]:
    """NDCG@10 on liked films and on all of each half of the likelihood of watching, of both mixed, and with the stars
    in several weights (ranking protocol)."""
    rows = dataset.interactions
    mask = user_split(rows, 0.25, 0)
    train, held_out = rows.take(~mask), rows.take(mask)
    shape = dataset.n_users, dataset.n_films
    results: list[dict[str, object]] = []

    rows_in_stars, features = units.in_stars(train, dataset.scale), film_features(dataset.catalog)

    def add(name: str, relevance: Relevance) -> None:
        liked, _ = liked_ndcg(relevance, dataset, train, held_out)
        results.append({"variant": name, **liked, "ndcg": mean_ndcg(relevance, train, held_out, *shape)})
        print(f"{name:45} {results[-1]}")

    def watching(name: str, mix: float, *, damped: bool = True, **choices: float) -> None:
        config = replace(ModelConfig(), **choices)  # type: ignore[arg-type]
        fits = WatchingFit(rows_in_stars, dataset.n_users, features, config)
        regression, factors = fits.regression(DEFAULT.l2, damped=damped), fits.factors(DEFAULT.factors_l2)
        head = fits.mixed(regression, factors, mix)
        codes = head.encode(fits.ratings)
        add(name, lambda users: codes[users] @ head.decoder.T)

    watching(
        "the regression alone, as EASE", 0.0, damped=False, relevance_rating_weight=0.0, relevance_target_weight=0.0
    )
    watching("the regression alone, of histories on themselves", 0.0, relevance_target_weight=0.2)
    watching("the regression alone", 0.0)
    watching("the factors alone", 1.0)
    watching("both, two fifths of factors", 0.4)
    watching("both, three fifths of factors", 0.6)
    watching(
        "the same, ratings not weighted by their stars", 0.6, relevance_rating_weight=0.0, relevance_target_weight=0.0
    )
    for name, weight in (("half", 0.5), ("the default", 1.0), ("twice", 2.0)):
        with Bars() as progress:
            liking = weight * DEFAULT.liking
            fitted = fit(dataset, train, replace(FIXED, relevance_liking=liking), progress=progress)
        add(f"three fifths of factors, and the stars: {name}, {liking:g}", fitted.relevance)
    return results


def main() -> None:
    dataset = load("ml-100k")
    result = {
        "protocol": "ml-100k, 10 % of the ratings held out at random (seed 0)",
        "defaults": asdict(ModelConfig()),
        **facts("tensorflow", "keras", "numpy"),
        "rows": run(dataset),
        "relevance": run_relevance(dataset),
    }
    write("ablation", result)


if __name__ == "__main__":
    main()
