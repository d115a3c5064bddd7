"""Our model and other libraries on the same splits, each in its own process.

python -m benchmarks.quality                          whatever has no results yet
python -m benchmarks.quality --only "this model" --again
python -m benchmarks.quality --write                  only the tables and plots, from benchmarks/results/quality.json

All scorers share the splits of training.evaluation.protocols and the metrics of training.metrics; they only predict.
Results are written after every run, so an interrupted command continues where it stopped.
"""

import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tyro
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.instruments.facts import RESULTS, facts, write
from benchmarks.peers.contract import Question, Rows
from benchmarks.peers.registry import ENTRANTS, ROOT, STARS, Entrant
from training.data.dataset import Dataset, Interactions
from training.data.load import load
from training.data.splits import random_split, user_split
from training.evaluation.liking import Stars, liked_ndcg, regrets
from training.evaluation.protocols import Parts, Protocol, liked, parts
from training.metrics import list_metrics, rated_only, star_errors

NAME = "quality"
PLAN: dict[str, tuple[Protocol, ...]] = {
    "ml-100k": ("kfold", "ranking", "new_users"),
    "ml-1m": ("random", "kfold", "recbole"),
}
SEEDS = {"ml-100k": 5, "ml-1m": 1}
TIMEOUT_HOURS = 6  # for one scorer
Run = dict[str, Any]


class PeerError(RuntimeError):
    """A scorer's process failed, or its answer does not fit the question."""


@dataclass(frozen=True)
class Options:
    """Measure the quality of our model and its peers."""

    data: list[str] = field(default_factory=lambda: list(PLAN))
    """Data sets."""
    protocols: list[Literal["kfold", "random", "ranking", "new_users", "recbole"]] | None = None
    """Protocols; by default those of PLAN for each data set."""
    seeds: int | None = None
    """Number of seeds, from 0; by default 5 on ml-100k and 1 on ml-1m."""
    only: list[str] = field(default_factory=list)
    """Scorers, by their names in the tables; by default all."""
    slow: bool = False
    """Include slow runs: SVD++ and BiasedMF on ml-1m, and on all seeds of ml-100k."""
    again: bool = False
    """Measure the selected runs again, even if they have results."""
    fresh: bool = False
    """Delete all results first."""
    write: bool = False
    """Only write tables and plots."""


# One run ------------------------------------------------------------------------------------------------------------


def ask(dataset: Dataset, run: Parts, protocol: Protocol, seed: int, folder: Path) -> None:
    """Write the question of `run` into `folder`, without any held-out rating.

    All scorers choose their settings on the same part of the training ratings: the protocol's own validation part, or
    else a random tenth for star predictions and a quarter of each user's ratings for lists. The data set, with the
    training ratings only, is stored beside the question, since our own model reads genres and years.
    """
    stars = protocol in STARS
    own_validation = run.validation is not None
    choosing, validation = run.train, run.validation
    if validation is None:
        mask = random_split(run.train, 0.1, seed) if stars else user_split(run.train, 0.25, seed)
        choosing, validation = run.train.take(~mask), run.train.take(mask)
    no_rows = run.train.take(np.zeros(0, np.int64))
    pairs = run.held_out if stars else no_rows
    Question(
        train=_rows(run.train),
        choosing=_rows(choosing),
        validation=_rows(validation),
        given=_rows(run.given or no_rows),
        pair_users=pairs.users,
        pair_films=pairs.films,
        rank=no_rows.users if stars else np.unique(run.relevant.users).astype(np.int32),
        n_users=dataset.n_users,
        n_films=dataset.n_films,
        low=dataset.scale.min,
        high=dataset.scale.max,
        seed=seed,
        data=dataset.name,
        own_validation=own_validation,
    ).save(folder)
    (folder / "dataset.pickle").write_bytes(pickle.dumps(replace(dataset, interactions=run.train)))


def answer(entrant: Entrant, folder: Path) -> dict[str, Any]:
    """Run `entrant` on the question in `folder`; returns its answer.json. Raises PeerError."""
    for stale in ("stars.npy", "ranking.npy", "scores.npy", "predicted.npy", "answer.json"):
        (folder / stale).unlink(missing_ok=True)
    command = [str(entrant.python), "-m", entrant.module, entrant.name, str(folder)]
    # Every scorer may use all cores, through OpenBLAS or TensorFlow.
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=TIMEOUT_HOURS * 3600
        )
    except subprocess.TimeoutExpired:
        raise PeerError(f"{entrant.name}: not done after {TIMEOUT_HOURS} hours") from None
    if done.returncode:
        raise PeerError(f"{entrant.name}: {' | '.join(done.stderr.strip().splitlines()[-3:])}")
    found: dict[str, Any] = json.loads((folder / "answer.json").read_text())
    return found


