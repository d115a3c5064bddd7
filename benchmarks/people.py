"""Films and people in ml-32m's numbers, beside ml-1m's: what a bundle weighs, and how long a first answer takes.

    python -m benchmarks.people [--runs 10] [--precisions float32 float16 int8]

The bundles have random numbers in a served model of the real shapes (instruments/generated_bundle.py), and are written
and verified by the ordinary export. A start is a new process, until its first answer, as for cold starts: with the
bundle in the image, and as a release from a store on loopback (instruments/store.py), which counts what it sends.
Starts of both sizes take turns. Results go to benchmarks/results/people.json; `benchmarks.figures` puts them into
docs/performance.md.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, cast

import tyro

from benchmarks.instruments import phases
from benchmarks.instruments.facts import facts, write
from benchmarks.instruments.generated_bundle import ML_1M, ML_32M, generate
from benchmarks.instruments.store import Store, store
from function.bundle.format import CURRENT, PEOPLE, mark_checked, read_bundle, read_manifest
from function.bundle.people import samples_of
from function.bundle.remote import POINTER
from function.bundle.remote import Store as Releases
from tests.support.sam import ROOT
from training.model.tables import Precision

NAME: Final = "people"
SHAPES: Final = {"ml-1m": ML_1M, "ml-32m": ML_32M}
URI: Final = "s3://bucket/releases"


@dataclass(frozen=True)
class Options:
    """Measure bundles of two sizes."""

    runs: int = 10
    """Starts of each kind."""
    precisions: tuple[Precision, ...] = ("float32", "float16", "int8")
    """Of the numbers in the bundles."""


def generated(root: Path, shape: str, precision: Precision) -> Path:
    """The folder of a generated bundle, made in a process of its own, since TensorFlow keeps what it used."""
    command = [sys.executable, "-m", "benchmarks.people", "generate", str(root), shape, precision]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = (root / CURRENT).resolve()
    mark_checked(folder)  # as the image does
    return folder


def release(folder: Path, bucket: Path) -> str:
    """Put a bundle into a store as the current release below a prefix of its own; returns its address."""
    uri = f"{URI}/{folder.name}"
    prefix = bucket / Releases.parse(uri).prefix
    prefix.mkdir(parents=True)
    (prefix / folder.name).symlink_to(folder)
    (prefix / POINTER).write_text(json.dumps({"release": folder.name, "history": []}))
    return uri


def weights(folder: Path) -> dict[str, float]:
    """Megabytes of each file; `start` is what a start reads, the sum without the people."""
    manifest = read_manifest(folder)
    files = {name: round(each.bytes / 1e6, 1) for name, each in manifest.files.items()}
    return {**files, "start": round(manifest.bytes / 1e6, 1)}


def requests(folder: Path) -> dict[str, dict[str, Any]]:
    """What a visitor asks, and what somebody known asks who is no sample profile."""
    bundle = read_bundle(folder)
    samples = {person.id for person in samples_of(bundle)}
    known = next(user for user in map(str, range(bundle.manifest.model.users // 2, 0, -1)) if user not in samples)
    asked = phases.event("GET", f"/api/users/{known}/recommendations")
    return {"visitor": phases.request("function"), "known": asked}


def first_answers(folders: dict[str, Path], bucket: Path, there: Store, runs: int) -> list[dict[str, Any]]:
    """A row for each kind of start: medians of each size, and their ratio."""
    own = {**os.environ, "OPEN_USERS": "all", "OPENBLAS_NUM_THREADS": "1"}
    remote = {
        "AWS_ENDPOINT_URL_S3": there.url,
        "AWS_REGION": "r",
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
    }
    kinds: dict[tuple[str, str, str], tuple[dict[str, Any], dict[str, str]]] = {}
    for size, folder in folders.items():
        places = {
            "image": {"BUNDLE_DIR": str(folder)},
            "release": {"BUNDLE_DIR": "none", "BUNDLE_URI": release(folder, bucket), **remote},
        }
        for who, asked in requests(folder).items():
            kinds |= {(where, who, size): (asked, own | place) for where, place in places.items()}
    starts: dict[Any, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    order = random.Random(0)
    for _ in range(runs):
        for kind in order.sample(list(kinds), len(kinds)):
            asked, environment = kinds[kind]
            there.forget()
            with tempfile.TemporaryDirectory() as scratch:
                found = phases.start("function", asked, environment=environment | {"TMPDIR": scratch})
            read = {"sent_mb": round(there.sent.total() / 1e6, 3), "reads_of_people": there.requests[PEOPLE]}
            starts[kind].append({**found, **read, "people_kb": round(there.sent[PEOPLE] / 1e3, 1)})
    rows: list[dict[str, Any]] = []
    for where, who in dict.fromkeys(kind[:2] for kind in kinds):
        row: dict[str, Any] = {"bundle": where, "who": who}
        for size in folders:
            found_ = starts[where, who, size]
            names = ("total", "cpu", "load", "first", "peak_mb", "sent_mb", "reads_of_people", "people_kb")
            row[size] = {name: round(statistics.median(each[name] for each in found_), 3) for name in names}
        small, large = (row[size] for size in folders)
        row["ratio"] = {name: round(large[name] / small[name], 3) for name in ("total", "cpu")}
        rows.append(row)
    return rows


def measure(precision: Precision, runs: int) -> dict[str, Any]:
    """Weights and first answers with numbers of this precision."""
    (ROOT / "artifacts").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="people-", dir=ROOT / "artifacts"))
    try:
        folders = {shape: generated(folder / shape, shape, precision) for shape in SHAPES}
        (bucket := folder / "bucket").mkdir()
        with store(bucket) as there:
            rows = first_answers(folders, bucket, there, runs)
        return {"precision": precision, "mb": {name: weights(each) for name, each in folders.items()}, "starts": rows}
    finally:
        shutil.rmtree(folder)


def main(options: Options) -> None:
    result = {
        **facts("ai-edge-litert", "numpy", "fastapi", "tensorflow"),
        "shapes": {name: asdict(shape) for name, shape in SHAPES.items()},
        "runs": options.runs,
        "bundles": [measure(precision, options.runs) for precision in options.precisions],
    }
    print(write(NAME, result))


if __name__ == "__main__":
    if sys.argv[1:2] == ["generate"]:
        generate(Path(sys.argv[2]), SHAPES[sys.argv[3]], cast(Precision, sys.argv[4]))
    else:
        main(tyro.cli(Options))
