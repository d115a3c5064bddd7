"""Made-up ratings of MovieLens's shape and of any number, in files: for measuring how a training grows.

training/data/synthetic.py makes ratings that a test can learn something from; here it is their number and their long
tails that must be right, since these decide what a training costs.
"""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from training.data.dataset import Interactions

GENRES: Final = (
    *("Drama", "Comedy", "Thriller", "Romance", "Action", "Crime", "Horror", "Documentary", "Adventure"),
    *("Sci-Fi", "Mystery", "Fantasy", "War", "Children", "Musical", "Animation", "Western", "Film-Noir"),
)  # the most frequent first
LEAST: Final = 20  # ratings of a person, as in MovieLens
SPREAD: Final = 1.1  # of the logarithm of a person's ratings
HEAVIEST: Final = 0.2  # share of the films that anybody has rated, at the most
TAIL, HEAD = 1.8, 200  # a film's popularity falls as (HEAD + place) ** -TAIL: Zipf's law with a blunt top (Mandelbrot)
TRAITS: Final = 8
CHUNK: Final = 1_000_000  # ratings that are drawn at once
DAY: Final = 86_400


def size(ratings: int) -> tuple[int, int]:
    """People and films of so many ratings: power laws through ml-1m (6,040 and 3,900) and ml-20m (138,000 and 27,000),
    and below ml-1m at its density."""
    millions = ratings / 1e6
    by_users, by_films = (1.045, 0.646) if millions > 1 else (0.5, 0.5)
    return round(6040 * millions**by_users), round(3900 * millions**by_films)


