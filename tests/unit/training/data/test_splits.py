"""Splits: which ratings are held out, how many, and that the parts are disjoint."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data.dataset import Dataset, Interactions
from training.data.splits import (
    Mask,
    SplitError,
    evenly_spaced,
    first_ratings,
    folds,
    held_out_users,
    hold_out,
    random_split,
    some_users,
    three_way,
    time_split,
    user_split,
)
from training.data.synthetic import synthetic
from training.evaluation.protocols import DESCRIPTIONS, Parts, Protocol, liked, parts


@pytest.fixture(scope="module")
def rows() -> Interactions:
    return synthetic(users=60, films=80, ratings=1500).interactions


def of_lengths(lengths: list[int]) -> Interactions:
    """Users with the given numbers of ratings, in shuffled order."""
    users = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    films = np.concatenate([np.arange(length, dtype=np.int32) for length in lengths])
    order = np.random.default_rng(0).permutation(len(users))
    return Interactions(users[order], films[order], np.ones(len(users), np.float32))


def counted(rows: Interactions, mask: Mask, users: int) -> list[int]:
    return [int(number) for number in np.bincount(rows.users[mask], minlength=users)]


def test_random_split_holds_out_its_share_and_follows_its_seed(rows: Interactions) -> None:
    mask = random_split(rows, 0.1, 3)
    assert mask.sum() == round(0.1 * len(rows))
    assert (mask == random_split(rows, 0.1, 3)).all()
    assert (mask != random_split(rows, 0.1, 4)).any()


def test_hold_out_leaves_everybody_a_rating(rows: Interactions) -> None:
    few = of_lengths([1, 1, 2, 400])
    mask = hold_out(few, 0.5, 3)
    left = counted(few, ~mask, 4)
    assert left[:2] == [1, 1]
    assert min(left) > 0
    assert 150 < counted(few, mask, 4)[3] < 250
    assert (hold_out(rows, 0.1, 3) == hold_out(rows, 0.1, 3)).all()


def test_evenly_spaced_takes_all_of_few_and_both_ends_of_many() -> None:
    codes = np.arange(100, 200, dtype=np.int32)
    assert evenly_spaced(codes[:5], 7).tolist() == codes[:5].tolist()
    assert evenly_spaced(codes, 4).tolist() == [100, 133, 166, 199]


def test_some_users_keep_all_their_ratings_under_new_numbers(rows: Interactions) -> None:
    n_users = int(rows.users.max()) + 1
    assert some_users(n_users, len(rows), rows, rows) == (n_users, [rows, rows])
    later = rows.take(np.arange(len(rows)) % 3 == 0)
    count, (some, other) = some_users(n_users, len(rows) // 4, rows, later)
    chosen = evenly_spaced(np.arange(n_users, dtype=np.int32), count)
    assert len(some) == pytest.approx(len(rows) / 4, rel=0.3)
    for whole, part in ((rows, some), (later, other)):
        of_chosen = whole.take(np.isin(whole.users, chosen))
        assert chosen[part.users].tolist() == of_chosen.users.tolist()
        assert (part.films.tolist(), part.ratings.tolist()) == (of_chosen.films.tolist(), of_chosen.ratings.tolist())


def test_time_split_keeps_the_past_and_holds_out_the_future(rows: Interactions) -> None:
    shuffled = rows.take(np.random.default_rng(0).permutation(len(rows)))
    mask = time_split(shuffled, 0.1)
    assert mask.sum() == round(0.1 * len(rows))
    assert shuffled.timestamps is not None
    assert shuffled.timestamps[~mask].max() <= shuffled.timestamps[mask].min()


def test_time_split_of_a_share_that_rounds_to_nothing_holds_out_nothing(rows: Interactions) -> None:
    assert not time_split(rows.take(np.arange(4)), 0.1).any()


def test_time_split_without_timestamps_says_what_is_missing(rows: Interactions) -> None:
    with pytest.raises(SplitError, match="no timestamps"):
        time_split(replace(rows, timestamps=None), 0.1)


def test_folds_hold_out_each_rating_once(rows: Interactions) -> None:
    masks = list(folds(rows, 5, 0))
    assert len(masks) == 5
    assert (np.sum(masks, 0) == 1).all()
    assert {int(mask.sum()) for mask in masks} <= {len(rows) // 5, len(rows) // 5 + 1}
    assert all((mask == again).all() for mask, again in zip(masks, folds(rows, 5, 0), strict=True))


def test_user_split_takes_a_rounded_share_of_each_user() -> None:
    rows = of_lengths([1, 2, 3, 4, 20, 101])
    assert counted(rows, user_split(rows, 0.25, 0), 6) == [0, 0, 1, 1, 5, 25]


def test_three_way_counts_as_recbole_does() -> None:
    lengths = [1, 2, 3, 9, 10, 19, 20, 105]
    rows = of_lengths(lengths)
    validation, test = three_way(rows, 0)
    assert not (validation & test).any()
    assert counted(rows, test, 8) == [0, 1, 1, 1, 1, 1, 2, 10]
    assert counted(rows, validation, 8) == [0, 0, 1, 1, 1, 1, 2, 10]


def test_first_ratings_of_a_smaller_n_are_among_those_of_a_larger() -> None:
    rows = of_lengths([3, 10, 40])
    few, many = first_ratings(rows, 5, 7), first_ratings(rows, 20, 7)
    assert counted(rows, few, 3) == [3, 5, 5]
    assert counted(rows, many, 3) == [3, 10, 20]
    assert not (few & ~many).any()


def test_held_out_users_are_held_out_whole(rows: Interactions) -> None:
    mask = held_out_users(rows, 0.2, 0)
    assert not set(rows.users[mask]) & set(rows.users[~mask])
    assert len(np.unique(rows.users[mask])) == round(0.2 * len(np.unique(rows.users)))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), st.floats(0.05, 0.6), st.integers(0, 5))
def test_user_split_never_takes_all_that_a_user_has(lengths: list[int], share: float, seed: int) -> None:
    rows = of_lengths(lengths)
    held_out = np.bincount(rows.users[user_split(rows, share, seed)], minlength=len(lengths))
    # Of a single rating, more than half rounds to all of it.
    assert all(taken < length for taken, length in zip(held_out, lengths, strict=True) if length > 1)


def pairs(rows: Interactions) -> set[tuple[int, int]]:
    return set(zip(rows.users.tolist(), rows.films.tolist(), strict=True))


@pytest.mark.parametrize("protocol", DESCRIPTIONS)
def test_a_rating_to_be_predicted_is_in_no_other_part(protocol: Protocol) -> None:
    dataset = synthetic(users=60, films=80, ratings=1500)
    runs = list(parts(dataset, protocol, 0))
    assert len(runs) == (5 if protocol == "kfold" else 1)
    for run in runs:
        held_out = pairs(run.held_out)
        assert held_out
        for other in (run.train, run.seen, run.validation, run.given):
            assert other is None or not held_out & pairs(other)
        assert pairs(run.relevant) <= held_out
        assert pairs(run.train) <= pairs(run.seen)


def one(dataset: Dataset, protocol: Protocol) -> Parts:
    return next(parts(dataset, protocol, 0))


def test_new_users_are_unknown_to_what_is_fitted_and_give_half_of_their_ratings() -> None:
    run = one(synthetic(users=60, films=80, ratings=1500), "new_users")
    assert run.given is not None
    assert not set(run.given.users) & set(run.train.users)
    assert set(run.held_out.users) <= set(run.given.users)
    assert abs(len(run.given) - len(run.held_out)) <= len(np.unique(run.given.users))


def test_recbole_keeps_ratings_from_the_middle_up_and_leaves_validation_out_of_lists() -> None:
    run = one(synthetic(users=60, films=80, ratings=1500), "recbole")
    assert run.validation is not None
    assert min(part.ratings.min() for part in (run.train, run.validation, run.held_out)) == 3
    assert pairs(run.validation) <= pairs(run.seen)
    assert not pairs(run.validation) & pairs(run.train)


def test_lists_of_random_and_time_look_for_what_was_liked() -> None:
    dataset = synthetic(users=60, films=80, ratings=1500)
    for run in (one(dataset, "random"), one(dataset, "time")):
        assert run.relevant.ratings.min() == 4
        assert len(run.relevant) == (run.held_out.ratings >= 4).sum()


@pytest.mark.parametrize(
    ("low", "high", "step", "stars"), [(1, 5, 1, 4), (0.5, 5, 0.5, 4), (1, 10, 1, 8), (0, 100, 0, 75), (0, 1, 0.1, 0.8)]
)
def test_liked_is_the_same_height_on_any_scale(low: float, high: float, step: float, stars: float) -> None:
    dataset = synthetic(users=10, films=20, ratings=100)
    scale = dataset.scale.model_copy(update={"min": low, "max": high, "step": step})
    assert liked(replace(dataset, scale=scale)) == pytest.approx(stars)


def test_cold_users_and_films_are_counted() -> None:
    def rows(users: list[int], films: list[int]) -> Interactions:
        codes = np.array(users, np.int32), np.array(films, np.int32)
        return Interactions(*codes, np.ones(len(users), np.float32))

    train, held_out = rows([0, 0, 1], [0, 1, 1]), rows([0, 2, 3, 1], [2, 0, 3, 0])
    run = Parts(train, held_out, held_out, train)
    assert (run.cold_users, run.cold_films) == (2, 2)
    assert run.warm().tolist() == [False, False, False, True]
