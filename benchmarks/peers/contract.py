"""The question that a scorer's process gets and the answer that it gives, as files in a folder.

This module needs only NumPy, since it runs in every peer's environment. The question has the ratings to fit and,
separately, those to choose settings on, but no held-out rating. For star predictions it has the pairs without their
ratings; for lists it has only the users, since the held-out pairs are the answer.
"""

import argparse
import json
import platform
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from training.evaluation.histories import LIKED_FROM  # of NumPy only, too

K = 10
BATCH = 512  # users scored at once while settings are chosen
Settings = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """Ratings as parallel columns, [R] each; users and films are indices."""

    users: NDArray[np.int32]
    films: NDArray[np.int32]
    ratings: NDArray[np.float32]
    timestamps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))  # [R], or [0] if unknown

    def __len__(self) -> int:
        return len(self.users)


@dataclass(frozen=True)
class Question:
    """One run: the ratings to fit, and either pairs to predict stars for or users to rank films for (`rank`)."""

    train: Rows  # for the final fit
    choosing: Rows  # for the fits that choose settings
    validation: Rows  # on which settings are chosen; not in `choosing`
    given: Rows  # histories of new users, whom no model was fitted to; empty if there are none
    pair_users: NDArray[np.int32]  # [P] predict the stars of these pairs
    pair_films: NDArray[np.int32]  # [P]
    rank: NDArray[np.int32]  # [B] score every film for these users
    n_users: int
    n_films: int
    low: float  # the lowest rating of the scale
    high: float  # the highest
    seed: int
    data: str  # name of the data set, for settings that a library documents for it
    own_validation: bool  # whether `validation` is the protocol's own part, and not taken from `train`

    def save(self, folder: Path) -> None:
        """Write `folder`/question.npz."""
        columns: dict[str, Any] = {}
        for name, value in vars(self).items():
            if isinstance(value, Rows):
                columns |= {f"{name}.{column}": each for column, each in vars(value).items()}
            else:
                columns[name] = value
        np.savez(folder / "question.npz", **columns)

    @classmethod
    def load(cls, folder: Path) -> "Question":
        """Read what `save` wrote."""
        with np.load(folder / "question.npz") as file:
            columns = {name: file[name] for name in file.files}
        values: dict[str, Any] = {name: each if each.ndim else each.item() for name, each in columns.items()}
        for part in ("train", "choosing", "validation", "given"):
            values[part] = Rows(**{column: values.pop(f"{part}.{column}") for column in Rows.__dataclass_fields__})
        return cls(**values)


class Model(Protocol):
    """A fitted model. One that cannot predict stars, or cannot rank, raises NotImplementedError there."""

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        """Predicted stars of the pairs, [P]."""
        ...

    def scores(self, users: NDArray[np.int32], given: Rows | None) -> NDArray[np.float32]:
        """Scores [B, M] of every film for `users`, higher is better; from the histories `given`, if any."""
        ...


@dataclass(frozen=True)
class Scorer:
    """One line of the table. `grid` gives the settings to choose from, or a single one."""

    fit: Callable[[Question, Rows, Settings], Model]
    grid: Callable[[Question], list[Settings]]
    packages: tuple[str, ...]
    by_stars: bool  # settings are chosen by RMSE on validation if true, else by NDCG@10
    of_liked: bool = False  # NDCG@10 where only liked films are relevant


