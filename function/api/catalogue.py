"""Routes about the catalogue, the same for everybody: films, what is like them, genres, sample profiles, the map."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query

from function.api import requests, responses
from function.api.access import OpenProfiles
from function.api.answers import film_fields, film_object, film_out, page
from function.api.cursor import Cursors
from function.api.dependencies import RecommenderDep
from function.api.direct import PublicRoute
from function.api.lookup import Lookup, find_film
from function.api.routing import NOT_FOUND, PAGES, router
from function.bundle.films import Film
from function.recommending.recommender import Recommender

catalogue = router("catalogue", PublicRoute)


@catalogue.get("/genres")
async def genres(recommender: RecommenderDep) -> responses.Genres:
    """All genres with their number of films."""
    sizes = recommender.genre_sizes
    return responses.Genres(genres=[responses.GenreOut(name=name, films=films) for name, films in sizes.items()])


@catalogue.get("/users")
async def users(profiles: OpenProfiles, query: Annotated[requests.UsersQuery, Query()]) -> responses.Users:
    """Sample profiles: known users whose tastes differ."""
    return responses.Users(
        users=[
            responses.UserOut(
                id=profile.person.id,
                name=" & ".join(profile.favourite_genres[:2]) or "Everything",
                ratings=len(profile.person.films),
                favourite_genres=list(profile.favourite_genres),
            )
            for profile in profiles[: query.limit]
        ]
    )


@catalogue.get("/films", responses=PAGES, response_model=responses.FilmsPage)
async def films(recommender: RecommenderDep, query: Annotated[requests.FilmsQuery, Query()]) -> bytes:
    """Search the catalogue, or look several films up by their ids."""
    lookup = Lookup(recommender, in_body=False, lenient=query.lenient)
    filters = lookup.filters(query, only=query.ids)
    cursors = Cursors(recommender, "films", query)
    found = recommender.browse(filters, sort=query.sort, start=cursors.start, n=query.limit)
    return page(
        (film_fields(recommender)[film] for film in found.films),
        next_cursor=cursors.next(found),
        total=found.total,
        unknown_ids=lookup.unknown_ids,
    )


@catalogue.get("/films/{film_id}", responses=NOT_FOUND, response_model=responses.FilmOut)
async def film(recommender: RecommenderDep, film_id: str) -> bytes:
    """One film."""
    return film_object(recommender, find_film(recommender, film_id)).encode()


@catalogue.get("/films/{film_id}/similar", responses=NOT_FOUND | PAGES, response_model=responses.SimilarPage)
async def similar_to_film(
    recommender: RecommenderDep, film_id: str, query: Annotated[requests.SimilarQuery, Query()]
) -> bytes:
    """Films like this one, nearest first."""
    lookup = Lookup(recommender, in_body=False, lenient=query.lenient)
    return _similar(recommender, lookup, [find_film(recommender, film_id)], query)


@catalogue.get("/similar", responses=PAGES, response_model=responses.SimilarPage)
async def similar_to_films(recommender: RecommenderDep, query: Annotated[requests.SimilarToQuery, Query()]) -> bytes:
    """Films like several others, nearest to all of them first."""
    lookup = Lookup(recommender, in_body=False, lenient=query.lenient)
    return _similar(recommender, lookup, lookup.films(query.ids, "ids"), query)


@catalogue.get("/starters")
async def starters(
    recommender: RecommenderDep, query: Annotated[requests.StartersQuery, Query()]
) -> responses.Starters:
    """Films for a newcomer to rate: known to many, and unlike each other."""
    chosen = recommender.starters[: query.limit]
    return responses.Starters(items=[film_out(recommender, film) for film in chosen])


@catalogue.get("/map")
async def film_map(recommender: RecommenderDep) -> responses.FilmMap:
    """The most rated films as points on a plane, computed in training."""
    return responses.FilmMap(
        genres=list(recommender.bundle.genres),
        points=[
            _point(recommender.film(index), x, y)
            for index, (x, y) in enumerate(recommender.bundle.film_tables.map.tolist())
            if x == x  # NaN: not on the map
        ],
    )


def _point(film: Film, x: float, y: float) -> responses.MapPoint:
    return responses.MapPoint(film_id=film.id, title=film.title, x=x, y=y, genre=next(iter(film.genres), None))


def _similar(recommender: Recommender, lookup: Lookup, seeds: Sequence[int], query: requests.SimilarQuery) -> bytes:
    filters = lookup.filters(query)
    cursors = Cursors(recommender, f"similar to {sorted(seeds)}", query)
    found, similarity = recommender.similar(seeds, filters, start=cursors.start, n=query.limit)
    return page(
        (f'{film_fields(recommender)[film]},"similarity":{round(float(similarity[film]), 4)}' for film in found.films),
        next_cursor=cursors.next(found),
        total=found.total,
        unknown_ids=lookup.unknown_ids,
    )
