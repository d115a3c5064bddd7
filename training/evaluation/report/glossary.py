"""What each figure is called, how it is shown, and what it means: tables and explanations are made of this."""

from dataclasses import dataclass
from typing import Final

from training.evaluation.protocols import Protocol


@dataclass(frozen=True)
class Metric:
    """A column. `better` says which end is good; None where that depends on what one wants."""

    key: str  # in Row.metrics
    heading: str
    form: str  # how a figure is shown
    better: str | None  # "low", "high" or None


@dataclass(frozen=True)
class Table:
    """Columns that belong together, and what they mean."""

    title: str
    metrics: tuple[Metric, ...]
    meaning: tuple[str, ...]


TITLES: Final[dict[Protocol, str]] = {
    "random": "A random tenth held out",
    "time": "The last tenth by time held out",
    "kfold": "5-fold cross-validation",
    "ranking": "A quarter of each person's ratings held out",
    "recbole": "8:1:1, as RecBole",
    "new_users": "People the model never saw",
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
        "MAE, min-max = MAE / (highest - lowest stars); MAE, r / max = MAE / highest stars. The reference's 0.1708 is "
        "in one of these two units, most likely the first.",
        "Known only: ratings whose user and film both had a rating before the split in time.",
    ),
)

LISTS: Final = Table(
    "Lists of ten from the whole catalogue, seen films left out",
    (
        Metric("ndcg", "NDCG@10", "{:.4f}", "high"),
        Metric("precision", "P@10", "{:.4f}", "high"),
        Metric("recall", "R@10", "{:.4f}", "high"),
        Metric("hit_rate", "HR@10", "{:.3f}", "high"),
        Metric("mrr", "MRR@10", "{:.4f}", "high"),
        Metric("coverage", "Coverage@10", "{:.1%}", None),
        Metric("popularity", "Popularity share", "{:.1%}", None),
        Metric("novelty", "Novelty, bits", "{:.2f}", None),
    ),
    (
        "Every film of the catalogue that the person has not rated in training is ranked; no sampled negatives. Means "
        "over the people who have a relevant held-out film. Liked means at least three quarters up the scale: 4 of 1 "
        "to 5.",
        "NDCG@10 = sum over hits of 1 / log2(1 + place), over the highest possible sum (Järvelin & Kekäläinen, ACM "
        "TOIS 2002), with equal gains.",
        "P@10 = hits / 10. R@10 = hits / relevant films (all of them, not ten at the most). HR@10 = share of people "
        "with a hit. MRR@10 = mean of 1 / place of the first hit, 0 without one (Voorhees, TREC-8, 1999).",
        "Coverage@10 = share of the catalogue that is on anybody's list (Ge et al., RecSys 2010): a random order is "
        "best at it, so read it beside NDCG.",
        "Popularity share = mean share of people who had rated a recommended film: the lower, the less everybody gets "
        "the same. Novelty = mean -log2 of that share (Vargas & Castells, RecSys 2011).",
    ),
)

REFERENCE: Final = Table(
    "The reference's protocol: ranking only what the person rated",
    (
        Metric("surprise_precision_100", "P@10, 100 people", "{:.4f}", "high"),
        Metric("surprise_recall_100", "R@10, 100 people", "{:.4f}", "high"),
        Metric("surprise_precision_all", "P@10, all", "{:.4f}", "high"),
        Metric("surprise_recall_all", "R@10, all", "{:.4f}", "high"),
        Metric("first_ten_precision_100", "P@10 of any ten, 100 people", "{:.4f}", "high"),
        Metric("first_ten_recall_100", "R@10 of any ten, 100 people", "{:.4f}", "high"),
        Metric("first_ten_precision_all", "P@10 of any ten, all", "{:.4f}", "high"),
        Metric("first_ten_recall_all", "R@10 of any ten, all", "{:.4f}", "high"),
        Metric("by_relevance_precision_all", "P@10 by relevance, all", "{:.4f}", "high"),
        Metric("by_relevance_recall_all", "R@10 by relevance, all", "{:.4f}", "high"),
    ),
    (
        "Only the held-out films that a person did rate are ranked, by predicted stars; relevant is a rating of at "
        "least 4. P@10 = relevant and recommended / recommended, R@10 = relevant and recommended / relevant, where "
        "recommended is what is in the first ten and predicted to have at least 4 stars; 0 where nothing is "
        "recommended, or nothing is relevant (Surprise, examples/precision_recall_at_k.py, which has 5 folds). The "
        "reference reports 0.7142 and 0.6218 for 100 random people on ml-1m, and not how many ratings it held out: the "
        "more, the higher P@10 and the lower R@10.",
        "Of any ten: the first ten are recommended, whatever stars are predicted. By relevance: the same, in the "
        "order of the lists instead of the stars.",
        "Even a random order scores about 0.6 here: people mostly rate what they like. It says little about a shelf.",
    ),
)

GIVEN: Final = Table(
    "NDCG@10 by the number of ratings a new person gives",
    tuple(Metric(f"ndcg_given_{n}", f"{n} given", "{:.4f}", "high") for n in (1, 3, 5, 10, 20, 50)),
    (
        "The people who gave at least as many ratings as the last column says, the same in each column; so many of "
        "their ratings, drawn at random, are known, and their held-out half is to be found among all films but the "
        "given half.",
    ),
)

TABLES: Final = (STARS, LISTS, REFERENCE, GIVEN)

BASELINES: Final = (
    "Random: a random order; stars drawn from the training ratings. Popularity: the most rated films first; stars are "
    "the film's damped mean.",
    "Damped biases: mean + film bias + user bias, each shrunk as by 5 average ratings (Koren, KDD 2008). The user's "
    "bias changes no order, so its lists are the films of best average.",
    "EASE: a linear model of films by films in closed form (Steck, WWW 2019), its lambda chosen on validation; it "
    "predicts no stars.",
    "Intervals in brackets are 95 % intervals: of 1,000 bootstrap draws of people (Efron, 1979), or, in "
    "cross-validation, of Student's t over the folds.",
)
