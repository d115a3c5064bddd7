"""Films and lists of them as JSON: text that is joined, because most of it is the same in every answer.

The models of function/api/responses.py describe it in the OpenAPI document; tests/unit/function/api/test_answers.py
reads answers with them.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pydantic_core import to_json

from function.api.responses import FilmOut
from function.bundle.films import Film
from function.recommending.ratings import History
from function.recommending.recommender import Recommender, Scores
from function.recommending.why import explain


def film_out(recommender: Recommender, film: int) -> FilmOut:
    """The film with this index, as a model."""
    return FilmOut(**recommender.film(film)._asdict())


class FilmFields(dict[int, str]):
    """By index: the fields of a film's `responses.FilmOut`, without braces.

    They are made when a film is first shown, so that a cold start does not wait for the whole catalogue.
    """

    def __init__(self, films: Sequence[Film]) -> None:
        super().__init__()
        self._films = films

    def __missing__(self, film: int) -> str:
        self[film] = fields = dumps(self._films[film]._asdict())[1:-1]
        return fields


@lru_cache(maxsize=2)  # a process serves one release
def film_fields(recommender: Recommender) -> FilmFields:
    """The fields of the films of a release."""
    return FilmFields(recommender.bundle.films)


def film_object(recommender: Recommender, film: int) -> str:
    """The `responses.FilmOut` of the film with this index."""
    return f"{{{film_fields(recommender)[film]}}}"


def recommendation_fields(recommender: Recommender, scores: Scores, films: Sequence[int]) -> list[str]:
    """The fields of the `responses.RecommendationOut` of each film, without braces and reasons."""
    if not films:
        return []
    known = film_fields(recommender)
    # pydantic-core writes floats five times as fast as Python does.
    stars_of, relevance_of, seen_of = to_json(scores.shown(films)).decode()[2:-2].split("],[")
    columns = stars_of.split(","), relevance_of.split(","), seen_of.split(",")
    return [
        f'{known[film]},"stars":{stars},"relevance":{relevance},"seen":{seen}'
        for film, stars, relevance, seen in zip(films, *columns, strict=True)
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