def main(scorers: Mapping[str, Scorer]) -> None:
    """`python -m benchmarks.peers.… NAME FOLDER`: answer the question in FOLDER."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=list(scorers))
    parser.add_argument("folder", type=Path)
    flags = parser.parse_args()
    answer(scorers[flags.name], flags.folder)


def answer(scorer: Scorer, folder: Path) -> None:
    """Choose settings, fit, predict; writes answer.json last.

    Before, stars.npy (and ranking.npy), or scores.npy (and predicted.npy, the stars of the same films).
    """
    question = Question.load(folder)
    started = time.perf_counter()
    grid = scorer.grid(question)
    settings = grid[0] if len(grid) == 1 else choose(scorer, question, grid)
    chosen = time.perf_counter()
    model = scorer.fit(question, question.train, settings)
    fitted = time.perf_counter()
    if len(question.pair_users):
        np.save(folder / "stars.npy", model.stars(question.pair_users, question.pair_films).astype(np.float32))
        if hasattr(model, "ranking"):
            np.save(folder / "ranking.npy", model.ranking(question.pair_users, question.pair_films).astype(np.float32))
    if len(question.rank):
        given = question.given if len(question.given) else None
        np.save(folder / "scores.npy", model.scores(question.rank, given).astype(np.float32))
        if hasattr(model, "predicted"):
            np.save(folder / "predicted.npy", model.predicted(question.rank, given).astype(np.float32))
    facts = {
        "seconds": fitted - chosen,
        "choosing_seconds": chosen - started,
        "tried": len(grid),
        "settings": getattr(model, "settings", settings),
        "memory_mb": peak_memory_mb(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in scorer.packages}},
    }
    (folder / "answer.json").write_text(json.dumps(facts))


def choose(scorer: Scorer, question: Question, grid: list[Settings]) -> Settings:
    """The settings that are best on validation; the first of equals."""
    errors = []
    for settings in grid:
        model = scorer.fit(question, question.choosing, settings)
        relevant = _liked(question) if scorer.of_liked else question.validation
        errors.append(rmse(model, question.validation) if scorer.by_stars else -ndcg(model, question, relevant))
        print(f"{settings}: {abs(errors[-1]):.4f}", file=sys.stderr)
    return grid[int(np.argmin(errors))]


def rmse(model: Model, rows: Rows) -> float:
    """RMSE of the predicted stars."""
    return float(np.sqrt(np.mean(np.square(model.stars(rows.users, rows.films).astype(np.float64) - rows.ratings))))


def _liked(question: Question) -> Rows:
    """The validation ratings from three quarters of the scale up."""
    rows = question.validation
    liked = rows.ratings >= question.low + LIKED_FROM * (question.high - question.low)
    return Rows(rows.users[liked], rows.films[liked], rows.ratings[liked])


def ndcg(model: Model, question: Question, relevant: Rows) -> float:
    """NDCG@10 over the whole catalogue, as in training.metrics (a test compares them)."""
    discounts = 1 / np.log2(np.arange(2, K + 2))
    users = np.unique(relevant.users)
    total = 0.0
    for start in range(0, len(users), BATCH):
        batch = users[start : start + BATCH]
        scores = np.array(model.scores(batch, None), np.float32)
        scores[_cells(question.choosing, batch)] = -np.inf
        wanted = np.zeros(scores.shape, np.bool_)
        wanted[_cells(relevant, batch)] = True
        top = np.argsort(-scores, 1, kind="stable")[:, :K]
        hits = np.take_along_axis(wanted, top, 1)
        ideal = np.cumsum(discounts)[np.minimum(wanted.sum(1), K) - 1]
        total += float((hits @ discounts / ideal).sum())
    return total / len(users)


def clip(stars: NDArray[Any], question: Question) -> NDArray[np.float32]:
    """`stars`, limited to the scale."""
    clipped: NDArray[np.float32] = np.clip(stars, question.low, question.high).astype(np.float32)
    return clipped


def peak_memory_mb() -> float:
    """Peak resident memory of this process in MiB, including interpreter and libraries.

    On Linux VmHWM, since ru_maxrss also counts the parent process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 1024)


def _cells(rows: Rows, users: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Row and column indices of `rows` in a matrix of `users` [B], in ascending order, by films."""
    index = np.searchsorted(users, rows.users)
    found = (index < len(users)) & (users[np.minimum(index, len(users) - 1)] == rows.users)
    return index[found], rows.films[found]
