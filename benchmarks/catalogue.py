"""Catalogues of up to a million films: what a bundle weighs, how a function starts with it, and how long a list takes.

    python -m benchmarks.catalogue [--films 4000 60000] [--precisions float32 float16 int8]

The bundles are made of one trained model (instruments/generated_catalogue.py). Each is measured in a process of its own
(instruments/lists.py): its memory after the start and after some lists; the parts of a list, in turns with one sweep
over the item matrix in NumPy, with 32 bits and on one thread like the model; and how much of the exact list there is,
of all films and of a genre. Results go to benchmarks/results/catalogue.json, where other sizes stay;
`benchmarks.figures` puts them into docs/performance.md.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, get_args

import numpy as np
import tyro

from benchmarks.instruments import facts
from function.bundle.format import CURRENT, mark_checked
from tests.support.sam import ROOT
from training.model.tables import Precision

NAME: Final = "catalogue"
ITEMS: Final = "items.npz"
FOLDER: Final = ROOT / "artifacts" / NAME  # the trained seed stays here


@dataclass(frozen=True)
class Options:
    """Measure catalogues of several sizes."""

    films: tuple[int, ...] = (4_000, 60_000, 250_000, 1_000_000)
    """Numbers of films."""
    precisions: tuple[Precision, ...] = ("float32", "float16", "int8")
    """Of the numbers in the bundles."""


def apart(module: str, *arguments: object) -> str:
    """What a module prints in a process of its own, with one thread for NumPy."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    one = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=one).stdout


def save_items(root: Path, films: int, path: Path) -> None:
    """Save the item matrix of so many films, their biases, and the people of the seed below `root`."""
    from benchmarks.instruments.generated_catalogue import SEED, Likenesses, item_matrix

    likenesses = Likenesses.of(root, films)
    with np.load(root / SEED) as stored:
        people = stored["people"]
    np.savez(path, people=people, matrix=item_matrix(likenesses), bias=likenesses.table("film_bias").ravel())


def bundles(root: Path, options: Options) -> Iterator[tuple[int, Precision, Path, Path]]:
    """Every size and precision, the folder of its bundle and its items, which are there until the next one."""
    for films in options.films:
        items = root / ITEMS
        apart(NAME, "items", root, films, items)
        for precision in options.precisions:
            out = root / "bundles"
            shutil.rmtree(out, ignore_errors=True)
            apart(NAME, "generate", root, precision, films, out)
            folder = (out / CURRENT).resolve()
            mark_checked(folder)  # as the image does
            yield films, precision, folder, items
            shutil.rmtree(out)


def add(run: dict[str, Any]) -> dict[str, Any]:
    """Store `run`, replacing an earlier one of the same size and precision; returns all results."""
    packages = "ai-edge-litert", "numpy", "tensorflow"
    result = facts.add(
        NAME, run, *packages, key=lambda each: (each["films"], each["precision"]), order=lambda each: each["films"]
    )
    print(facts.RESULTS / f"{NAME}.json", run["films"], run["precision"])
    return result


def seed() -> None:
    """Train the seed in FOLDER, unless it is there."""
    if not (FOLDER / "seed.npz").exists():
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        apart(NAME, "seed", FOLDER, *get_args(Precision))


def main(options: Options) -> None:
    seed()
    for films, precision, folder, items in bundles(FOLDER, options):
        add({"films": films, "precision": precision, **json.loads(apart("instruments.lists", folder, items))})


def work(what: str, *given: str) -> None:
    """A step, in a process of its own, since TensorFlow keeps the memory that it used."""
    from benchmarks.instruments import generated_catalogue as instrument

    if what == "seed":
        instrument.train_seed(Path(given[0]), cast(tuple[Precision, ...], given[1:]))
    elif what == "items":
        save_items(Path(given[0]), int(given[1]), Path(given[2]))
    else:
        instrument.generate(Path(given[0]), cast(Precision, given[1]), int(given[2]), Path(given[3]))


STEPS: Final = {"seed", "items", "generate"}

if __name__ == "__main__":
    if set(sys.argv[1:2]) & STEPS:
        work(*sys.argv[1:])
    else:
        main(tyro.cli(Options))
