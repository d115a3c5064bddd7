"""Synthetic ratings with structure to learn: users have tastes, films have genres. For tests and benchmarks."""

import numpy as np

from function.bundle.format import RatingScale
from training.data.dataset import Catalog, Dataset, Interactions

GENRES = ("Action", "Animation", "Comedy", "Crime", "Documentary", "Drama", "Horror", "Romance", "Sci-Fi", "War")
_FIRST = ("Silent", "Last", "Golden", "Lost", "Broken", "Distant", "Red", "Quiet", "Burning", "Hidden", "Paper", "Blue")
_SECOND = ("River", "Night", "Garden", "Road", "Winter", "Harbour", "Letter", "Mountain", "Mirror", "Summer", "Train")
DAY = 86_400


def synthetic(users: int = 80, films: int = 120, ratings: int = 4000, *, seed: int = 0, step: float = 1.0) -> Dataset:
    """About `ratings` ratings on a scale of 1 to 5 (0.5 to 5 where `step` is 0.5), vectorised: 20M take a minute.

    A rating is the film's quality, plus how well the user's taste fits its genres and two latent traits, plus noise of
    half a star. Popular films are watched more (Zipf), and users watch what they like. The last film has no ratings.
    """
    rng = np.random.default_rng(seed)
    hot = rng.random((films, len(GENRES))) < 0.18
    hot[np.arange(films), rng.integers(0, len(GENRES), films)] = True
    traits = np.hstack((hot.astype(np.float32), rng.normal(0, 1, (films, 2)).astype(np.float32)))
    tastes = rng.normal(0, 0.45, (users, traits.shape[1])).astype(np.float32)
    quality = rng.normal(3.4, 0.4, films).astype(np.float32)
    popularity = 1 / np.arange(1, films) ** 0.7
    # Draw twice as many as needed and keep them by liking: users tend not to watch films they would dislike.
    drawn = 2 * ratings
    who = rng.integers(0, users, drawn).astype(np.int32)
    what = rng.choice(films - 1, drawn, p=popularity / popularity.sum()).astype(np.int32)
    fit = np.einsum("rd,rd->r", tastes[who], traits[what]) + quality[what]
    kept = np.flatnonzero(rng.random(drawn) < 1 / (1 + np.exp(3 - fit)))
    _, first = np.unique(who[kept].astype(np.int64) * films + what[kept], return_index=True)
    rows = np.sort(kept[first])[:ratings]
    stars = fit[rows] + rng.normal(0, 0.5, len(rows))
    scale = RatingScale(min=step, max=5, step=step)
    known, indices = np.unique(who[rows], return_inverse=True)
    interactions = Interactions(
        indices.astype(np.int32),
        what[rows],
        np.clip(np.rint(stars / step) * step, scale.min, scale.max).astype(np.float32),
        np.sort(rng.integers(0, 365 * DAY, len(rows))).astype(np.int64) + 1_000_000_000,
    )
    catalog = Catalog(
        ids=tuple(str(3 * film + 1) for film in range(films)),  # ids differ from indices, so that mixing them up shows
        titles=tuple(
            f"{_FIRST[film % len(_FIRST)]} {_SECOND[film // 3 % len(_SECOND)]} {film}" for film in range(films)
        ),
        years=rng.integers(1930, 2024, films).astype(np.int32),
        genres=tuple(tuple(genre for genre, has in zip(GENRES, row, strict=True) if has) for row in hot),
        tmdb_ids=np.zeros(films, np.int64),
        imdb_ids=("",) * films,
    )
    return Dataset("synthetic", interactions, catalog, tuple(f"u{user}" for user in known), scale, "synthetic")