def draw(ratings: int, seed: int = 0) -> tuple[Interactions, NDArray[np.int64]]:
    """`ratings` ratings, sorted by person and film, and the first genre of each film [M]; the same for the same seed.

    Activity is log-normal, popularity Zipf-like, every pair of person and film comes once. Half of what people watch is
    of the genres that they like, and stars follow hidden traits, so that there is something to learn.
    """
    rng = np.random.default_rng(seed)
    n_users, n_films = size(ratings)
    genres = np.minimum(rng.geometric(0.16, n_films) - 1, len(GENRES) - 1)
    wanted = _activity(rng, ratings, n_users, n_films)
    tastes = np.cumsum(_tastes(rng, n_users, genres), 1).astype(np.float32)
    of_genres, shares = _popularity(rng, genres)
    pairs = np.empty(0, np.int64)
    for rounds in range(1000):
        missing = np.repeat(np.arange(n_users), wanted - np.bincount(pairs // n_films, minlength=n_users))
        if not len(missing):
            break
        drawn = [
            users * n_films + of_genres[_places(rng, tastes[users], shares, min(0.1 * rounds, 1.0))]
            for users in np.array_split(missing, -(-len(missing) // CHUNK))
        ]
        pairs = np.unique(np.concatenate((pairs, *drawn)))  # who has seen a film already draws again
    users, films = (codes.astype(np.int32) for codes in np.divmod(pairs, n_films))
    began = rng.integers(0, 3650, n_users) * DAY
    times = 1_000_000_000 + began[users] + rng.integers(0, 30 * DAY, ratings)
    return Interactions(users, films, _stars(rng, users, films, n_users, n_films), times), genres


def write(folder: Path, ratings: int, seed: int = 0) -> dict[str, int]:
    """Write ratings.parquet and films.parquet as a user's own files would be; returns how many there are of what."""
    rows, genres = draw(ratings, seed)
    columns = {"user_id": rows.users + 1, "film_id": 2 * rows.films + 1, "rating": rows.ratings}
    pa.parquet.write_table(pa.table({**columns, "timestamp": rows.timestamps}), folder / "ratings.parquet")
    rng = np.random.default_rng(seed)
    codes = np.arange(len(genres))
    also = rng.integers(0, len(GENRES), len(genres))
    films = {
        "film_id": 2 * codes + 1,
        "title": [f"Film {code}" for code in codes],
        "year": 2016 - np.minimum(rng.geometric(0.05, len(genres)), 90),
        "genres": [
            GENRES[first] if first == other else f"{GENRES[first]}|{GENRES[other]}"
            for first, other in zip(genres, also, strict=True)
        ],
    }
    pa.parquet.write_table(pa.table(films), folder / "films.parquet")
    return {"ratings": ratings, "users": int(rows.users[-1]) + 1, "films": len(genres)}


def _activity(rng: np.random.Generator, ratings: int, n_users: int, n_films: int) -> NDArray[np.int64]:
    """How many ratings each person gives, [U]; their sum is `ratings`."""
    most = max(1, int(HEAVIEST * n_films))
    least = min(LEAST, most, ratings // n_users)
    weights = rng.lognormal(0, SPREAD, n_users)
    counts = np.full(n_users, least, np.int64)
    while (left := ratings - int(counts.sum())) > 0:
        free = np.flatnonzero(counts < most)
        more = np.minimum((left * weights[free] / weights[free].sum()).astype(np.int64), most - counts[free])
        if not more.any():  # a few are left of rounding down
            more = (rng.permutation(len(free)) < left).astype(np.int64)
        counts[free] += more
    return counts


def _tastes(rng: np.random.Generator, n_users: int, genres: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of what people watch, the shares of the genres, [U, G]; genres without films have none."""
    films = np.bincount(genres, minlength=len(GENRES)).astype(np.float64)
    own = rng.gamma(0.1, 1, (n_users, len(GENRES))) * (films > 0) + 1e-9 * films
    tastes: NDArray[np.float64] = 0.5 * own / own.sum(1, keepdims=True) + 0.5 * films / films.sum()
    return tastes


def _popularity(rng: np.random.Generator, genres: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The films by genre [M], and at each one the genre's code plus the cumulative share of its films so far [M]."""
    n_films = len(genres)
    # As in MovieLens, what everybody knows has mostly low ids.
    place = np.argsort(np.argsort((1 + np.arange(n_films)) * rng.lognormal(0, 1, n_films)))
    weights = (min(HEAD, n_films / 10) + place) ** -TAIL
    of_genres = np.argsort(genres, kind="stable")
    sums = np.bincount(genres, weights, len(GENRES))[genres[of_genres]]
    cumulative = np.cumsum(weights[of_genres] / sums)  # each genre's films add up to 1
    rank_of_genre = np.unique(genres[of_genres], return_inverse=True)[1]
    return of_genres, cumulative - rank_of_genre + genres[of_genres]


def _places(
    rng: np.random.Generator, tastes: NDArray[np.float32], shares: NDArray[np.float64], anything: float
) -> NDArray[np.int64]:
    """A film for each of the cumulative `tastes` [B, G], as places in `shares`; `anything` is the share of these that
    is taken from all films alike: who has seen what is popular goes on to the rest."""
    n = len(tastes)
    genre = np.minimum((rng.random(n, np.float32)[:, None] >= tastes).sum(1), len(GENRES) - 1)
    by_taste = np.minimum(np.searchsorted(shares, genre + rng.random(n), side="right"), len(shares) - 1)
    return np.where(rng.random(n) < anything, rng.integers(0, len(shares), n), by_taste)


def _stars(
    rng: np.random.Generator, users: NDArray[np.int32], films: NDArray[np.int32], n_users: int, n_films: int
) -> NDArray[np.float32]:
    """Half stars: a film's quality, a person's mildness, how well they fit, and noise."""
    quality, mildness = rng.normal(3.4, 0.4, n_films), rng.normal(0, 0.4, n_users)
    likes = rng.normal(0, 0.45, (n_users, TRAITS)).astype(np.float32)
    has = rng.normal(0, 0.45, (n_films, TRAITS)).astype(np.float32)
    stars = quality[films] + mildness[users] + rng.normal(0, 0.7, len(users))
    for start in range(0, len(users), CHUNK):
        some = slice(start, start + CHUNK)
        stars[some] += np.einsum("rd,rd->r", likes[users[some]], has[films[some]])
    return (np.clip(np.rint(2 * stars), 1, 10) / 2).astype(np.float32)
