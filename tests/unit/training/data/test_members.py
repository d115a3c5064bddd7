"""Members' ratings on their way to training: of those who agreed, without their names, and never of who is gone."""

from pathlib import Path

import numpy as np
import pytest

from function.bundle.format import RatingScale
from function.members.account import Member, Session, member_id
from function.members.films import set_mark
from function.members.opening import open_store
from training.cli import main
from training.data.dataset import Dataset, Interactions
from training.data.members import import_store
from training.data.own import load_files, make_catalog


@pytest.fixture
def dataset() -> Dataset:
    catalog = make_catalog(
        ["1", "2", "3"], ["One", "Two", "Trois"], [1991, 0, 2003], [("Drama",), (), ("War", "Drama")], [7, 0, 9]
    )
    interactions = Interactions(
        np.array([0, 1], np.int32),
        np.array([0, 1], np.int32),
        np.array([1, 5], np.float32),
        np.array([100, 200], np.int64),
    )
    return Dataset("base", interactions, catalog, ("a", "b"), RatingScale(min=1, max=5, step=1), "own")


def member(uri: str, name: str, *, agrees: bool) -> Session:
    """A member with three ratings, one of them of a film that is not in the data, and one off its scale."""
    session = Session(open_store(uri), Member(member_id("https://identity.example", name), 10**9))
    set_mark(session, "rating", "1", rating=4, time=1000)
    set_mark(session, "rating", "2", rating=2.5, time=1001)
    set_mark(session, "rating", "none", rating=4, time=1002)
    set_mark(session, "list", "3")
    session.set_consent(agrees)
    return session


def test_only_members_who_agree_are_trained_on(dataset: Dataset, tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/members.sqlite3"
    ada, bob = member(uri, "ada", agrees=True), member(uri, "bob", agrees=False)
    made = import_store(uri, dataset, tmp_path / "out")
    assert (made.members, made.ratings) == (1, 1)
    both = load_files(tmp_path / "out" / "ratings.parquet", tmp_path / "out" / "films.parquet")
    assert (both.n_users, both.n_films, len(both.interactions)) == (3, 3, 3)
    assert both.catalog.ids == dataset.catalog.ids
    assert both.catalog.genres == dataset.catalog.genres
    assert both.interactions.timestamps is not None
    assert sorted(both.interactions.timestamps.tolist()) == [100, 200, 1000]
    (pseudonym,) = set(both.user_ids) - {"a", "b"}
    assert ada.member.id[:8] not in pseudonym
    assert not both.public
    bob.set_consent(True)
    assert import_store(uri, dataset, tmp_path / "out").members == 2
    again = load_files(tmp_path / "out" / "ratings.parquet", None)
    assert pseudonym not in again.user_ids  # another name each time


def test_who_deletes_their_account_is_not_in_the_next_training(dataset: Dataset, tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/members.sqlite3"
    ada = member(uri, "ada", agrees=True)
    assert import_store(uri, dataset, tmp_path).members == 1
    ada.delete()
    assert import_store(uri, dataset, tmp_path).members == 0
    assert len(load_files(tmp_path / "ratings.parquet", None).user_ids) == 2


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.csv").write_text("user,film,rating\na,1,1\nb,1,5\n")
    given = ["import-store", "--ratings", str(tmp_path / "r.csv"), "--out", str(tmp_path)]
    assert main(given) == 1
    assert "--store is missing" in capsys.readouterr().err
    assert main([*given, "--store", "mysql://x"]) == 1
    assert "use sqlite" in capsys.readouterr().err
    assert main([*given, "--store", f"sqlite:///{tmp_path}/members.sqlite3"]) == 0
    assert "0 ratings of 0 members" in capsys.readouterr().err
