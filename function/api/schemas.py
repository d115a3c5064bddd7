"""What goes in and out of the API, typed and capped."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from function.bundle.format import ModelFacts, RatingScale
from function.recommending.home import Kind
from function.recommending.recommender import FilmSort, Match, Sort
from function.recommending.starters import MOST

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


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class FilterQuery(_Asked):
    """Which films; every condition must hold."""

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
    """A shelf of recommendations."""

    n: Count = Field(20, description="How many films a page has")
    exclude: list[Id] = Field([], max_length=MAX_EXCLUDED, description="Ids of films to leave out")
    include_seen: bool = Field(False, description="Show films the person has rated, too")
    sort: Sort = Field("relevance", description="`relevance` is the order to recommend in; `stars` the predicted ones")
    diversity: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0, description="How much more than in being relevant a film must stand out in being so to this person"
    )
    cursor: Cursor | None = Field(None, description="`next_cursor` of the page before")


class GivenRating(_Asked):
    """One rating of a visitor, on the scale that GET /api/release tells."""

    film_id: Id
    rating: Annotated[float, Field(strict=True)]  # true is not one star


class VisitorQuery(RecommendationsQuery):
    """A shelf for somebody the model has never met, from the ratings they give."""

    ratings: list[GivenRating] = Field(max_length=MAX_RATINGS)


class HomeQuery(_Asked):
    """The home of somebody."""

    n: ShelfSize = Field(20, description="How many films a shelf has at most")


class VisitorHome(HomeQuery):
    """The home of somebody the model has never met; `ratings` may be empty."""

    ratings: list[GivenRating] = Field(max_length=MAX_RATINGS)
    not_interested: list[Id] = Field([], max_length=MAX_EXCLUDED, description="Ids of films to show nowhere")


class VisitorFilm(_Asked):
    """Whom a film is for."""

    ratings: list[GivenRating] = Field(max_length=MAX_RATINGS)


class StartersQuery(_Asked):
    n: Annotated[int, Field(ge=1, le=MOST)] = 15


class SimilarQuery(_Asked):
    n: Count = 12


class UsersQuery(_Asked):
    limit: Count = 12


class _Told(BaseModel):
    """Its serialiser is built when the first request needs it: a cold start gives one answer, not all twenty."""

    model_config = ConfigDict(defer_build=True)


class FilmOut(_Told):
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
    """A film for somebody: `stars` is the rating predicted for them, `relevance` what orders the shelf."""

    stars: float
    relevance: float
    seen: bool


class ReasonOut(_Told):
    """A film the person rated, and its share, 0 to 1, of all that pulls a recommendation up."""

    film: FilmOut
    rating: float
    share: float


class PersonalFilm(RecommendationOut):
    """A film for somebody, and why. `match` is the percentage of all films that are less relevant to them."""

    match: int
    why: list[ReasonOut]


class ShelfOut(_Told):
    """A row of the home. `film` is what a `because` shelf starts from, `genre` what a `genre` shelf is of."""

    kind: Kind
    film: FilmOut | None
    genre: str | None
    items: list[RecommendationOut]


class HomeOut(_Told):
    release: str
    hero: RecommendationOut | None
    shelves: list[ShelfOut]


class SimilarOut(FilmOut):
    """A film beside another: `similarity` is the cosine of their vectors, at most 1."""

    similarity: float


class FilmsPage(_Told):
    items: list[FilmOut]
    next_cursor: str | None
    total: int


class RecommendationsPage(_Told):
    items: list[RecommendationOut]
    next_cursor: str | None
    total: int


class MapPoint(_Told):
    """A film's place; `genre` is its first."""

    film_id: str
    title: str
    x: float
    y: float
    genre: str | None


class FilmMap(_Told):
    """The most rated films on a plane, within -1 to 1: films that lie together are watched together."""

    genres: list[str]
    points: list[MapPoint]


class Starters(_Told):
    items: list[FilmOut]


class SimilarFilms(_Told):
    items: list[SimilarOut]


class GenreOut(_Told):
    name: str
    films: int


class Genres(_Told):
    genres: list[GenreOut]


class UserOut(_Told):
    id: str
    name: str
    ratings: int
    favourite_genres: list[str]


class Users(_Told):
    users: list[UserOut]


class Health(_Told):
    status: Literal["ok"]
    release: str


class Ready(_Told):
    """The model on this machine, compared with what Keras answered at export."""

    status: Literal["ready"]
    release: str
    runtime: str
    goldens: int
    max_star_error: float
    top10_agreement: float


class ReleaseOut(_Told):
    release: str
    created: str
    scale: RatingScale
    model: ModelFacts
    data: dict[str, object]
    metrics: dict[str, object]
