"""Splits hold out what they say, never leak, and are the same for the same seed."""

from dataclasses import replace

import numpy as np
import pytest

from training.data import Dataset
from training.protocols import Protocol, parts
from training.splits import SplitError, folds, held_out_users, random_split, three_way, time_split, user_split


def test_random_split_is_seeded(dataset: Dataset) -> None:
    rows = dataset.interactions
    mask = random_split(rows, 0.1, 7)
    assert mask.sum() == round(0.1 * len(rows))
    assert np.array_equal(mask, random_split(rows, 0.1, 7))
    assert not np.array_equal(mask, random_split(rows, 0.1, 8))


def test_time_split_holds_out_the_future_only(dataset: Dataset) -> None:
    rows = dataset.interactions
    assert rows.timestamps is not None
    shuffled = rows.take(np.random.default_rng(0).permutation(len(rows)))
    assert shuffled.timestamps is not None
    mask = time_split(shuffled, 0.1)
    assert mask.sum() == round(0.1 * len(rows))
    assert shuffled.timestamps[mask].min() >= shuffled.timestamps[~mask].max()


def test_without_times_there_is_no_time_split(dataset: Dataset) -> None:
    with pytest.raises(SplitError, match="no timestamps"):
        time_split(replace(dataset.interactions, timestamps=None), 0.1)


def test_folds_hold_out_everything_once(dataset: Dataset) -> None:
    total = sum(mask.astype(int) for mask in folds(dataset.interactions, 5, 0))
    assert np.array_equal(total, np.ones(len(dataset.interactions)))


def test_user_split_takes_its_share_of_everybody(dataset: Dataset) -> None:
    rows = dataset.interactions
    mask = user_split(rows, 0.25, 0)
    sizes = np.bincount(rows.users)
    assert np.array_equal(np.bincount(rows.users[mask], minlength=len(sizes)), np.rint(0.25 * sizes))


def test_three_way_is_disjoint_and_reaches_everybody(dataset: Dataset) -> None:
    validation, test = three_way(dataset.interactions, 0)
    assert not (validation & test).any()
    sizes = np.bincount(dataset.interactions.users)
    assert np.array_equal(np.unique(dataset.interactions.users[test]), np.flatnonzero(sizes >= 2))


def test_held_out_users_are_held_out_whole(dataset: Dataset) -> None:
    rows = dataset.interactions
    mask = held_out_users(rows, 0.2, 0)
    assert not set(rows.users[mask]) & set(rows.users[~mask])
    assert len(set(rows.users[mask])) == round(0.2 * dataset.n_users)


@pytest.mark.parametrize("protocol", ["random", "time", "kfold", "ranking", "recbole", "new_users"])
def test_no_protocol_shows_the_model_what_it_has_to_predict(protocol: Protocol, dataset: Dataset) -> None:
    for run in parts(dataset, protocol, 0):
        held_out = set(zip(run.held_out.users, run.held_out.films, strict=True))
        assert held_out
        for known in (run.train, run.seen, run.given, run.validation):
            if known is not None:
                assert not held_out & set(zip(known.users, known.films, strict=True))
        assert set(zip(run.relevant.users, run.relevant.films, strict=True)) <= held_out
