"""Routes of what a member is shown: the home, lists, a film with reasons, the profile, and what was shown before."""

from typing import Annotated

from fastapi import Query, Request, Response

from function.api import requests as visitors
from function.api import responses as common
from function.api.answers import film_out
from function.api.dependencies import RecommenderDep
from function.api.lookup import Lookup, find_film
from function.api.members import requests, responses
from function.api.members.access import SessionDep, kept
from function.api.members.pages import PAGES, UNCHANGED, bad_cursor, decode_cursor, encode_cursor, router, tagged
from function.api.members.pages import unchanged as unchanged_since
from function.api.members.taste import taste_of
from function.api.personal import film_answer, home_answer
from function.api.recommendations import list_answer
from function.api.routing import NOT_FOUND
from function.api.routing import PAGES as RELEASE_PAGES
from function.members.history import PREFIX, remember, shown
from function.recommending.weight import profile

personal = router()


@personal.get("/home", responses=UNCHANGED, response_model=common.HomeOut)
async def my_home(
    request: Request,
    session: SessionDep,
    recommender: RecommenderDep,
    query: Annotated[visitors.HomeQuery, Query()],
) -> Response:
    """The member's home, from the ratings that are kept; without films they have rated or are not interested in."""
    taste = await taste_of(session, recommender)
    release = recommender.bundle.manifest.release
    tag = f"{taste.version}-{release}"
    if same := unchanged_since(request, tag):
        return same
    lookup = Lookup(recommender, in_body=False)
    home = home_answer(request, lookup, taste.scores(recommender), taste.history, taste.hidden, query.limit)
    ids = dict.fromkeys(recommender.film(film).id for film in home.films)
    await kept(remember, session, "home", release, list(ids))
    return tagged(_json(home.body), tag)


@personal.get("/recommendations", responses=RELEASE_PAGES | UNCHANGED, response_model=common.RecommendationsPage)
async def my_recommendations(
    request: Request,
    session: SessionDep,
    recommender: RecommenderDep,
    query: Annotated[visitors.RecommendationsQuery, Query()],
) -> Response:
    """The member's list, best first, from the ratings that are kept."""
    taste = await taste_of(session, recommender)
    release = recommender.bundle.manifest.release
    tag = f"{taste.version}-{release}"
    if same := unchanged_since(request, tag):
        return same
    lookup = Lookup(recommender, in_body=False, lenient=query.lenient)
    scores = taste.scores(recommender)
    listed = list_answer(request, lookup, query, scores, taste.history, "member", taste.hidden)
    ids = [recommender.film(film).id for film in listed.films]
    await kept(remember, session, "recommendations", release, ids)
    return tagged(_json(listed.body), tag)


@personal.get("/films/{film_id}", responses=NOT_FOUND, response_model=common.PersonalFilm)
async def my_film(request: Request, session: SessionDep, recommender: RecommenderDep, film_id: str) -> Response:
    """A film for the member: predicted stars, how relevant it is, and why."""
    film = find_film(recommender, film_id)
    taste = await taste_of(session, recommender)
    lookup = Lookup(recommender, in_body=False)
    answer = film_answer(request, lookup, taste.scores(recommender), taste.history, film)
    return tagged(_json(answer), f"{taste.version}-{recommender.bundle.manifest.release}")


@personal.get("/profile")
async def my_profile(session: SessionDep, recommender: RecommenderDep, response: Response) -> responses.ProfileOut:
    """What the ratings say: genres by liking, and the ratings that weigh most in what is recommended."""
    taste = await taste_of(session, recommender)
    found = profile(recommender, taste.scores(recommender), taste.history, hidden=taste.hidden)
    marks = {mark.film_id: mark for mark in taste.films.rating}
    weightiest = []
    for weight in found.weightiest:
        film = film_out(recommender, weight.film)
        mark = marks[film.id]
        weightiest.append(
            responses.WeightyRating(
                film=film,
                rating=mark.rating or 0.0,
                rated_at=mark.time,
                version=mark.version,
                share=round(weight.share, 4),
            )
        )
    tagged(response, f"{taste.version}-{recommender.bundle.manifest.release}")
    return responses.ProfileOut(
        ratings=len(taste.films.rating),
        average=None if found.average is None else round(found.average, 2),
        genres=[
            responses.GenreTaste(name=recommender.bundle.genres[one.genre], liked=one.liked, lift=round(one.lift, 2))
            for one in found.genres
        ],
        weightiest=weightiest,
    )


@personal.get("/history", responses=PAGES)
async def history(
    session: SessionDep, response: Response, query: Annotated[requests.HistoryQuery, Query()]
) -> responses.HistoryPage:
    """What was shown to the member in the last 90 days, the latest day first."""
    mine = await kept(session.account)
    after = None if query.cursor is None else decode_cursor(query.cursor)
    if after is not None and not (isinstance(after, str) and after.startswith(PREFIX)):
        raise bad_cursor()
    items, following = await kept(shown, session, limit=query.limit, after=after)
    tagged(response, f"{mine.version}")
    del response.headers["etag"]  # history grows without a change of the account
    return responses.HistoryPage(
        items=[responses.Shown(**item) for item in items],
        next_cursor=None if following is None else encode_cursor(following),
    )


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")
