"""Routes of the account: what is in it, consent, everything as a file, and its end."""

import csv
import io
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from function.api.dependencies import RecommenderDep
from function.api.members import requests, responses
from function.api.members.access import CHANGES, OnceDep, SessionDep, kept
from function.api.members.pages import BODY, UNCHANGED, router, tagged, unchanged
from function.api.routing import NO_STORE
from function.members.films import Mark, read_films
from function.members.history import shown
from function.members.shelves import shelves
from function.recommending.recommender import Recommender

account = router()
_CSV = ("film_id", "title", "year", "tmdb_id", "imdb_id", "rating", "rated_at")


@account.get("", responses=UNCHANGED, response_model_exclude_none=True)
async def me(request: Request, session: SessionDep, response: Response) -> responses.Me:
    """The account: how much is kept in it. There is one for everybody who is signed in."""
    mine = await kept(session.account)
    tag = f"{mine.version}"
    if same := unchanged(request, tag):
        return same  # type: ignore[return-value]
    tagged(response, tag)
    return responses.Me(
        name=session.member.name,
        ratings=mine.counted("rating"),
        list=mine.counted("list"),
        not_interested=mine.counted("not_interested"),
        shelves=mine.counted("shelf"),
        training=mine.content["training"],
    )


@account.put("/consent", status_code=HTTPStatus.NO_CONTENT, responses=CHANGES | BODY)
async def consent(session: SessionDep, once: OnceDep, response: Response, asked: requests.Consent) -> None:
    """Allow, or no longer allow, that the ratings are trained on. Without a word they are not."""
    response.headers["cache-control"] = NO_STORE
    await kept(session.set_consent, asked.training, once)


@account.get(
    "/export",
    response_class=JSONResponse,
    responses={200: {"content": {"application/json": {}, "text/csv": {}}, "description": "Everything that is kept"}},
)
async def export(
    session: SessionDep, recommender: RecommenderDep, query: Annotated[requests.ExportQuery, Query()]
) -> Response:
    """Everything that is kept of the member, as JSON; or the ratings alone, as CSV."""
    await kept(session.account)
    films = await kept(read_films, session)
    name = f"my-films.{query.format}"
    headers = {"cache-control": NO_STORE, "content-disposition": f'attachment; filename="{name}"'}
    if query.format == "csv":
        return PlainTextResponse(_csv(recommender, films.rating), headers=headers, media_type="text/csv")
    everything = {
        "ratings": [_rating(recommender, mark) for mark in films.rating],
        "list": [_entry(recommender, mark) for mark in films.list],
        "not_interested": [_entry(recommender, mark) for mark in films.not_interested],
        "shelves": await kept(shelves, session),
        "history": (await kept(shown, session, limit=10_000, after=None))[0],
    }
    return JSONResponse(everything, headers=headers)


@account.delete("", status_code=HTTPStatus.NO_CONTENT)
async def delete_account(session: SessionDep, response: Response) -> None:
    """Delete the account and everything in it. The sign-in itself is the provider's to delete."""
    response.headers["cache-control"] = NO_STORE
    await kept(session.delete)


def _film(recommender: Recommender, film_id: str) -> dict[str, Any]:
    """What names a film elsewhere; only its id, if this release does not have it."""
    index = recommender.film_index.get(film_id)
    if index is None:
        return {"film_id": film_id, "title": "", "year": None, "tmdb_id": None, "imdb_id": None}
    film = recommender.film(index)
    return {
        "film_id": film_id,
        "title": film.title,
        "year": film.year,
        "tmdb_id": film.tmdb_id,
        "imdb_id": film.imdb_id,
    }


def _rating(recommender: Recommender, mark: Mark) -> dict[str, Any]:
    return {**_film(recommender, mark.film_id), "rating": mark.rating, "rated_at": mark.time}


def _entry(recommender: Recommender, mark: Mark) -> dict[str, Any]:
    return {**_film(recommender, mark.film_id), "added_at": mark.time}


def _csv(recommender: Recommender, ratings: Any) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, _CSV)
    writer.writeheader()
    writer.writerows(_rating(recommender, mark) for mark in ratings)
    return text.getvalue()
