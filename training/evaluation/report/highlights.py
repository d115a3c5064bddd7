"""Summarise the report in a few sentences."""

from collections.abc import Iterator

from training.evaluation.behaviour import Behaviour
from training.evaluation.report.glossary import TITLES
from training.evaluation.results import Evaluation, ProtocolResult, Row


def highlights(evaluation: Evaluation) -> list[str]:
    """The main findings, good and bad."""
    results = {result.protocol: result for result in evaluation.results if result.rows}
    sentences: list[str] = []
    stars = results.get("kfold") or results.get("random")
    if stars is not None:
        sentences += _stars(stars)
    lists = results.get("ranking") or results.get("random")
    if lists is not None:
        sentences += _lists(lists)
    sentences += _ease(list(results.values()))
    if "time" in results:
        sentences += _time(results["time"])
    if "new_users" in results:
        sentences += _new_users(results["new_users"])
    rated_only = results.get("random") or results.get("ranking")
    if rated_only is not None:
        sentences += _rated_only(rated_only)
    return sentences


def behaves(behaviour: Behaviour) -> list[str]:
    """What the table of likes and dislikes adds up to, and what else was tried."""
    return [
        f"In {behaviour.expected} of {len(behaviour.genres)} genres the share is lower after dislikes than after likes "
        "and neither is on the wrong side of the share without ratings.",
        f"The lists after the lowest and the highest ratings have {behaviour.common:.0%} of their films in common.",
        f"After the lowest, {behaviour.poor:.0%} of the films are predicted below half of the highest rating.",
        f"A rating that is raised from the lowest to the highest leaves the film's ten nearest as high or higher in "
        f"{behaviour.raised:.0%} of the cases.",
        f"One liked film replaces {10 * behaviour.moved:.1f} of the first ten films on average.",
        f"Two random visitors with five ratings each share {10 * behaviour.alike:.1f} of ten films on average.",
        f"Somebody who rates everything in the middle is shown films with {behaviour.middle:.0%} of the ratings that "
        "the most popular films have.",
    ]


def _stars(result: ProtocolResult) -> Iterator[str]:
    ours, biases = result.rows[0], _row(result, "damped biases")
    if biases is not None and "mae" in ours.metrics:
        yield (
            f"Predicted stars are off by {ours.metrics['mae']:.2f} on average (RMSE {ours.metrics['rmse']:.3f}); "
            f"the averages of films and users alone are off by {biases.metrics['mae']:.2f} "
            f"(RMSE {biases.metrics['rmse']:.3f})."
        )


def _lists(result: ProtocolResult) -> Iterator[str]:
    ours = result.rows[0]
    if "precision" not in ours.metrics:
        return
    others = [row for row in result.rows[1:] if "precision" in row.metrics]
    beside = ", ".join(f"{row.scorer} {10 * row.metrics['precision']:.1f}" for row in others)
    verb = "rated" if result.protocol == "ranking" else "liked"
    hits = 10 * ours.metrics["precision"]
    yield f"Of ten films on a list, {hits:.1f} are held-out films that the user {verb} ({beside})."
    yield (
        f"Its lists show {ours.metrics['coverage']:.0%} of the catalogue, and on average, a film on them was rated by "
        f"{ours.metrics['popularity']:.0%} of all users."
    )


def _ease(results: list[ProtocolResult]) -> Iterator[str]:
    comparisons = []
    for result in results:
        ours, ease = result.rows[0], _row(result, "EASE")
        if ease is None or not ("liked_ndcg" in ours.intervals and "liked_ndcg" in ease.intervals):
            continue
        (low, high), (ease_low, ease_high) = ours.intervals["liked_ndcg"], ease.intervals["liked_ndcg"]
        verdict = "better" if low > ease_high else "worse" if high < ease_low else "the intervals overlap"
        split = TITLES[result.protocol]
        comparisons.append(f"{ours.metrics['liked_ndcg']:.4f} to {ease.metrics['liked_ndcg']:.4f} ({split}; {verdict})")
    if comparisons:
        yield f"Against EASE NDCG@10 on liked films is {', '.join(comparisons)}."


def _time(result: ProtocolResult) -> Iterator[str]:
    ours, popularity = result.rows[0], _row(result, "popularity")
    sentence = (
        f"The future is harder than a random tenth: trained on the past, it is off by {ours.metrics['mae']:.2f} stars"
    )
    if popularity is not None and "ndcg" in ours.metrics:
        sentence += f", and NDCG@10 is {ours.metrics['ndcg']:.3f} (popularity {popularity.metrics['ndcg']:.3f})"
    yield f"{sentence}; {result.cold_users} of the {result.users} users there had no earlier rating."


def _new_users(result: ProtocolResult) -> Iterator[str]:
    ours = result.rows[0]
    given = sorted(int(name.rsplit("_", 1)[1]) for name in ours.metrics if name.startswith("liked_given_"))
    if given:
        beside = [row for row in result.rows[1:] if row.scorer in ("EASE", "popularity")]
        parts = []
        for n in (given[0], given[-1]):
            name = f"liked_given_{n}"
            others = ", ".join(f"{row.scorer} {row.metrics[name]:.3f}" for row in beside)
            parts.append(f"{ours.metrics[name]:.3f} for {_ratings(n)}" + (f" ({others})" if others else ""))
        yield f"For a new user NDCG@10 on liked films is {' and '.join(parts)}."


def _rated_only(result: ProtocolResult) -> Iterator[str]:
    ours, random = result.rows[0], _row(result, "random")
    if random is not None and "surprise_precision_100" in ours.metrics:
        yield (
            f"Ranking rated films only, P@10 is {ours.metrics['surprise_precision_100']:.3f} and R@10 "
            f"{ours.metrics['surprise_recall_100']:.3f}; a random order has "
            f"{random.metrics['surprise_precision_100']:.3f} and {random.metrics['surprise_recall_100']:.3f}, "
            "so these say little."
        )


def _row(result: ProtocolResult, scorer: str) -> Row | None:
    return next((row for row in result.rows[1:] if row.scorer == scorer), None)


def _ratings(n: int) -> str:
    return "one rating" if n == 1 else f"{n} ratings"
