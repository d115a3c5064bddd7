"""How the time and memory of training grow with the number of ratings; writes results/growth.json, a table, a plot.

python -m benchmarks.growth                                    everything: an hour or more
python -m benchmarks.growth --ratings 1000000 --data --shapes  one size, nothing else; keeps other results
python -m benchmarks.growth --write                            only the table and the plot, from earlier results

Each run is the ordinary command with its defaults, in its own process: from a Parquet file of generated ratings to a
verified bundle; or, evaluation included, from such a file of another shape (instruments/shapes_data.py), or from
`fetch` of a known data set to the bundle of `make up`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from benchmarks.instruments import facts, growth_data, shapes_data
from benchmarks.instruments.facts import RESULTS
from benchmarks.instruments.stages import REST
from benchmarks.tables.growth import publish
from function.bundle.format import CURRENT, read_manifest
from tests.support.sam import ROOT
from training.data.fetch import cache_root

NAME = "growth"
PACKAGES = ("tensorflow", "numpy", "scipy", "pandas", "pyarrow")
Run = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """Measure how training scales."""

    ratings: tuple[int, ...] = (1_000_000, 5_000_000, 20_000_000, growth_data.ML_32M)
    """Numbers of ratings to generate, one per run; 32 million have the shape of ml-32m."""
    data: tuple[str, ...] = ("ml-100k", "ml-1m")
    """Known data sets."""
    shapes: tuple[str, ...] = ("few people", "very sparse")
    """Generated data of other shapes, by their names in instruments/shapes_data.py."""
    write: bool = False
    """Only write the table and the plot."""


def generated(ratings: int, folder: Path) -> Run:
    """From files of `ratings` generated ratings to a bundle, without evaluation."""
    growth_data.write(folder, ratings)
    return {"data": "generated", **train([*_files(folder), "--protocols"], folder)}


def shaped(name: str, folder: Path) -> Run:
    """From files of the shape `name` to a bundle, with the evaluation of `make up`."""
    shapes_data.write(shapes_data.shaped(name), folder)
    return {"data": name, **train(_files(folder), folder)}


def known(name: str, folder: Path) -> Run:
    """From `fetch` of the data set `name` to the bundle of `make up`."""
    cached = (cache_root() / name).exists()
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "training", "fetch", name], cwd=ROOT, check=True)
    seconds = round(time.monotonic() - started, 1)
    fetched = {"seconds": seconds, "how": "found in the cache and verified" if cached else "downloaded"}
    run = train(["--if-needed", "--data", name], folder)
    return {"data": name, **run, "seconds": round(run["seconds"] + seconds, 1), "fetch": fetched}


def _files(folder: Path) -> list[str]:
    return ["--ratings", str(folder / "ratings.parquet"), "--films", str(folder / "films.parquet")]


def train(arguments: Sequence[str], folder: Path) -> Run:
    """Time `python -m training train` with `arguments`, from start to end; its files go below `folder`."""
    bundles, times = folder / "bundles", folder / "stages.json"
    command = ["train", *arguments, "--out", str(bundles), "--report", str(folder / "report")]
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "benchmarks.instruments.stages", str(times), *command], cwd=ROOT, check=True)
    seconds = time.monotonic() - started
    stages: dict[str, dict[str, float]] = json.loads(times.read_text())
    # The start of the interpreter came before the first stage.
    stages[REST]["seconds"] = round(seconds - sum(each["seconds"] for name, each in stages.items() if name != REST), 2)
    folder = (bundles / CURRENT).resolve()
    data = read_manifest(folder).data
    return {
        **{name: data[name] for name in ("ratings", "users", "films")},
        "seconds": round(seconds, 1),
        "peak_mb": max(each["peak_mb"] for each in stages.values()),
        "bundle_mb": round(sum(path.stat().st_size for path in folder.iterdir()) / 1e6, 1),
        "stages": stages,
    }


def add(run: Run) -> dict[str, Any]:
    """Store `run`, replacing an earlier one on the same data; returns all results."""
    return facts.add(NAME, run, *PACKAGES, key=key, order=lambda each: (each["data"] != "generated", each["ratings"]))


def key(run: Run) -> tuple[str, int]:
    """Identifies the data of a run."""
    return run["data"], run["ratings"] if run["data"] == "generated" else 0


def main(options: Options) -> None:
    if not options.write:
        runs = [
            *((generated, ratings) for ratings in options.ratings),
            *((shaped, name) for name in options.shapes),
            *((known, name) for name in options.data),
        ]
        (ROOT / "artifacts").mkdir(exist_ok=True)
        for measure, what in runs:
            folder = Path(tempfile.mkdtemp(prefix="growth-", dir=ROOT / "artifacts"))
            try:
                add(measure(what, folder))  # type: ignore[operator]
            finally:
                shutil.rmtree(folder)
    publish(json.loads((RESULTS / f"{NAME}.json").read_text()))


if __name__ == "__main__":
    main(tyro.cli(Options))
