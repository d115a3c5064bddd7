"""What a person's ratings say of their taste: favourite genres."""

import numpy as np
from numpy.typing import NDArray


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


def favourite_genres(likes: NDArray[np.floating], prior: NDArray[np.floating], n: int = 3) -> list[int]:
    """Up to n genres of which a person liked films, by `genre_lift` of `likes` [G] over `prior` [G]."""
    order = np.argsort(-genre_lift(likes, prior), kind="stable")
    return [int(genre) for genre in order[:n] if likes[genre] > 0]
