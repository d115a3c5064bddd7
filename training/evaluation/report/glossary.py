"""The name, format and meaning of each metric, from which tables and explanations are made."""

from dataclasses import dataclass
from typing import Final

from training.evaluation.protocols import Protocol


@dataclass(frozen=True)
class Metric:
    """A column. `better` is the direction of improvement; None where it depends on the goal."""

    key: str  # in Row.metrics
    heading: str
    form: str  # format of a value
    better: str | None  # "low", "high" or None


@dataclass(frozen=True)
class Table:
    """Columns that belong together, with explanations."""

    title: str
    metrics: tuple[Metric, ...]
    meaning: tuple[str, ...]


TITLES: Final[dict[Protocol, str]] = {
    "random": "A random tenth held out",
    "time": "The last tenth by time held out",
    "kfold": "5-fold cross-validation",
    "ranking": "A quarter of each user's ratings held out",
    "recbole": "8:1:1, as RecBole",
    "new_users": "New users",
}

STARS: Final = Table(
    "Predicted stars",
    (
        Metric("rmse", "RMSE, stars", "{:.4f}", "low"),
        Metric("mae", "MAE, stars", "{:.4f}", "low"),
        Metric("mae_unit", "MAE, min-max", "{:.4f}", "low"),
        Metric("mae_fifth", "MAE, r / max", "{:.4f}", "low"),
        Metric("rmse_warm", "RMSE, known only", "{:.4f}", "low"),
        Metric("mae_warm", "MAE, known only", "{:.4f}", "low"),
    ),
    (
        "RMSE = sqrt(mean (p - r)²) and MAE = mean |p - r|, of predicted p and given r, in stars.",
        "MAE, min-max = MAE / (highest - lowest stars); MAE, r / max = MAE / highest stars. The figure "
        "0.1708 of the application that this project replaces (Movie-Recommendation-System) is in one of these two "
        "units, most likely the first.",
        "Known only: ratings whose user and film both have a rating in the training part.",
    ),
)

LISTS: Final = Table(
    "Lists of ten from the whole catalogue, seen films left out",
    (
        Metric("liked_ndcg", "NDCG@10, liked", "{:.4f}", "high"),
        Metric("ndcg", "NDCG@10", "{:.4f}", "high"),
        Metric("below_mean", "Below own mean", "{:.1%}", "low"),
        Metric("bad_hits", "Hits disliked", "{:.1%}", "low"),
        Metric("precision", "P@10", "{:.4f}", "high"),
        Metric("recall", "R@10", "{:.4f}", "high"),
        Metric("hit_rate", "HR@10", "{:.3f}", "high"),
        Metric("mrr", "MRR@10", "{:.4f}", "high"),
        Metric("coverage", "Coverage@10", "{:.1%}", None),
        Metric("popularity", "Popularity share", "{:.1%}", None),
        Metric("novelty", "Novelty, bits", "{:.2f}", None),
    ),
    (
        "Every film of the catalogue that the user has not rated in training is ranked; negatives are not sampled. "
        "Means over the users with a relevant held-out film. Liked: at least three quarters of the scale, 4 on 1 to 5.",
        "NDCG@10 = sum over hits of 1 / log2(1 + rank), over the highest possible sum (Järvelin & Kekäläinen, ACM "
        "TOIS 2002), with equal gains.",
        "NDCG@10, liked: the same, where only liked held-out films are relevant: the objective of the ranking. "
        "Below own mean = share of listed films predicted below the user's mean rating. "
        "Hits disliked = share of listed held-out films rated in the lowest quarter of the scale, at most 2 of 5.",
        "P@10 = hits / 10. R@10 = hits / relevant films (all of them, not at most ten). HR@10 = share of users "
        "with a hit. MRR@10 = mean of 1 / rank of the first hit, 0 without one (Voorhees, TREC-8, 1999).",
        "Coverage@10 = share of the catalogue on any list (Ge et al., RecSys 2010): a random order has the highest, so "
        "read it beside NDCG.",
        "Popularity share = mean share of users who have rated a recommended film: lower is more personal. "
        "Novelty = mean -log2 of that share (Vargas & Castells, RecSys 2011).",
    ),
)

RATED_ONLY: Final = Table(
    "Rated films only: the protocol of Movie-Recommendation-System",
    (
        Metric("surprise_precision_100", "P@10, 100 users", "{:.4f}", "high"),
        Metric("surprise_recall_100", "R@10, 100 users", "{:.4f}", "high"),
        Metric("surprise_precision_all", "P@10, all", "{:.4f}", "high"),
        Metric("surprise_recall_all", "R@10, all", "{:.4f}", "high"),
        Metric("first_ten_precision_100", "P@10 of any ten, 100 users", "{:.4f}", "high"),
        Metric("first_ten_recall_100", "R@10 of any ten, 100 users", "{:.4f}", "high"),
        Metric("first_ten_precision_all", "P@10 of any ten, all", "{:.4f}", "high"),
        Metric("first_ten_recall_all", "R@10 of any ten, all", "{:.4f}", "high"),
        Metric("by_relevance_precision_all", "P@10 by relevance, all", "{:.4f}", "high"),
        Metric("by_relevance_recall_all", "R@10 by relevance, all", "{:.4f}", "high"),
    ),
    (
        "Only the held-out films of a user are ranked, by predicted stars; a rating of at least 4 is relevant. "
        "P@10 = relevant and recommended / recommended, R@10 = relevant and recommended / relevant, where "
        "recommended films are those of the first ten predicted to have at least 4 stars; 0 where nothing is "
        "recommended or relevant (Surprise, examples/precision_recall_at_k.py, which has 5 folds). "
        "Movie-Recommendation-System, the application that this project replaces, reports 0.7142 and 0.6218 for 100 "
        "random users of ml-1m, without saying how many ratings it held out: with more, P@10 rises and R@10 falls.",
        "Of any ten: each of the first ten is recommended, whatever its predicted stars. By relevance: the same, "
        "ranked by relevance instead of stars.",
        "Even a random order scores about 0.6 here, since people mostly rate what they like.",
    ),
)

GIVEN: Final = Table(
    "NDCG@10 on liked films by the number of ratings a new user gives",
    tuple(Metric(f"liked_given_{n}", f"{n} given", "{:.4f}", "high") for n in (1, 3, 5, 10, 20, 50)),
    (
        "For the users with at least as many given ratings as the last column, the same in each column. That many of "
        "their ratings, drawn at random, are folded in; their held-out half is ranked among all films but the given "
        "half.",
    ),
)

TABLES: Final = (STARS, LISTS, RATED_ONLY, GIVEN)

BASELINES: Final = (
    "Random: a random order; stars drawn from the training ratings. Popularity: the most rated films first; stars are "
    "the film's damped mean.",
    "Damped biases: mean + film bias + user bias, each shrunk as by 5 average ratings (Koren, KDD 2008). The user's "
    "bias does not change the order, so its lists are the films with the best averages.",
    "EASE: a linear model of films by films in closed form (Steck, WWW 2019), its lambda chosen on validation; it "
    "predicts no stars.",
    "Intervals in brackets are 95 % intervals: from 1,000 bootstrap samples of users (Efron, 1979), or, in "
    "cross-validation, of Student's t over the folds.",
)
