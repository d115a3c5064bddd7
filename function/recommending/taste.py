"""Favourite genres, and sample profiles: known users with different favourites."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import Bundle


@dataclass(frozen=True)
class Profile:
    """A known user who is shown as a sample."""

    user: int
    ratings: int
    favourite_genres: tuple[str, ...]


def liked(ratings: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of a person's `ratings` [n] are at or above their mean."""
    likes: NDArray[np.bool_] = ratings >= ratings.mean() if len(ratings) else np.zeros(0, np.bool_)
    return likes


def genre_lift(likes: NDArray[np.floating], prior: NDArray[np.floating]) -> NDArray[np.floating]:
    """The share of each genre among liked films, divided by its share among everybody's.

    Lift, not count, or everybody's favourite would be drama. Damped, so that one western among three films does not
    make a fan of westerns. `likes` [..., G] counts a person's liked films, `prior` [G] are shares that add up to 1.
    """
    lift: NDArray[np.floating] = (likes + 10 * prior) / (likes.sum(-1, keepdims=True) + 10) / np.maximum(prior, 1e-9)
    return lift


def choose_profiles(bundle: Bundle, genres: NDArray[np.bool_], limit: int = 12, pool: int = 300) -> Iterable[Profile]:
    """Up to `limit` of `pool` users: first those whose favourite genre nobody before them has, then others."""
    if not bundle.users:
        return
    sample = np.unique(np.linspace(0, len(bundle.users) - 1, min(pool, len(bundle.users))).astype(int))
    shares, sizes = [], []
    for user in sample:
        films, ratings = bundle.known_users.histories.of(user)
        shares.append(genres[films[liked(ratings)]].sum(0) + 0.0)
        sizes.append(len(films))
    likes = np.array(shares)  # [P, G]
    lift = genre_lift(likes, likes.sum(0) / max(likes.sum(), 1))
    favourites = np.argsort(-lift, axis=1, kind="stable")[:, :3]
    # Histories of medium length first: neither newcomers nor people who have seen everything.
    by_length = np.argsort(np.abs(np.log1p(sizes) - np.log1p(80)), kind="stable")
    chosen: list[int] = []
    for repeats in range(limit):
        taken = [favourites[row, 0] for row in chosen]
        for row in by_length:
            if len(chosen) < limit and row not in chosen and taken.count(favourites[row, 0]) <= repeats:
                chosen.append(row)
                taken.append(favourites[row, 0])
    for row in chosen:
        names = tuple(bundle.genres[genre] for genre in favourites[row] if likes[row, genre] > 0)
        yield Profile(int(sample[row]), sizes[row], names)
