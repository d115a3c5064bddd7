"""Reasons are exact terms of the model's scores."""

import numpy as np
import pytest

from function.bundle.format import Bundle
from function.recommending.recommender import Recommender, Scores
from function.recommending.why import REASONS, Explanation, explain, percentile

NOBODY = (np.array([], np.int32), np.array([], np.float32))


@pytest.mark.parametrize("user", [1, 8, 40])
def test_reasons_are_the_largest_contributions(user: int, recommender: Recommender, bundle: Bundle) -> None:
    history = bundle.known_users.histories.of(user)
    scores = recommender.scores_of_user(user)
    film = int(np.where(scores.seen, -np.inf, scores.relevance).argmax())
    contributions = recommender.model.explain(*history, film)
    # Exact: what the ratings add is the whole difference to what anybody gets.
    anybody = recommender.scores_of_visitor(*NOBODY).relevance[film]
    assert contributions.sum() == pytest.approx(scores.relevance[film] - anybody, abs=1e-3)
    explanation = explain(recommender, history, film)
    assert explanation.contributing == (contributions > 0).sum()
    found = explanation.reasons
    assert 0 < len(found) <= REASONS
    strongest = np.argsort(-contributions, kind="stable")[: len(found)]
    assert [reason.film for reason in found] == history[0][strongest].tolist()
    assert [reason.stars for reason in found] == history[1][strongest].tolist()
    shares = [reason.share for reason in found]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1 + 1e-9
    assert shares[0] == pytest.approx(contributions.max() / contributions[contributions > 0].sum(), rel=1e-5)


def test_a_film_is_no_reason_for_itself(recommender: Recommender, bundle: Bundle) -> None:
    films, ratings = bundle.known_users.histories.of(4)
    for film in films[:20]:
        assert int(film) not in {reason.film for reason in explain(recommender, (films, ratings), int(film)).reasons}


def test_without_ratings_there_are_no_reasons(recommender: Recommender) -> None:
    assert explain(recommender, NOBODY, 5) == Explanation((), 0)
    alone = np.array([5], np.int32), np.array([5], np.float32)
    assert explain(recommender, alone, 5) == Explanation((), 0)


def test_negative_contributions_are_no_reasons(recommender: Recommender, bundle: Bundle) -> None:
    history = bundle.known_users.histories.of(2)
    for film in range(0, len(bundle.films), 40):
        contributions = dict(zip(history[0].tolist(), recommender.model.explain(*history, film).tolist(), strict=True))
        assert all(contributions[reason.film] > 0 for reason in explain(recommender, history, film).reasons)


def test_percentiles_of_the_catalogue() -> None:
    relevance = np.array([3, -1, 7, 0, 3], np.float32)
    scores = Scores(relevance, relevance, np.zeros(5, np.bool_))
    assert [percentile(scores, film) for film in range(5)] == [50, 0, 100, 25, 50]
    one = np.zeros(1, np.float32)
    assert percentile(Scores(one, one, np.zeros(1, np.bool_)), 0) == 0
