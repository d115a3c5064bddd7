"""What the routes of members take."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from function.api.requests import MAX_PAGE, FilterQuery, Id, Share
from function.recommending.recommender import Sort

MAX_BULK: Final = 5000  # ratings of a merge, rows of an import
MAX_NAME: Final = 80

Stars = Annotated[float, Field(strict=True)]
Time = Annotated[int, Field(ge=0, le=253_402_300_799, strict=True, description="Seconds since 1970")]
Cursor = Annotated[str | None, Field(max_length=2000, description="`next_cursor` of the page before")]
Ids = Annotated[list[Id], Field(max_length=MAX_BULK)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class KeptQuery(_Request):
    """A page of what is kept."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: Cursor = None


class HistoryQuery(_Request):
    """A page of what was shown."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    cursor: Cursor = None


class NewRating(_Request):
    """A rating, on the scale of GET /api/release; `rated_at` is now by default."""

    rating: Stars
    rated_at: Time | None = None


class MergedRating(_Request):
    """A rating of a browser."""

    film_id: Id
    rating: Stars
    rated_at: Time | None = None


class Merge(_Request):
    """What a browser has kept for a visitor who has signed in."""

    ratings: Annotated[list[MergedRating], Field(max_length=MAX_BULK)] = []
    list: Ids = []
    not_interested: Ids = []


class ImportRow(_Request):
    """A row of another service's file; `rating` is on that service's scale."""

    title: Annotated[str, Field(max_length=300)] = ""
    year: Annotated[int | None, Field(ge=0, le=9999)] = None
    tmdb_id: Annotated[int | None, Field(ge=0, le=2**53)] = None
    imdb_id: Annotated[str | None, Field(max_length=20)] = None
    film_id: Annotated[str | None, Field(max_length=100)] = None
    rating: Stars
    rated_at: Time | None = None


class Import(_Request):
    """A file of another service, as rows."""

    source: Literal["letterboxd", "imdb", "movielens", "export"]
    rows: Annotated[list[ImportRow], Field(max_length=MAX_BULK)]


class Consent(_Request):
    """Whether the member's ratings may be trained on."""

    training: Annotated[bool, Field(strict=True)]


class ShelfFilters(FilterQuery):
    """Which films a saved shelf has, and in which order."""

    sort: Sort = "relevance"
    personalisation: Share = 0.0
    diversity: Share = 0.0
    limit: Annotated[int, Field(ge=1, le=40, description="Films on the shelf, at most")] = 20


class NewShelf(_Request):
    """A shelf to save."""

    name: Name
    filters: ShelfFilters = ShelfFilters()


class RenamedShelf(_Request):
    """A saved shelf's new name."""

    name: Name


class ExportQuery(_Request):
    """The form of an export."""

    format: Annotated[Literal["json", "csv"], Field(description="csv has the ratings only")] = "json"
