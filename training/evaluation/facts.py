"""Facts about the data, and about the machine and the versions of a measurement."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from training.data.dataset import Dataset

PACKAGES: Final = ("tensorflow", "keras", "numpy", "pandas", "scikit-learn", "scipy")


def data_facts(dataset: Dataset) -> dict[str, Any]:
    """Facts about the data."""
    rows = dataset.interactions
    stars, counts = np.unique(rows.ratings, return_counts=True)
    by_user, by_film = (np.bincount(column)[np.unique(column)] for column in (rows.users, rows.films))
    return {
        "name": dataset.name,
        "sha256": dataset.sha256,
        "terms": dataset.terms,
        "public": dataset.public,
        "ratings": len(rows),
        "users": dataset.n_users,
        "films": dataset.n_films,
        "rated_films": len(by_film),
        "genres": len(dataset.catalog.genre_names),
        "scale": dataset.scale.model_dump(),
        "mean": float(rows.ratings.mean()),
        "median_ratings_of_a_user": float(np.median(by_user)),
        "median_ratings_of_a_film": float(np.median(by_film)),
        "histogram": dict(zip(map(float, stars), map(int, counts), strict=True)),
    }


def environment_facts() -> dict[str, Any]:
    """The date, machine and versions of a measurement."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
    }
