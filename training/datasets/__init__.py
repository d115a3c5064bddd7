"""Readers: everything that turns files into a `training.data.Dataset`."""

from training.data import Dataset
from training.datasets.errors import DataError
from training.datasets.fetch import fetch
from training.datasets.known import KNOWN
from training.datasets.movielens import read_movielens
from training.datasets.own import ColumnMap, load_files

__all__ = ["KNOWN", "ColumnMap", "DataError", "fetch", "load", "load_files"]


def load(name: str, *, skip_bad_rows: bool = False) -> Dataset:
    """The known data set `name`, fetched where it is not here yet. Raises DataError."""
    folder = fetch(name)  # refuses a name that is not known
    return read_movielens(KNOWN[name], folder, skip_bad_rows=skip_bad_rows)
