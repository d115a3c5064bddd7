"""Ratings of members for training: of those who agreed, under names that nobody can lead back to them."""

import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from function.members.documents import ACCOUNT, Json, decode
from function.members.films import PREFIX, Mark, marks_in
from function.members.opening import open_store
from function.members.store import BusyError, Document, StoreError
from training.data.dataset import Dataset
from training.data.errors import DataError


class Imported(NamedTuple):
    """What was written: the folder, and how much of it is members'."""

    folder: Path
    members: int
    ratings: int


@dataclass(frozen=True)
class Given:
    """A member who agreed, under the name of this import, and their ratings."""

    user: str
    ratings: tuple[Mark, ...]


def import_store(uri: str, dataset: Dataset, out: Path) -> Imported:
    """Write `dataset` with the ratings of members as ratings.parquet and films.parquet in `out`.

    Each import reads the store anew, so who deleted their account, or no longer agrees, is not in it. Ratings of films
    that `dataset` does not have, or off its scale, are left out. Raises DataError if the store cannot be read.
    """
    try:
        given = agreed(open_store(uri).scan(), secrets.token_bytes(32))
    except (StoreError, BusyError) as error:
        raise DataError(f"--store {uri}: {error}") from error
    films, ratings = _tables(dataset, given)
    out.mkdir(parents=True, exist_ok=True)
    for name, table in (("films", films), ("ratings", ratings)):
        part = out / f".{name}.part"
        table.to_parquet(part, index=False)
        part.replace(out / f"{name}.parquet")
    return Imported(out, len(given), len(ratings) - len(dataset.interactions))


def agreed(documents: Iterable[tuple[str, Document]], key: bytes) -> list[Given]:
    """The members who agreed, with their ratings. `key` makes their names; with a new one each time, nobody can tell
    who was whom in another import, nor who is whom in the store.
    """
    accounts: dict[str, Json] = {}
    buckets: defaultdict[str, list[Json]] = defaultdict(list)
    for member, document in documents:
        if document.name == ACCOUNT:
            accounts[member] = decode(document)
        elif document.name.startswith(PREFIX):
            buckets[member].append(decode(document))
    found = [
        Given(_pseudonym(key, member), tuple(marks_in(buckets[member]).rating))
        for member, account in accounts.items()
        if account.get("training") is True and "deleted" not in account
    ]
    return sorted((one for one in found if one.ratings), key=lambda one: one.user)


def _pseudonym(key: bytes, member: str) -> str:
    return "member-" + hmac.new(key, member.encode(), hashlib.sha256).hexdigest()[:16]


def _tables(dataset: Dataset, given: Iterable[Given]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Films and ratings with the names of columns that training/data/own.py knows."""
    catalog, rows, scale = dataset.catalog, dataset.interactions, dataset.scale
    films = pd.DataFrame(
        {
            "film": catalog.ids,
            "title": catalog.titles,
            "year": catalog.years,
            "genres": ["|".join(genres) for genres in catalog.genres],
            "tmdb_id": catalog.tmdb_ids,
            "imdb_id": catalog.imdb_ids,
        }
    )
    known = set(catalog.ids)
    steps = np.round(np.arange(scale.min, scale.max + scale.step / 2, scale.step), 6) if scale.step else None
    columns: dict[str, list[object]] = {"user": [], "film": [], "rating": [], "timestamp": []}
    for one in given:
        for mark in one.ratings:
            rating = mark.rating or 0.0
            on_scale = scale.min <= rating <= scale.max and (steps is None or bool(np.isin(round(rating, 6), steps)))
            if mark.film_id in known and on_scale:
                values = zip(columns.values(), (one.user, mark.film_id, rating, mark.time), strict=True)
                for column, value in values:
                    column.append(value)
    base = {
        "user": np.array(dataset.user_ids, object)[rows.users],
        "film": np.array(catalog.ids, object)[rows.films],
        "rating": rows.ratings.astype(np.float64),
    }
    if rows.timestamps is None:  # then times of some ratings alone would mean nothing
        del columns["timestamp"]
    else:
        base["timestamp"] = rows.timestamps
    return films, pd.concat([pd.DataFrame(base), pd.DataFrame(columns)], ignore_index=True)
