"""Generated ratings in any number, shaped like MovieLens, as files: for measuring how training scales.

The ratings of training/data/synthetic.py have structure for a test to learn. Here the sizes and the long tails matter,
since they decide what training costs.
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
)  # most frequent first
MIN_RATINGS: Final = 20  # per user, as in MovieLens
SIGMA: Final = 1.1  # of the log-normal number of ratings per user
MAX_SHARE: Final = 0.2  # of the films that one user rates
TAIL, HEAD = 1.8, 200  # popularity is (HEAD + rank) ** -TAIL, the Zipf-Mandelbrot law
FACTORS: Final = 8
CHUNK: Final = 1_000_000  # ratings drawn at once
DAY: Final = 86_400
ML_32M: Final = 32_000_000
SIZES: Final = {ML_32M: (200_948, 84_432)}  # of MovieLens's largest set, which has far more films than its forerunners


def size(ratings: int) -> tuple[int, int]:
    """Numbers of users and films: those of ml-32m for as many ratings; else power laws through ml-1m (6,040 and 3,900)
    and ml-20m (138,000 and 27,000). Smaller sets have the density of ml-1m."""
    if ratings in SIZES:
        return SIZES[ratings]
    millions = ratings / 1e6
    by_users, by_films = (1.045, 0.646) if millions > 1 else (0.5, 0.5)
    return round(6040 * millions**by_users), round(3900 * millions**by_films)


def draw(ratings: int, seed: int = 0) -> tuple[Interactions, NDArray[np.int64]]:
    """`ratings` ratings, sorted by user and film, and the first genre of each film [M]; the same for the same seed.

    Activity is log-normal, popularity Zipf-like, and each pair of user and film occurs once. Half of what users watch
    comes from their favourite genres, and stars follow latent factors, so there is something to learn.
    """
    rng = np.random.default_rng(seed)
    n_users, n_films = size(ratings)
    genres = np.minimum(rng.geometric(0.16, n_films) - 1, len(GENRES) - 1)
    wanted = _activity(rng, ratings, n_users, n_films)
    tastes = np.cumsum(_tastes(rng, n_users, genres), 1).astype(np.float32)
    of_genres, shares = _popularity(rng, genres)
    pairs, has = np.empty(0, np.int64), np.zeros(n_users, np.int64)
    for rounds in range(1000):
        missing = np.repeat(np.arange(n_users), wanted - has)
        if not len(missing):
            break
        drawn = [
            users * n_films + of_genres[_draw_films(rng, tastes[users], shares, min(0.1 * rounds, 1.0))]
            for users in np.array_split(missing, -(-len(missing) // CHUNK))
        ]
        new = np.unique(np.concatenate(drawn))  # pairs that repeat are drawn again
        new = new[~_contained(new, pairs)]
        has += np.bincount(new // n_films, minlength=n_users)
        pairs = np.sort(np.concatenate((pairs, new)), kind="stable")  # which merges what is sorted already
    users, films = (codes.astype(np.int32) for codes in np.divmod(pairs, n_films))
    joined = rng.integers(0, 3650, n_users) * DAY
    times = 1_000_000_000 + joined[users] + rng.integers(0, 30 * DAY, ratings)
    return Interactions(users, films, _stars(rng, users, films, n_users, n_films), times), genres


def write(folder: Path, ratings: int, seed: int = 0) -> dict[str, int]:
    """Write ratings.parquet and films.parquet in the layout of a user's own files; returns the counts."""
    rows, genres = draw(ratings, seed)
    columns = {"user_id": rows.users + 1, "film_id": 2 * rows.films + 1, "rating": rows.ratings}
    pa.parquet.write_table(pa.table({**columns, "timestamp": rows.timestamps}), folder / "ratings.parquet")
    rng = np.random.default_rng(seed)
    codes = np.arange(len(genres))
    second = rng.integers(0, len(GENRES), len(genres))
    films = {
        "film_id": 2 * codes + 1,
        "title": [f"Film {code}" for code in codes],
        "year": 2016 - np.minimum(rng.geometric(0.05, len(genres)), 90),
        "genres": [
            GENRES[one] if one == two else f"{GENRES[one]}|{GENRES[two]}"
            for one, two in zip(genres, second, strict=True)
        ],
    }
    pa.parquet.write_table(pa.table(films), folder / "films.parquet")
    return {"ratings": ratings, "users": int(rows.users[-1]) + 1, "films": len(genres)}


