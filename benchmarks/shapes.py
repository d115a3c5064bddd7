"""Our model and its nearest peers on data of other shapes: generated ones, and parts of ml-1m if it is there.

    python -m benchmarks.shapes                        all; rewrites the table in docs/quality.md
    python -m benchmarks.shapes --only "very sparse" --scorers "this model"    other results stay

75/25 for each user, as in benchmarks.quality, whose scorers and metrics it uses. Results are written after every shape.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import tyro

from benchmarks.instruments.facts import RESULTS, facts, write
from benchmarks.instruments.shapes_data import SHAPES, part, shaped
from benchmarks.peers.registry import ENTRANTS
from benchmarks.quality import PeerError, measure, missing
from benchmarks.tables.document import put
from benchmarks.tables.quality import PAGE
from benchmarks.tables.shapes import table
from training.data.dataset import Dataset
from training.data.errors import DataError
from training.data.load import load
from training.files import replace

NAME: Final = "shapes"
SCORERS: Final = ("this model", "EASE", "EASE, stars", "ALS, stars", "popularity")
PARTS: Final = ("600 people", "a tenth of the ratings", "the least rated films")


@dataclass(frozen=True)
class Options:
    """Compare list quality on data of other shapes."""

    only: list[str] = field(default_factory=list)
    """Shapes, by their names in the table; by default all."""
    scorers: tuple[str, ...] = SCORERS
    """Scorers, by their names in the table. Earlier results of the others stay."""


def makers() -> dict[str, Callable[[], Dataset]]:
    """All data sets, by name. Without ml-1m, its parts are left out."""
    found: dict[str, Callable[[], Dataset]] = {name: partial(shaped, name) for name in SHAPES}
    try:
        large = load("ml-1m")
    except DataError as error:
        print(f"The parts of ml-1m are left out: {error}", file=sys.stderr)
        return found
    return found | {f"ml-1m, {name}": partial(part, large, name) for name in PARTS}


def read() -> dict[str, Any]:
    """The results so far."""
    path = RESULTS / f"{NAME}.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"shapes": {}}
    return found


def main() -> None:
    options = tyro.cli(Options, prog="python -m benchmarks.shapes")
    everything = makers()
    if unknown := set(options.only) - set(everything):
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}. Shapes: {', '.join(everything)}.")
    if unknown := set(options.scorers) - set(SCORERS):
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}. Scorers: {', '.join(SCORERS)}.")
    entrants = [entrant for entrant in ENTRANTS if entrant.name in options.scorers]
    for name, why in missing(entrants).items():
        print(f"{name} is left out: {why}", file=sys.stderr)
    present = [entrant for entrant in entrants if entrant.python.exists()]
    for name in options.only or everything:
        dataset = everything[name]()
        runs = []
        for entrant, run in measure(dataset, name, "ranking", 0, present):
            if isinstance(run, PeerError):
                raise SystemExit(f"{name}: {run}")
            metrics = run["parts"][0]
            print(f"{name:32} {entrant.name:14} {metrics['liked_ndcg']:.4f} {metrics['ndcg']:.4f}", file=sys.stderr)
            runs.append(
                {key: run[key] for key in ("scorer", "date", "seconds", "choosing_seconds", "settings", "parts")}
            )
        size = {"users": dataset.n_users, "films": dataset.n_films, "ratings": len(dataset.interactions)}
        shapes = read()["shapes"]
        measured = {run["scorer"] for run in runs}
        runs += [run for run in shapes.get(name, {"runs": []})["runs"] if run["scorer"] not in measured]
        runs.sort(key=lambda run: SCORERS.index(run["scorer"]))
        shapes[name] = {**size, "runs": runs}
        write(NAME, {**facts("numpy", "scipy", "tensorflow"), "shapes": shapes})
    replace(PAGE, put(PAGE.read_text(), NAME, table(read())))


if __name__ == "__main__":
    main()
