"""What the routes share: cache policies, and films as fields of a response."""

from typing import Any, Final

from function.api import responses
from function.recommending.ratings import History
from function.recommending.recommender import Recommender, Scores
from function.recommending.why import explain

# For what a release contains. A rollback shows within five minutes.
CACHE_PUBLIC: Final = "public, max-age=300"
# For answers about one user; shared caches must not keep them.
CACHE_PRIVATE: Final = "private, max-age=60"
NO_STORE: Final = "no-store"


def film_fields(recommender: Recommender, film: int) -> dict[str, Any]:
    """The fields of `responses.FilmOut`."""
    return recommender.film(film)._asdict()


def recommendation_fields(recommender: Recommender, scores: Scores, film: int) -> dict[str, Any]:
    """The fields of `responses.RecommendationOut`, without reasons."""
    return {
        **film_fields(recommender, film),
        "stars": round(float(scores.stars[film]), 3),
        "relevance": float(scores.relevance[film]),
        "seen": bool(scores.seen[film]),
    }


def explanation_fields(recommender: Recommender, history: History, film: int) -> dict[str, Any]:
    """The fields `why` and `support` of `responses.RecommendationOut`."""
    explanation = explain(recommender, history, film)
    return {
        "why": [
            responses.ReasonOut(
                film=responses.FilmOut(**film_fields(recommender, reason.film)),
                rating=reason.stars,
                share=round(reason.share, 4),
            )
            for reason in explanation.reasons
        ],
        "support": responses.Support(
            film_ratings=recommender.film(film).count, contributing_ratings=explanation.contributing
        ),
    }
