"""Requests and responses of the API, typed and capped."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from function.bundle.format import ModelFacts, RatingScale
from function.recommending.home import Kind
from function.recommending.recommender import FilmSort, Match, Sort
from function.recommending.starters import MAX_STARTERS

MAX_PAGE = 100
MAX_SHELF = 40
MAX_GENRES = 50
MAX_EXCLUDED = 500
MAX_RATINGS = 500
MAX_TEXT = 100

Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]
Year = Annotated[int, Field(ge=1, le=9999)]
Count = Annotated[int, Field(ge=1, le=MAX_PAGE)]
ShelfSize = Annotated[int, Field(ge=1, le=MAX_SHELF)]
Cursor = Annotated[str, StringConstraints(max_length=200)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class FilterQuery(_Request):
    """Filters; a film must pass all of them."""

    q: Annotated[str, StringConstraints(max_length=MAX_TEXT)] = Field("", description="Part of a title")
    genres: list[Id] = Field([], max_length=MAX_GENRES, description="Names of genres")
    match: Match = Field("any", description="A film has any, or all, of `genres`")
    min_year: Year | None = None
    max_year: Year | None = None

    @model_validator(mode="after")
    def _years_in_order(self) -> Self:
        if self.min_year is not None and self.max_year is not None and self.min_year > self.max_year:
            raise ValueError(f"min_year {self.min_year} is after max_year {self.max_year}; swap them")
        return self


class FilmsQuery(FilterQuery):
    """A search of the catalogue."""

    sort: FilmSort = "title"
    limit: Count = 20
    cursor: Cursor | None = None


class RecommendationsQuery(FilterQuery):
    """A page of recommendations."""

    n: Count = Field(20, description="How many films a page has")
    exclude: list[Id] = Field([], max_length=MAX_EXCLUDED, description="Ids of films to leave out")
    include_seen: bool = Field(False, description="Show films the person has rated, too")
    sort: Sort = Field("relevance", description="`relevance` is the order to recommend in; `stars` the predicted ones")
    diversity: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0,
        description="Weight of films that are unusually relevant to this person, over films relevant to everybody",
    )
    cursor: Cursor | None = Field(None, description="`next_cursor` of the page before")


class GivenRating(_Request):
    """A visitor's rating, on the scale of GET /api/release."""

    film_id: Id
    rating: Annotated[float, Field(strict=True)]  # `true` is not one star


class VisitorQuery(RecommendationsQuery):
    """A page of recommendations for a visitor, from their ratings."""

    ratings: list[GivenRating] = Field(max_length=MAX_RATINGS)


class HomeQuery(_Request):
    """A home."""

    n: ShelfSize = Field(20, description="How many films a shelf has at most")


class VisitorHome(HomeQuery):
    """The home of a visitor; `ratings` may be empty."""

    ratings: list[GivenRating] = Field(max_length=MAX_RATINGS)
    not_interested: list[Id] = Field([], max_length=MAX_EXCLUDED, description="Ids of films to show nowhere")


class VisitorFilm(_Request):
    """The visitor whom a film is for."""

    ratings: list[GivenRating] = Field(max_length=MAX_RATINGS)


class StartersQuery(_Request):
    n: Annotated[int, Field(ge=1, le=MAX_STARTERS)] = 15


class SimilarQuery(_Request):
    n: Count = 12


class UsersQuery(_Request):
    limit: Count = 12


class _Answer(BaseModel):
    """Its serialiser is built when a request first needs it: a cold start sends one kind, not all twenty."""

    model_config = ConfigDict(defer_build=True)


class FilmOut(_Answer):
    """A film. `average` is the mean of its ratings in stars, null while it has none; `count` is their number.

    `poster` is a path on TMDB's image host, null where none is known.
    """

    id: str
    title: str
    year: int | None
    genres: list[str]
    average: float | None
    count: int
    tmdb_id: int | None
    imdb_id: str | None
    poster: str | None


class RecommendationOut(FilmOut):
    """A film for a person: `stars` is the predicted rating, `relevance` orders the list."""

    stars: float
    relevance: float
    seen: bool


class ReasonOut(_Answer):
    """A film the person rated, and its share of all contributions to the recommendation: below 0 where it lowers it."""

    film: FilmOut
    rating: float
    share: float


class PersonalFilm(RecommendationOut):
    """A film for a person, and why. `match` is the percentage of all films that are less relevant to them."""

    match: int
    why: list[ReasonOut]


class ShelfOut(_Answer):
    """A row of the home. `film` is the start of a `because` shelf, `genre` the genre of a `genre` shelf."""

    kind: Kind
    film: FilmOut | None
    genre: str | None
    items: list[RecommendationOut]


class HomeOut(_Answer):
    release: str
    hero: RecommendationOut | None
    shelves: list[ShelfOut]


class SimilarOut(FilmOut):
    """A film similar to another: `similarity` is the cosine of their vectors, at most 1."""

    similarity: float


class FilmsPage(_Answer):
    items: list[FilmOut]
    next_cursor: str | None
    total: int


class RecommendationsPage(_Answer):
    items: list[RecommendationOut]
    next_cursor: str | None
    total: int


class MapPoint(_Answer):
    """A film's coordinates; `genre` is its first."""

    film_id: str
    title: str
    x: float
    y: float
    genre: str | None


class FilmMap(_Answer):
    """The most rated films on a plane, within -1 to 1: neighbours are watched by the same people."""

    genres: list[str]
    points: list[MapPoint]


class Starters(_Answer):
    items: list[FilmOut]


class SimilarFilms(_Answer):
    items: list[SimilarOut]


class GenreOut(_Answer):
    name: str
    films: int


class Genres(_Answer):
    genres: list[GenreOut]


class UserOut(_Answer):
    id: str
    name: str
    ratings: int
    favourite_genres: list[str]


class Users(_Answer):
    users: list[UserOut]


class Health(_Answer):
    status: Literal["ok"]
    release: str


class Ready(_Answer):
    """The model on this machine, compared with Keras at export."""

    status: Literal["ready"]
    release: str
    runtime: str
    goldens: int
    max_star_error: float
    top10_agreement: float


class ReleaseOut(_Answer):
    release: str
    created: str
    scale: RatingScale
    model: ModelFacts
    data: dict[str, object]
    metrics: dict[str, object]
