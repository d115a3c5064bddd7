"""Routes about the catalogue, the same for everybody: films, what is like them, genres, sample profiles, the map."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Response

from function.api import requests, responses
from function.api.access import OpenProfiles
from function.api.answers import CACHE_PUBLIC, film_fields
from function.api.cursor import Cursors
from function.api.dependencies import RecommenderDep
from function.api.lookup import Lookup, find_film
from function.api.routing import NOT_FOUND, PAGES, router
from function.recommending.recommender import Recommender

catalogue = router("catalogue")


@catalogue.get("/genres")
async def genres(recommender: RecommenderDep, response: Response) -> responses.Genres:
    """All genres with their number of films."""
    response.headers["cache-control"] = CACHE_PUBLIC
    sizes = recommender.genre_sizes
    return responses.Genres(genres=[responses.GenreOut(name=name, films=films) for name, films in sizes.items()])


@catalogue.get("/users")
async def users(
    recommender: RecommenderDep,
    profiles: OpenProfiles,
    response: Response,
    query: Annotated[requests.UsersQuery, Query()],
) -> responses.Users:
    """Sample profiles: known users whose tastes differ."""
    response.headers["cache-control"] = CACHE_PUBLIC
    return responses.Users(
        users=[
            responses.UserOut(
                id=recommender.bundle.users[profile.user],
                name=" & ".join(profile.favourite_genres[:2]) or "Everything",
                ratings=profile.ratings,
                favourite_genres=list(profile.favourite_genres),
            )
            for profile in profiles[: query.limit]
        ]
    )


@catalogue.get("/films", responses=PAGES)
async def films(
    recommender: RecommenderDep, response: Response, query: Annotated[requests.FilmsQuery, Query()]
) -> responses.FilmsPage:
    """Search the catalogue, or look several films up by their ids."""
    response.headers["cache-control"] = CACHE_PUBLIC
    lookup = Lookup(recommender, in_body=False, lenient=query.lenient)
    filters = lookup.filters(query, only=query.ids)
    cursors = Cursors(recommender, "films", query)
    page = recommender.browse(filters, sort=query.sort, start=cursors.start, n=query.limit)
    return responses.FilmsPage(
        items=[responses.FilmOut(**film_fields(recommender, film)) for film in page.films],
        next_cursor=cursors.next(page),
        total=page.total,
        unknown_ids=lookup.unknown_ids,
    )


@catalogue.get("/films/{film_id}", responses=NOT_FOUND)
async def film(recommender: RecommenderDep, response: Response, film_id: str) -> responses.FilmOut:
    """One film."""
    response.headers["cache-control"] = CACHE_PUBLIC
    return responses.FilmOut(**film_fields(recommender, find_film(recommender, film_id)))


@catalogue.get("/films/{film_id}/similar", responses=NOT_FOUND | PAGES)
async def similar_to_film(
    recommender: RecommenderDep, response: Response, film_id: str, query: Annotated[requests.SimilarQuery, Query()]
) -> responses.SimilarPage:
    """Films like this one, nearest first."""
    response.headers["cache-control"] = CACHE_PUBLIC
    lookup = Lookup(recommender, in_body=False, lenient=query.lenient)
    return _similar(recommender, lookup, [find_film(recommender, film_id)], query)


@catalogue.get("/similar", responses=PAGES)
async def similar_to_films(
    recommender: RecommenderDep, response: Response, query: Annotated[requests.SimilarToQuery, Query()]
) -> responses.SimilarPage:
    """Films like several others, nearest to all of them first."""
    response.headers["cache-control"] = CACHE_PUBLIC
    lookup = Lookup(recommender, in_body=False, lenient=query.lenient)
    return _similar(recommender, lookup, lookup.films(query.ids, "ids"), query)


@catalogue.get("/starters")
async def starters(
    recommender: RecommenderDep, response: Response, query: Annotated[requests.StartersQuery, Query()]
) -> responses.Starters:
    """Films for a newcomer to rate: known to many, and unlike each other."""
    response.headers["cache-control"] = CACHE_PUBLIC
    chosen = recommender.starters[: query.limit]
    return responses.Starters(items=[responses.FilmOut(**film_fields(recommender, film)) for film in chosen])


@catalogue.get("/map")
async def film_map(recommender: RecommenderDep, response: Response) -> responses.FilmMap:
    """The most rated films as points on a plane, computed in training."""
    response.headers["cache-control"] = CACHE_PUBLIC
    return responses.FilmMap(
        genres=list(recommender.bundle.genres),
        points=[
            responses.MapPoint(film_id=film.id, title=film.title, x=x, y=y, genre=next(iter(film.genres), None))
            for film, (x, y) in zip(recommender.bundle.films, recommender.bundle.film_tables.map.tolist(), strict=True)
            if x == x  # NaN: not on the map
        ],
    )


def _similar(
    recommender: Recommender, lookup: Lookup, seeds: Sequence[int], query: requests.SimilarQuery
) -> responses.SimilarPage:
    filters = lookup.filters(query)
    cursors = Cursors(recommender, f"similar to {sorted(seeds)}", query)
    page, similarity = recommender.similar(seeds, filters, start=cursors.start, n=query.limit)
    return responses.SimilarPage(
        items=[
            responses.SimilarOut(**film_fields(recommender, film), similarity=round(float(similarity[film]), 4))
            for film in page.films
        ],
        next_cursor=cursors.next(page),
        total=page.total,
        unknown_ids=lookup.unknown_ids,
    )
