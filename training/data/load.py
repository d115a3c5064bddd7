"""Load a known data set by name, downloading it first where it is missing."""

from training.data.dataset import Dataset
from training.data.fetch import fetch
from training.data.known import KNOWN
from training.data.movielens import read_movielens


def load(name: str, *, skip_bad_rows: bool = False) -> Dataset:
    """The known data set `name`, downloaded where it is missing. Raises DataError."""
    folder = fetch(name)  # raises for an unknown name
    return read_movielens(KNOWN[name], folder, skip_bad_rows=skip_bad_rows)
