"""List metrics, compared with RecTools to 1e-9. (test_metrics.py compares star metrics with scikit-learn.)"""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.locked_environment import locked_environment
from training.data.dataset import Interactions
from training.metrics import list_metrics, mean_ndcg

pytestmark = pytest.mark.installs

SUPPORT = Path(__file__).parents[2] / "support"
PER_USER = ("ndcg", "precision", "recall", "hit_rate", "mrr", "coverage")
PER_PLACE = ("popularity", "novelty")
"""RecTools averages these over lists, ours over places: the same where every list is full."""


@pytest.fixture(scope="module")
def python() -> Path:
    """A Python interpreter with RecTools."""
    return locked_environment("rectools-env", SUPPORT / "requirements-rectools.txt")


def rectools(
    python: Path,
    folder: Path,
    scores: NDArray[np.float32],
    train: NDArray[np.bool_],
    held_out: NDArray[np.bool_],
) -> dict[str, float]:
    """RecTools' metrics for scores, seen films and held-out films, [U, M] each."""
    pairs = {"train": np.argwhere(train), "held_out": np.argwhere(held_out)}
    np.savez(folder / "arrays.npz", allow_pickle=False, scores=scores, **pairs)
    command = [str(python), str(SUPPORT / "rectools_metrics.py"), str(folder / "arrays.npz")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    return found


def rows_of(table: NDArray[np.bool_]) -> Interactions:
    users, films = np.nonzero(table)
    return Interactions(users.astype(np.int32), films.astype(np.int32), np.ones(len(users), np.float32))


def drawn(
    users: int, films: int, seen: float, wanted: float, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Scores without ties, seen films and held-out films (with the given shares), [users, films] each."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(users, films)) + rng.normal(0, 2, films)  # some films are on every list, some on none
    scores = drawn.argsort(1).argsort(1).astype(np.float32)
    kind = rng.choice(3, (users, films), p=(1 - seen - wanted, seen, wanted))
    return scores, kind == 1, kind == 2


# Shares of films seen and held out: mostly fewer than ten are held out; mostly more; hardly any, so most find nothing.
@pytest.mark.parametrize(("seen", "wanted"), [(0.1, 0.05), (0.2, 0.4), (0.02, 0.005)])
def test_lists_are_judged_as_rectools_judges_them(python: Path, tmp_path: Path, seen: float, wanted: float) -> None:
    scores, train, held_out = drawn(700, 80, seen, wanted, 3)  # 700 users: two batches
    held_out[0] = False  # nothing to find: does not count
    held_out[1] = False
    worst = np.flatnonzero(~train[1])[scores[1, ~train[1]].argmin()]
    held_out[1, worst] = True  # a person without a hit
    train[2] = held_out[2] = False
    held_out[2, :30] = True  # more to find than a list is long, and nothing seen
    train[:, scores.mean(0).argmax()] = False  # nobody has rated what is on most lists
    ours = list_metrics(lambda users: scores[users], rows_of(train), rows_of(held_out), *scores.shape)
    theirs = rectools(python, tmp_path, scores, train, held_out)
    assert ours.users == held_out.any(1).sum()
    assert {name: getattr(ours, name) for name in PER_USER + PER_PLACE} == pytest.approx(theirs, rel=0, abs=1e-9)
    assert ours.coverage < 1
    alone = mean_ndcg(lambda users: scores[users], rows_of(train), rows_of(held_out), *scores.shape)
    assert alone == pytest.approx(theirs["ndcg"], rel=0, abs=1e-9)


def test_short_lists_are_judged_as_rectools_judges_them(python: Path, tmp_path: Path) -> None:
    scores, train, held_out = drawn(60, 30, 0.0, 0.1, 4)
    train = ~held_out & (np.arange(30) < np.arange(60)[:, None] // 2 + 2)  # the later, the fewer than ten are left
    ours = list_metrics(lambda users: scores[users], rows_of(train), rows_of(held_out), *scores.shape)
    theirs = rectools(python, tmp_path, scores, train, held_out)
    assert ((~train).sum(1) < 10).sum() > 5
    for name in PER_USER:
        assert getattr(ours, name) == pytest.approx(theirs[name], rel=0, abs=1e-9), name
