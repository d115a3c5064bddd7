"""Which genres somebody likes more than others do, and the known users whose tastes show that best."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import Bundle


@dataclass(frozen=True)
class Profile:
    """A known user who is shown as a sample."""

    code: int
    ratings: int
    favourite_genres: tuple[str, ...]


def liked(ratings: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of somebody's `ratings` [n] are at or above that person's mean."""
    likes: NDArray[np.bool_] = ratings >= ratings.mean() if len(ratings) else np.zeros(0, np.bool_)
    return likes


def genre_lift(likes: NDArray[np.floating], prior: NDArray[np.floating]) -> NDArray[np.floating]:
    """How much larger a share each genre takes of liked films than of everybody's: 1 is as usual.

    Lift, not count, or everybody would be a drama fan. Damped, so that one western among three films does not make a
    fan of westerns. `likes` [..., G] counts a person's liked films, `prior` [G] are shares that add up to 1.
    """
    lift: NDArray[np.floating] = (likes + 10 * prior) / (likes.sum(-1, keepdims=True) + 10) / np.maximum(prior, 1e-9)
    return lift


def choose_profiles(bundle: Bundle, genres: NDArray[np.bool_], limit: int = 12, pool: int = 300) -> Iterable[Profile]:
    """Users whose favourite genre nobody chosen before them has, then others, from `pool` users spread over all."""
    spread = np.unique(np.linspace(0, len(bundle.users) - 1, min(pool, len(bundle.users))).astype(int))
    shares, sizes = [], []
    for user in spread:
        films, ratings = bundle.known_users.histories.of(user)
        shares.append(genres[films[liked(ratings)]].sum(0) + 0.0)
        sizes.append(len(films))
    likes = np.array(shares)  # [P, G]
    lift = genre_lift(likes, likes.sum(0) / max(likes.sum(), 1))
    favourites = np.argsort(-lift, axis=1, kind="stable")[:, :3]
    # Histories of a usual length first: neither a newcomer nor somebody who has seen everything.
    usual = np.argsort(np.abs(np.log1p(sizes) - np.log1p(80)), kind="stable")
    chosen: list[int] = []
    for repeats in range(limit):
        taken = [favourites[row, 0] for row in chosen]
        for row in usual:
            if len(chosen) < limit and row not in chosen and taken.count(favourites[row, 0]) <= repeats:
                chosen.append(row)
                taken.append(favourites[row, 0])
    for row in chosen:
        names = tuple(bundle.genres[genre] for genre in favourites[row] if likes[row, genre] > 0)
        yield Profile(int(spread[row]), sizes[row], names)
