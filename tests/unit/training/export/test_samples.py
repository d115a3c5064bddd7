"""Sample profiles are people with different favourites."""

import numpy as np
import pytest

from training.export.samples import POOL, SAMPLES, choose_samples

GENRES, FILMS = 8, 160


def liking(user: int) -> tuple[np.ndarray, np.ndarray]:
    """Somebody who likes the films of one genre, and dislikes as many of the next."""
    genre, count = user % GENRES, 3 + user % 17
    films = np.concatenate([np.arange(count) * GENRES + (genre + step) % GENRES for step in (0, 1)]).astype(np.int32)
    return films, np.repeat([5, 1], count).astype(np.float32)


@pytest.mark.parametrize("n_users", [1, 5, 40, 1000])
def test_samples_have_every_favourite_before_any_twice(n_users: int) -> None:
    genres = np.arange(FILMS)[:, None] % GENRES == np.arange(GENRES)
    chosen = choose_samples(n_users, liking, genres, np.full(FILMS, 3))
    assert len(chosen) == len({*chosen}) == min(n_users, SAMPLES)
    assert len({user % GENRES for user in chosen[:GENRES]}) == min(n_users, GENRES)
    assert chosen == choose_samples(n_users, liking, genres, np.full(FILMS, 3))
    # Those with a history of medium length come first.
    longest = max(user % 17 for user in range(min(n_users, POOL)))
    assert chosen[0] % 17 >= longest - 1


def test_films_without_genres_have_samples_as_well() -> None:
    assert len(choose_samples(20, liking, np.zeros((FILMS, 0), np.bool_), np.full(FILMS, 3))) == SAMPLES
