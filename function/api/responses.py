"""What the routes answer."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from function.bundle.format import ModelFacts, RatingScale
from function.recommending.home import Kind


class _Response(BaseModel):
    """Its serialiser is built when a request first needs it: a cold start sends one kind, not all twenty."""

    model_config = ConfigDict(defer_build=True)


class FilmOut(_Response):
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


class ReasonOut(_Response):
    """A film the person rated, and its share, -1 to 1, of all contributions; negative if it lowers the relevance."""

    film: FilmOut
    rating: float
    share: float


class Support(_Response):
    """What a recommendation rests on: the ratings of the film, and how many of the person's own contribute to it."""

    film_ratings: int
    contributing_ratings: int


class RecommendationOut(FilmOut):
    """A film for a person: `stars` is the predicted rating, `relevance` ranks. `why` and `support` come on demand."""

    stars: float
    relevance: float
    seen: bool
    why: list[ReasonOut] | None = None
    support: Support | None = None


class PersonalFilm(RecommendationOut):
    """A film for a person, and why. `percentile` is the percentage of all films that are less relevant to them."""

    percentile: int
    why: list[ReasonOut]
    support: Support
    unknown_ids: list[str]


class ShelfOut(_Response):
    """A row of the home. `film` is the start of a `because` shelf, `genre` the genre of a `genre` shelf."""

    kind: Kind
    film: FilmOut | None
    genre: str | None
    items: list[RecommendationOut]


class HomeOut(_Response):
    """A home: the most relevant film, and shelves."""

    release: str
    hero: RecommendationOut | None
    shelves: list[ShelfOut]
    unknown_ids: list[str]


class _Page(_Response):
    """`unknown_ids` are those that a lenient request was answered without."""

    next_cursor: str | None
    total: int
    unknown_ids: list[str]


class FilmsPage(_Page):
    """Films, and where the next page begins."""

    items: list[FilmOut]


class SimilarOut(FilmOut):
    """A film similar to others: `similarity` is the mean cosine of their vectors, at most 1."""

    similarity: float


class SimilarPage(_Page):
    """Similar films, nearest first, and where the next page begins."""

    items: list[SimilarOut]


class RecommendationsPage(_Page):
    """Recommendations, and where the next page begins."""

    items: list[RecommendationOut]


class ScoreOut(_Response):
    """A candidate, scored for a person."""

    film_id: str
    stars: float
    relevance: float
    seen: bool


class PersonScores(_Response):
    """The candidates, most relevant first."""

    items: list[ScoreOut]


class ScoresOut(_Response):
    """The candidates for each person, in the order of the request."""

    people: list[PersonScores]
    unknown_ids: list[str]


class MapPoint(_Response):
    """A film's coordinates; `genre` is its first."""

    film_id: str
    title: str
    x: float
    y: float
    genre: str | None


class FilmMap(_Response):
    """The most rated films on a plane, within -1 to 1: neighbours are watched by the same people."""

    genres: list[str]
    points: list[MapPoint]


class Starters(_Response):
    """Films for a newcomer to rate."""

    items: list[FilmOut]


class GenreOut(_Response):
    """A genre, and the number of its films."""

    name: str
    films: int


class Genres(_Response):
    """All genres."""

    genres: list[GenreOut]


class UserOut(_Response):
    """A sample profile: the name is made of the favourite genres."""

    id: str
    name: str
    ratings: int
    favourite_genres: list[str]


class Users(_Response):
    """Sample profiles."""

    users: list[UserOut]


class Health(_Response):
    """The function runs."""

    status: Literal["ok"]
    release: str


class Ready(_Response):
    """The model on this machine, compared with Keras at export."""

    status: Literal["ready"]
    release: str
    runtime: str
    goldens: int
    max_star_error: float
    top10_agreement: float


class ReleaseOut(_Response):
    """The served release."""

    release: str
    created: str
    scale: RatingScale
    model: ModelFacts
    data: dict[str, object]
    metrics: dict[str, object]
