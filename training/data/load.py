"""A known data set by its name: brought here where it is not yet, and read."""

from training.data.dataset import Dataset
from training.data.fetch import fetch
from training.data.known import KNOWN
from training.data.movielens import read_movielens


def load(name: str, *, skip_bad_rows: bool = False) -> Dataset:
    """The known data set `name`, fetched where it is not here yet. Raises DataError."""
    folder = fetch(name)  # refuses a name that is not known
    return read_movielens(KNOWN[name], folder, skip_bad_rows=skip_bad_rows)
