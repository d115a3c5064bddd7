"""What the routes take, typed and capped: query parameters and bodies."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from function.bundle.ids import MAX_ID
from function.recommending.recommender import FilmSort, Match, Sort
from function.recommending.starters import MAX_STARTERS

MAX_PAGE = 100  # films
MAX_SHELF = 40
MAX_GENRES = 50
MAX_EXCLUDED = 500
MAX_RATINGS = 500
MAX_SEEDS = 20  # films that others are similar to
MAX_CANDIDATES = 500
MAX_PEOPLE = 20
MAX_TEXT = 100  # characters

Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID)]
Genres = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]], Field(max_length=MAX_GENRES)
]
Year = Annotated[int, Field(ge=1, le=9999)]
PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE, description="Films on a page, at most")]
Share = Annotated[float, Field(ge=0, le=1)]
Cursor = Annotated[str | None, Field(max_length=200, description="`next_cursor` of the page before")]
Excluded = Annotated[list[Id], Field(max_length=MAX_EXCLUDED, description="Ids of films to leave out")]
NotInterested = Annotated[
    list[Id],
    Field(max_length=MAX_EXCLUDED, description="Films to leave out that count as mild dislikes of the person"),
]
Lenient = Annotated[
    bool, Field(description="Skip unknown film ids and list them in `unknown_ids` instead of refusing them")
]


class _Request(BaseModel):
    """Its validator is built when a request first needs it: a cold start reads one kind, not all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class FilterQuery(_Request):
    """Filters; a film must pass all of them."""

    q: Annotated[str, Field(max_length=MAX_TEXT, description="Part of a title")] = ""
    genres: Annotated[Genres, Field(description="Names of genres")] = []
    match: Annotated[Match, Field(description="A film has any, or all, of `genres`")] = "any"
    exclude_genres: Annotated[Genres, Field(description="A film has none of these genres")] = []
    min_year: Year | None = None
    max_year: Year | None = None
    min_ratings: Annotated[int, Field(ge=0, le=10**9, description="Ratings that a film has, at least")] = 0
    exclude: Excluded = []
    lenient: Lenient = False

    @model_validator(mode="after")
    def _years_in_order(self) -> Self:
        if self.min_year is not None and self.max_year is not None and self.min_year > self.max_year:
            raise ValueError(f"min_year {self.min_year} is after max_year {self.max_year}; swap them")
        return self


class FilmsQuery(FilterQuery):
    """A search of the catalogue."""

    ids: Annotated[list[Id], Field(max_length=MAX_PAGE, description="Only these films")] = []
    sort: FilmSort = "title"
    limit: PageSize = 20
    cursor: Cursor = None


class SimilarQuery(FilterQuery):
    """A page of films similar to one film."""

    limit: PageSize = 12
    cursor: Cursor = None


class SimilarToQuery(SimilarQuery):
    """A page of films similar to several films."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_SEEDS, description="Films to be similar to")]


class RecommendationsQuery(FilterQuery):
    """A page of recommendations."""

    include_seen: Annotated[bool, Field(description="Show films that the person has rated, too")] = False
    sort: Annotated[Sort, Field(description="`relevance` is the order to recommend in; `stars` the predicted ones")] = (
        "relevance"
    )
    personalisation: Annotated[
        Share, Field(description="Weight of films unusually relevant to this person, over films relevant to everybody")
    ] = 0.0
    diversity: Annotated[Share, Field(description="Weight of films unlike those before them in the list")] = 0.0
    reasons: Annotated[bool, Field(description="Tell `why` and `support` of each film")] = False
    limit: PageSize = 20
    cursor: Cursor = None


class GivenRating(_Request):
    """A rating, on the scale of GET /api/release."""

    film_id: Id
    rating: Annotated[float, Field(strict=True)]  # `true` is not one star


Ratings = Annotated[list[GivenRating], Field(max_length=MAX_RATINGS, description="The latest last; may be empty")]


class RatedQuery(RecommendationsQuery):
    """A page of recommendations from ratings: a visitor's, or new ones of a known user."""

    ratings: Ratings
    not_interested: NotInterested = []


class HomeQuery(_Request):
    """A home."""

    limit: Annotated[int, Field(ge=1, le=MAX_SHELF, description="Films on a shelf, at most")] = 20


class VisitorHome(HomeQuery):
    """The home of a visitor."""

    ratings: Ratings
    exclude: Excluded = []
    not_interested: NotInterested = []
    lenient: Lenient = False


class VisitorFilm(_Request):
    """The visitor whom a film is for."""

    ratings: Ratings
    not_interested: NotInterested = []
    lenient: Lenient = False


class Person(_Request):
    """Whom to score films for: a known user, a visitor with ratings, or a known user with new ratings."""

    user_id: Id | None = None
    ratings: Ratings = []


class ScoresQuery(_Request):
    """Films to score and rank, and for whom."""

    films: Annotated[list[Id], Field(min_length=1, max_length=MAX_CANDIDATES, description="Ids of the candidates")]
    people: Annotated[list[Person], Field(min_length=1, max_length=MAX_PEOPLE)]
    lenient: Lenient = False


class StartersQuery(_Request):
    """Films for a newcomer to rate."""

    limit: Annotated[int, Field(ge=1, le=MAX_STARTERS)] = 15


class UsersQuery(_Request):
    """Sample profiles."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 12