def _contained(values: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of `values` are in the sorted `among`."""
    places = np.searchsorted(among, values)
    found = np.zeros(len(values), np.bool_)
    inside = places < len(among)
    found[inside] = among[places[inside]] == values[inside]
    return found


def _activity(rng: np.random.Generator, ratings: int, n_users: int, n_films: int) -> NDArray[np.int64]:
    """The number of ratings of each user [U]; they add up to `ratings`."""
    upper = max(1, int(MAX_SHARE * n_films))
    lower = min(MIN_RATINGS, upper, ratings // n_users)
    weights = rng.lognormal(0, SIGMA, n_users)
    counts = np.full(n_users, lower, np.int64)
    while (left := ratings - int(counts.sum())) > 0:
        free = np.flatnonzero(counts < upper)
        more = np.minimum((left * weights[free] / weights[free].sum()).astype(np.int64), upper - counts[free])
        if not more.any():  # a few are left over from rounding down
            more = (rng.permutation(len(free)) < left).astype(np.int64)
        counts[free] += more
    return counts


def _tastes(rng: np.random.Generator, n_users: int, genres: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of each genre in what each user watches [U, G]; 0 for genres without films."""
    films = np.bincount(genres, minlength=len(GENRES)).astype(np.float64)
    own = rng.gamma(0.1, 1, (n_users, len(GENRES))) * (films > 0) + 1e-9 * films
    tastes: NDArray[np.float64] = 0.5 * own / own.sum(1, keepdims=True) + 0.5 * films / films.sum()
    return tastes


def _popularity(rng: np.random.Generator, genres: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The films sorted by genre [M], and for each the genre's index plus the cumulative share within the genre [M]."""
    n_films = len(genres)
    # As in MovieLens, popular films mostly have low ids.
    rank = np.argsort(np.argsort((1 + np.arange(n_films)) * rng.lognormal(0, 1, n_films)))
    weights = (min(HEAD, n_films / 10) + rank) ** -TAIL
    of_genres = np.argsort(genres, kind="stable")
    sums = np.bincount(genres, weights, len(GENRES))[genres[of_genres]]
    cumulative = np.cumsum(weights[of_genres] / sums)  # the films of a genre add up to 1
    rank_of_genre = np.unique(genres[of_genres], return_inverse=True)[1]
    return of_genres, cumulative - rank_of_genre + genres[of_genres]


def _draw_films(
    rng: np.random.Generator, tastes: NDArray[np.float32], shares: NDArray[np.float64], uniform: float
) -> NDArray[np.int64]:
    """Draw a film for each row of the cumulative `tastes` [B, G], as an index into `shares`. A share `uniform` of them
    is drawn from all films alike, since users who have seen the popular films go on to the rest."""
    n = len(tastes)
    genre = np.minimum((rng.random(n, np.float32)[:, None] >= tastes).sum(1), len(GENRES) - 1)
    by_taste = np.minimum(np.searchsorted(shares, genre + rng.random(n), side="right"), len(shares) - 1)
    return np.where(rng.random(n) < uniform, rng.integers(0, len(shares), n), by_taste)


def _stars(
    rng: np.random.Generator, users: NDArray[np.int32], films: NDArray[np.int32], n_users: int, n_films: int
) -> NDArray[np.float32]:
    """Half stars: film bias, user bias, a product of latent factors, and noise."""
    film_bias, user_bias = rng.normal(3.4, 0.4, n_films), rng.normal(0, 0.4, n_users)
    user_factors = rng.normal(0, 0.45, (n_users, FACTORS)).astype(np.float32)
    film_factors = rng.normal(0, 0.45, (n_films, FACTORS)).astype(np.float32)
    stars = film_bias[films] + user_bias[users] + rng.normal(0, 0.7, len(users))
    for start in range(0, len(users), CHUNK):
        chunk = slice(start, start + CHUNK)
        stars[chunk] += np.einsum("rd,rd->r", user_factors[users[chunk]], film_factors[films[chunk]])
    return (np.clip(np.rint(2 * stars), 1, 10) / 2).astype(np.float32)
