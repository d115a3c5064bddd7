"""Reasons are exact terms of the model's scores."""

import numpy as np
import pytest

from function.bundle.format import Bundle
from function.bundle.people import Person
from function.recommending.recommender import Recommender, Scores
from function.recommending.why import REASONS, Explanation, explain, percentile

NOBODY = (np.array([], np.int32), np.array([], np.float32))


@pytest.mark.parametrize("user", [1, 8, 40])
def test_reasons_are_the_largest_contributions(user: int, recommender: Recommender, people: list[Person]) -> None:
    history = people[user].history
    scores = recommender.scores_of_person(people[user])
    film = int(np.where(scores.seen, -np.inf, scores.relevance).argmax())
    contributions = recommender.model.explain(*history, film)
    # Exact: what the ratings add is the whole difference to what anybody gets.
    anybody = recommender.scores_of_visitor(*NOBODY).relevance[film]
    assert contributions.sum() == pytest.approx(scores.relevance[film] - anybody, abs=1e-3)
    explanation = explain(recommender, history, film)
    assert explanation.contributing == (contributions != 0).sum()
    found = explanation.reasons
    raising = [reason for reason in found if reason.share > 0]
    assert 0 < len(raising) <= REASONS
    strongest = np.argsort(-contributions, kind="stable")[: len(raising)]
    assert [reason.film for reason in raising] == history[0][strongest].tolist()
    assert [reason.stars for reason in raising] == history[1][strongest].tolist()
    shares = [reason.share for reason in raising]
    assert shares == sorted(shares, reverse=True)
    assert sum(abs(reason.share) for reason in found) <= 1 + 1e-9
    assert shares[0] == pytest.approx(contributions.max() / np.abs(contributions).sum(), rel=1e-5)


def test_a_film_is_no_reason_for_itself(recommender: Recommender, people: list[Person]) -> None:
    films, ratings = people[4].history
    for film in films[:20]:
        assert int(film) not in {reason.film for reason in explain(recommender, (films, ratings), int(film)).reasons}


def test_without_ratings_there_are_no_reasons(recommender: Recommender) -> None:
    assert explain(recommender, NOBODY, 5) == Explanation((), 0)
    alone = np.array([5], np.int32), np.array([5], np.float32)
    assert explain(recommender, alone, 5) == Explanation((), 0)


class Explained:
    """A model that explains every film alike."""

    def __init__(self, contributions: list[float]) -> None:
        self.contributions = np.array(contributions, np.float32)

    def explain(self, *_: object) -> np.ndarray:
        return self.contributions


def test_what_lowers_a_film_notably_is_a_reason_against_it(recommender: Recommender, bundle: Bundle) -> None:
    model = Explained([1.0, -0.5, 0.25, -0.2, 3.0, -2.0, -1.0])
    explained = Recommender(bundle, model)  # type: ignore[arg-type]
    films, ratings = np.arange(10, 17, dtype=np.int32), np.array([5, 1, 4, 2, 5, 1, 1], np.float32)
    found = explain(explained, (films, ratings), 99).reasons
    assert [reason.film for reason in found] == [14, 10, 12, 15, 16]
    total = 7.95
    assert [reason.share for reason in found] == pytest.approx(
        [3 / total, 1 / total, 0.25 / total, -2 / total, -1 / total]
    )


def test_percentiles_of_the_catalogue() -> None:
    relevance = np.array([3, -1, 7, 0, 3], np.float32)
    scores = Scores(relevance, relevance, np.zeros(5, np.bool_))
    assert [percentile(scores, film) for film in range(5)] == [50, 0, 100, 25, 50]
    one = np.zeros(1, np.float32)
    assert percentile(Scores(one, one, np.zeros(1, np.bool_)), 0) == 0