def evaluate(dataset: Dataset, run: Parts, protocol: Protocol, folder: Path) -> dict[str, float]:
    """Metrics of the arrays in `folder`. Raises PeerError if they do not fit the question."""
    if protocol not in STARS:
        users = np.unique(run.relevant.users).astype(np.int32)
        scores = _array(folder / "scores.npy", (len(users), dataset.n_films))

        def relevance(batch: NDArray[np.int32]) -> NDArray[np.float32]:
            return scores[np.searchsorted(users, batch)]

        lists = asdict(list_metrics(relevance, run.seen, run.relevant, dataset.n_users, dataset.n_films))
        intervals = lists.pop("intervals")
        del lists["users"]
        predicted = folder / "predicted.npy"
        their_stars = of_cells(_array(predicted, (len(users), dataset.n_films)), users) if predicted.exists() else None
        of_liking, of_liked = liked_ndcg(relevance, dataset, run.seen, run.held_out)
        between = {"ndcg": intervals["ndcg"], **of_liked}  # over users; for a single seed
        widths = {f"{name}_half_width": (high - low) / 2 for name, (low, high) in between.items()}
        return {**lists, **widths, **of_liking, **regrets(relevance, their_stars, dataset, run.seen, run.held_out)}
    held_out = run.held_out
    stars = _array(folder / "stars.npy", (len(held_out),))
    errors = star_errors(stars, held_out.ratings, dataset.scale)
    threshold = liked(dataset)
    has_ranking = (folder / "ranking.npy").exists()
    ranking = _array(folder / "ranking.npy", (len(held_out),)) if has_ranking else stars
    by_threshold = rated_only(stars, held_out, threshold).mean(0)
    first_ten = rated_only(ranking, held_out, threshold, any_prediction=True).mean(0)
    return {
        "rmse": errors.rmse,
        "mae": errors.mae,
        "rated_precision": float(by_threshold[0]),
        "rated_recall": float(by_threshold[1]),
        "first_ten_precision": float(first_ten[0]),
        "first_ten_recall": float(first_ten[1]),
    }


def of_cells(predicted: NDArray[np.float32], users: NDArray[np.int32]) -> Stars:
    """The stars of pairs, from those of all films for `users` [B], [B, M]."""
    return lambda whose, films: predicted[np.searchsorted(users, whose), films]


def _rows(rows: Interactions) -> Rows:
    timestamps = {} if rows.timestamps is None else {"timestamps": rows.timestamps}
    return Rows(rows.users, rows.films, rows.ratings, **timestamps)


