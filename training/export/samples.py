"""Sample profiles: known users with different favourite genres, for a visitor to look at."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from function.recommending.taste import genre_lift, liked

SAMPLES: Final = 12
POOL: Final = 300  # users, among whom they are chosen
TYPICAL: Final = 80  # ratings

History = tuple[NDArray[np.int32], NDArray[np.float32]]  # film indices [n] and stars [n]


def choose_samples(
    n_users: int, history_of: Callable[[int], History], genres: NDArray[np.bool_], counts: NDArray[np.integer]
) -> list[int]:
    """Up to SAMPLES of POOL users: first those whose favourite genre nobody before them has, then others.

    `history_of` is of a user by index; `genres` [M, G] and `counts` of ratings [M] are those of the films.
    """
    pool = np.unique(np.linspace(0, n_users - 1, min(POOL, n_users)).astype(int))
    histories = [history_of(int(user)) for user in pool]
    likes = np.array([genres[films[liked(ratings)]].sum(0) for films, ratings in histories]) + 0.0
    everybody = counts @ genres
    lift = genre_lift(likes, everybody / max(everybody.sum(), 1))
    favourites = lift.argmax(1) if genres.shape[1] else np.zeros(len(pool), np.int64)
    # Histories of medium length first: neither newcomers nor people who have seen everything.
    sizes = np.array([len(films) for films, _ in histories])
    by_length = np.argsort(np.abs(np.log1p(sizes) - np.log1p(TYPICAL)), kind="stable")
    chosen: list[int] = []
    for repeats in range(SAMPLES):
        taken = [favourites[row] for row in chosen]
        for row in by_length:
            if len(chosen) < SAMPLES and row not in chosen and taken.count(favourites[row]) <= repeats:
                chosen.append(row)
                taken.append(favourites[row])
    return [int(pool[row]) for row in chosen]
