"""Films and lists of them as JSON: text that is joined, because most of it is the same in every answer.

The models of function/api/responses.py describe it in the OpenAPI document; tests/unit/function/api/test_answers.py
reads answers with them.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache

from function.api.responses import FilmOut
from function.bundle.format import Film
from function.recommending.ratings import History
from function.recommending.recommender import Recommender, Scores
from function.recommending.why import explain


def film_out(recommender: Recommender, film: int) -> FilmOut:
    """The film with this index, as a model."""
    return FilmOut(**recommender.film(film)._asdict())


@cache  # when a film is first shown: a cold start does not wait for the whole catalogue
def film_fields(film: Film) -> str:
    """The fields of `responses.FilmOut`, without braces."""
    return dumps(film._asdict())[1:-1]


def film_object(recommender: Recommender, film: int) -> str:
    """The `responses.FilmOut` of the film with this index."""
    return f"{{{film_fields(recommender.film(film))}}}"


def recommendation_fields(recommender: Recommender, scores: Scores, films: Sequence[int]) -> list[str]:
    """The fields of the `responses.RecommendationOut` of each film, without braces and reasons."""
    chosen = list(films)
    stars, relevance, seen = (column[chosen].tolist() for column in (scores.stars, scores.relevance, scores.seen))
    catalogue = recommender.bundle.films
    return [
        f'{film_fields(catalogue[film])},"stars":{round(stars[row], 3)},"relevance":{relevance[row]},'
        f'"seen":{"true" if seen[row] else "false"}'
        for row, film in enumerate(chosen)
    ]


def explanation_fields(recommender: Recommender, history: History, film: int) -> str:
    """The fields `why` and `support` of `responses.RecommendationOut`, without braces."""
    explanation = explain(recommender, history, film)
    why = array(
        f'"film":{film_object(recommender, reason.film)},"rating":{reason.stars},"share":{round(reason.share, 4)}'
        for reason in explanation.reasons
    )
    ratings, contributing = recommender.film(film).count, explanation.contributing
    return f'"why":{why},"support":{{"film_ratings":{ratings},"contributing_ratings":{contributing}}}'


def array(objects: Iterable[str]) -> str:
    """An array of objects, whose fields are given."""
    inner = "},{".join(objects)
    return f"[{{{inner}}}]" if inner else "[]"


def page(objects: Iterable[str], *, next_cursor: str | None, total: int, unknown_ids: Sequence[str]) -> bytes:
    """A page of objects, whose fields are given: a `responses.FilmsPage`, for example."""
    return (
        f'{{"next_cursor":{dumps(next_cursor)},"total":{total},"unknown_ids":{dumps(unknown_ids)},'
        f'"items":{array(objects)}}}'
    ).encode()


dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