def _array(path: Path, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if not path.exists():
        raise PeerError(f"{path.name} is missing in the answer")
    found: NDArray[np.float32] = np.load(path)
    if found.shape != shape or not np.isfinite(found).all():
        raise PeerError(f"{path.name} has the shape {found.shape}, not {shape}, or figures that are not finite")
    return found


# All runs -----------------------------------------------------------------------------------------------------------


def key(run: Run) -> tuple[str, str, int, str]:
    """Identifies a run."""
    return run["data"], run["protocol"], run["seed"], run["scorer"]


def read() -> dict[str, Any]:
    """All results so far."""
    path = RESULTS / f"{NAME}.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"runs": []}
    return found


def keep(run: Run) -> None:
    """Store `run`, replacing an earlier one with the same key; the file appears by rename."""
    runs = {key(each): each for each in read()["runs"]} | {key(run): run}
    ordered = sorted(runs.values(), key=key)
    write(NAME, {**facts("numpy", "scipy", "scikit-learn", "tensorflow"), "runs": ordered})


def pending(options: Options, entrants: Sequence[Entrant] = ENTRANTS) -> dict[tuple[str, Protocol, int], list[Entrant]]:
    """The scorers to measure, by data, protocol and seed."""
    done = set() if options.again else {key(run) for run in read()["runs"]}
    groups = {}
    for data in options.data:
        for protocol in options.protocols or PLAN[data]:
            for seed in range(options.seeds or SEEDS.get(data, 1)):
                chosen = [
                    entrant
                    for entrant in entrants
                    if (not options.only or entrant.name in options.only)
                    and entrant.takes_part(data, protocol, seed, slow=options.slow)
                    and (data, protocol, seed, entrant.name) not in done
                ]
                if chosen:
                    groups[data, protocol, seed] = chosen
    return groups


def measure(
    dataset: Dataset, data: str, protocol: Protocol, seed: int, entrants: Sequence[Entrant]
) -> Iterator[tuple[Entrant, Run | PeerError]]:
    """Run each of `entrants` on the same parts, one process at a time."""
    runs = list(parts(dataset, protocol, seed))
    with tempfile.TemporaryDirectory(prefix="quality-") as root:
        folders = [Path(root) / str(number) for number in range(len(runs))]
        for run, folder in zip(runs, folders, strict=True):
            folder.mkdir()
            ask(dataset, run, protocol, seed, folder)
        for entrant in entrants:
            try:
                answers, metrics = [], []
                for run, folder in zip(runs, folders, strict=True):
                    answers.append(answer(entrant, folder))
                    metrics.append(evaluate(dataset, run, protocol, folder))
            except PeerError as error:
                yield entrant, error
                continue
            yield (
                entrant,
                {
                    "data": data,
                    "protocol": protocol,
                    "seed": seed,
                    "scorer": entrant.name,
                    "library": entrant.library,
                    "sha256": dataset.sha256,
                    "date": facts()["date"],
                    "versions": answers[0]["versions"],
                    "seconds": float(np.mean([each["seconds"] for each in answers])),
                    "choosing_seconds": float(np.mean([each["choosing_seconds"] for each in answers])),
                    "tried": answers[0]["tried"],
                    "memory_mb": max(each["memory_mb"] for each in answers),
                    "settings": [each["settings"] for each in answers],
                    "parts": metrics,
                },
            )


def missing(entrants: Sequence[Entrant]) -> dict[str, str]:
    """The `entrants` whose environment is missing, each with the command that makes it."""
    return {
        entrant.name: f"{entrant.python} is missing; `make {entrant.environment}/installed.json` makes it"
        for entrant in entrants
        if not entrant.python.exists()
    }


def run_all(options: Options, entrants: Sequence[Entrant] = ENTRANTS) -> list[str]:
    """Measure whatever is pending and store each result; returns one line per failure."""
    absent = missing([entrant for entrant in entrants if not options.only or entrant.name in options.only])
    groups = pending(options, [entrant for entrant in entrants if entrant.name not in absent])
    failures = [f"{name} was left out: {why}" for name, why in absent.items()]
    loaded: dict[str, Dataset] = {}
    with tqdm(total=sum(map(len, groups.values())), ascii=" ━") as bar:
        for (data, protocol, seed), group in groups.items():
            dataset = loaded.setdefault(data, load(data) if data not in loaded else loaded[data])
            others = {run["sha256"] for run in read()["runs"] if run["data"] == data} - {dataset.sha256}
            if others:
                raise SystemExit(f"{data} has changed since the results were measured. Start over with --fresh.")
            bar.set_description(f"{data}, {protocol}, seed {seed}: {group[0].name}")
            results = measure(dataset, data, protocol, seed, group)
            for number, (entrant, found) in enumerate(results, 1):
                if isinstance(found, PeerError):
                    failures.append(f"{data}, {protocol}, seed {seed}: {found}")
                else:
                    keep(found)
                    main_figure = found["parts"][0].get("rmse") or found["parts"][0]["liked_ndcg"]
                    bar.write(f"{data:8} {protocol:9} {seed} {entrant.name:14} {main_figure:.4f}")
                bar.update()
                if number < len(group):
                    bar.set_description(f"{data}, {protocol}, seed {seed}: {group[number].name}")
    return failures


def main() -> None:
    options = tyro.cli(Options, prog="python -m benchmarks.quality")
    unknown = [name for name in options.data if name not in PLAN and not options.protocols]
    unknown += [name for name in options.only if name not in {entrant.name for entrant in ENTRANTS}]
    if unknown:
        raise SystemExit(f"unknown: {', '.join(unknown)}. Scorers: {', '.join(each.name for each in ENTRANTS)}.")
    failures = []
    if not options.write:
        if options.fresh:
            (RESULTS / f"{NAME}.json").unlink(missing_ok=True)
        failures = run_all(options)
    from benchmarks.tables.quality import publish  # matplotlib is not needed to measure

    publish(read())
    for failure in failures:
        print(failure, file=sys.stderr)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
