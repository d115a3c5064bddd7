"""What the routes of members answer."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from function.api.responses import FilmOut, RecommendationOut


class _Response(BaseModel):
    model_config = ConfigDict(defer_build=True)


class Me(_Response):
    """An account, and how much is kept in it. `name` is the token's, and is not kept."""

    name: str | None = None
    ratings: int
    list: int
    not_interested: int
    shelves: int
    training: bool


class RatingOut(_Response):
    """A rating; `rated_at` in seconds since 1970, `version` for If-Match."""

    film_id: str
    rating: float
    rated_at: int
    version: int


class RatingsPage(_Response):
    """Ratings, the latest first."""

    items: list[RatingOut]
    next_cursor: str | None


class EntryOut(_Response):
    """A film on a list."""

    film_id: str
    added_at: int
    version: int


class EntriesPage(_Response):
    """Films on a list, the latest first."""

    items: list[EntryOut]
    next_cursor: str | None


class OneRating(_Response):
    """A rating in a conflict; the time is null where it is not known."""

    rating: float
    rated_at: int | None


class Conflict(_Response):
    """Two ratings of one film."""

    film_id: str
    kept: OneRating
    other: OneRating


class Merged(_Response):
    """`merged` counts what changed; `undo` is for POST /api/me/undo/{id}, null if nothing changed."""

    merged: int
    conflicts: list[Conflict]
    undo: str | None


class Undone(_Response):
    """Films that have what they had before the merge, and films kept as they are because they changed since."""

    restored: int
    kept: int


class Unmatched(_Response):
    """A row that was not imported: its position, why, and the films it could be."""

    row: int
    title: str
    year: int | None
    reason: Literal["no such film", "several films", "not on the scale", "the film is named twice"]
    candidates: list[FilmOut]


class MatchedBy(_Response):
    """Rows by what they were matched by."""

    film_id: int
    tmdb: int
    imdb: int
    title: int


class Imported(Merged):
    """An import: a merge of the rows that were matched, and the rows that were not."""

    matched: int
    matched_by: MatchedBy
    unmatched: list[Unmatched]


class ShelfOut(_Response):
    """A saved shelf: `films` as they were in `release`."""

    id: str
    name: str
    filters: dict[str, Any]
    release: str
    created: int
    version: int
    films: list[RecommendationOut]


class Shelves(_Response):
    """All saved shelves, the latest first."""

    items: list[ShelfOut]


class ShelfToday(_Response):
    """What a saved shelf would have today; `new_ids` are the films it did not have."""

    release: str
    films: list[RecommendationOut]
    new_ids: list[str]


class Shown(_Response):
    """Films that were shown together."""

    shown_at: int
    kind: str
    release: str
    film_ids: list[str]


class HistoryPage(_Response):
    """What was shown, the latest day first."""

    items: list[Shown]
    next_cursor: str | None


class GenreTaste(_Response):
    """A genre: how many films of it the member liked, and their share over that among everybody's ratings."""

    name: str
    liked: int
    lift: float


class WeightyRating(_Response):
    """A rating, and its share in what ranks the member's list."""

    film: FilmOut
    rating: float
    rated_at: int
    version: int
    share: float


class ProfileOut(_Response):
    """What the ratings say of a member."""

    ratings: int
    average: float | None
    genres: list[GenreTaste]
    weightiest: list[WeightyRating]
