"""Routes of many ratings at once: the merge of a browser's, the import from other services, and undoing either."""

from collections import Counter
from http import HTTPStatus
from typing import Any
from weakref import WeakKeyDictionary

from fastapi import Response

from function.api.answers import film_out
from function.api.dependencies import RecommenderDep
from function.api.members import requests, responses
from function.api.members.access import CHANGES, OnceDep, SessionDep, kept
from function.api.members.films import check_scale, full
from function.api.members.pages import BODY, router
from function.api.problems import Detail, Problem
from function.api.routing import NO_STORE, NOT_FOUND
from function.members.films import FullError
from function.members.matching import Catalogue, Row, on_scale
from function.members.merging import Given, NoUndoError, merge, undo_merge
from function.recommending.recommender import Recommender

bulk = router()
_catalogues: WeakKeyDictionary[Recommender, Catalogue] = WeakKeyDictionary()


@bulk.post("/merge", responses=CHANGES | BODY)
async def merge_browser(
    session: SessionDep, recommender: RecommenderDep, once: OnceDep, response: Response, asked: requests.Merge
) -> responses.Merged:
    """Add what a browser has kept to what the account has. Of two ratings of a film the later one stays.

    Films that are not in the catalogue are left out.
    """
    response.headers["cache-control"] = NO_STORE
    for position, rating in enumerate(asked.ratings):
        check_scale(recommender, rating.rating, f"/ratings/{position}/rating")
    _refuse_twice([rating.film_id for rating in asked.ratings])
    known = recommender.film_index
    ratings = [Given(one.film_id, one.rating, one.rated_at) for one in asked.ratings if one.film_id in known]
    lists = ([film for film in ids if film in known] for ids in (asked.list, asked.not_interested))
    try:
        merged = await kept(merge, session, ratings, *lists, once=once)
    except FullError as error:
        raise full() from error
    return responses.Merged.model_validate(merged)


@bulk.post("/undo/{undo}", responses=NOT_FOUND | CHANGES)
async def undo(session: SessionDep, once: OnceDep, response: Response, undo: str) -> responses.Undone:
    """Undo a merge or an import of the last seven days. Films that changed since are kept as they are."""
    response.headers["cache-control"] = NO_STORE
    try:
        return responses.Undone.model_validate(await kept(undo_merge, session, undo[:100], once=once))
    except NoUndoError as error:
        detail = "There is nothing to undo by this id: it was undone, or is more than seven days old."
        raise Problem(HTTPStatus.NOT_FOUND, detail) from error


@bulk.post("/import", responses=CHANGES | BODY)
async def import_ratings(
    session: SessionDep, recommender: RecommenderDep, once: OnceDep, response: Response, asked: requests.Import
) -> responses.Imported:
    """Import ratings of Letterboxd, IMDb, MovieLens or an earlier export.

    Films are matched by TMDB's or IMDb's id, else by title and year; ratings are moved to the scale of the release.
    """
    response.headers["cache-control"] = NO_STORE
    if recommender not in _catalogues:
        _catalogues[recommender] = Catalogue(list(recommender.bundle.films))
    catalogue, scale = _catalogues[recommender], recommender.bundle.manifest.model.scale
    found: dict[int, Given] = {}
    unmatched: list[responses.Unmatched] = []
    by: Counter[str] = Counter()

    def refuse(position: int, reason: Any, candidates: tuple[int, ...] = ()) -> None:
        row = asked.rows[position]
        shown = [film_out(recommender, film) for film in candidates]
        unmatched.append(
            responses.Unmatched(row=position, title=row.title, year=row.year, reason=reason, candidates=shown)
        )

    for position, row in enumerate(asked.rows):
        match = catalogue.match(Row(row.title, row.year, row.tmdb_id, row.imdb_id, row.film_id), asked.source)
        rating = on_scale(row.rating, asked.source, scale)
        if match.film is None:
            refuse(position, "several films" if match.candidates else "no such film", match.candidates)
        elif rating is None:
            refuse(position, "not on the scale", (match.film,))
        elif match.film in found:
            refuse(position, "the film is named twice", (match.film,))
        else:
            found[match.film] = Given(recommender.film(match.film).id, rating, row.rated_at)
            by[str(match.by)] += 1
    try:
        merged = await kept(merge, session, list(found.values()), once=once)
    except FullError as error:
        raise full() from error
    matched_by = responses.MatchedBy(film_id=by["film_id"], tmdb=by["tmdb"], imdb=by["imdb"], title=by["title"])
    return responses.Imported(**merged, matched=len(found), matched_by=matched_by, unmatched=unmatched)


def _refuse_twice(ids: list[str]) -> None:
    """Raises Problem 422 if a film is rated twice."""
    seen: set[str] = set()
    for position, film_id in enumerate(ids):
        if film_id in seen:
            pointer, detail = f"/ratings/{position}/film_id", f"film {film_id!r} is rated twice; keep one"
            where = [Detail(pointer=pointer, detail=detail)]
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{pointer}: {detail}", where)
        seen.add(film_id)
