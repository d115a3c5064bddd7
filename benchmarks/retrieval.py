"""Vector engines in place of a sweep over all films: recall, time and memory, where a catalogue outgrows a function.

    python -m benchmarks.retrieval [--films 250000 1000000] [--engines with_faiss with_usearch]

The films are those of `python -m benchmarks.catalogue`, whose seed it takes or trains. Each engine (engines/) builds an
index of them and writes it; another process opens it as a function would, mapped and on one thread, and finds people's
first TOP films, of all films and of a genre. Results go to benchmarks/results/retrieval.json, where others stay;
`benchmarks.figures` puts them into docs/performance.md.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import tyro

from benchmarks.catalogue import FOLDER, apart, seed
from benchmarks.engines.contract import TOP
from benchmarks.instruments import facts
from benchmarks.instruments.lists import BATCH, GENRE
from function.recommending.ranking import top
from tests.support.sam import ROOT

NAME: Final = "retrieval"
PYTHON: Final = ROOT / "artifacts" / "engines-venv" / "bin" / "python"
PEOPLE: Final = 100


@dataclass(frozen=True)
class Options:
    """Measure vector engines."""

    films: tuple[int, ...] = (250_000, 1_000_000)
    """Numbers of films."""
    engines: tuple[str, ...] = ("with_faiss", "with_usearch")
    """Modules of benchmarks/engines."""
    python: Path = PYTHON
    """Of the environment that has the engines."""


def write_items(root: Path, films: int, folder: Path) -> None:
    """Write to `folder` so many films of the seed below `root`, people, and the exact lists of these."""
    from benchmarks.instruments.generated_catalogue import SEED, Likenesses, item_matrix
    from function.bundle.format import CURRENT, read_bundle

    likenesses = Likenesses.of(root, films)
    matrix, bias = item_matrix(likenesses), likenesses.table("film_bias")
    bias -= bias.mean()  # the same order, and 16 bits hold it better
    seeds = read_bundle(root / "float32" / CURRENT)
    allowed = seeds.facts.genres[likenesses.rows, seeds.genres.index(GENRE)]
    with np.load(root / SEED) as stored:
        people = stored["people"][:PEOPLE]
    exact: list[Any] = []
    of_genre: list[Any] = []
    for start in range(0, len(people), BATCH):
        for keys in people[start : start + BATCH] @ matrix.T + bias[:, 0]:
            exact.append(top(keys, np.arange(films), 0, TOP))
            of_genre.append(top(keys, np.flatnonzero(allowed), 0, TOP))
    np.save(folder / "rows.npy", np.hstack((matrix.astype(np.float16), bias.astype(np.float16))))
    ones = np.ones((len(people), 1), np.float32)
    np.savez(
        folder / "people.npz",
        people=np.hstack((people, ones)),
        allowed=allowed,
        exact=np.array(exact),
        exact_of_genre=np.array(of_genre),
    )


def measured(python: Path, engine: str, items: Path) -> dict[str, Any]:
    """Build the engine's index of `items`, open it in another process, and return what was found."""
    index = items / "index"
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir()

    def run(*step: str) -> Any:
        command = [str(python), "-m", f"benchmarks.engines.{engine}", str(items), str(index), *step]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2" if step else "1"}
        return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, env=environment).stdout)

    built = run("build")
    return {"build_s": built["seconds"], **run()}


def add(run: dict[str, Any]) -> None:
    """Store `run`, replacing an earlier one of the same size and engine."""

    def key(each: dict[str, Any]) -> tuple[int, str]:
        return each["films"], each["engine"]

    facts.add(NAME, run, "numpy", key=key, order=key)
    print(facts.RESULTS / f"{NAME}.json", run["films"], run["engine"])


def main(options: Options) -> None:
    seed()
    for films in options.films:
        items = FOLDER / "engines"
        shutil.rmtree(items, ignore_errors=True)
        items.mkdir()
        apart(NAME, "items", FOLDER, films, items)
        for engine in options.engines:
            add({"films": films, "engine": engine, **measured(options.python, engine, items)})
        shutil.rmtree(items)


if __name__ == "__main__":
    if sys.argv[1:2] == ["items"]:
        write_items(Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main(tyro.cli(Options))
