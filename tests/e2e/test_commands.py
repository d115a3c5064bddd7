"""From a user's own files to responses over HTTP, with the commands of README."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from function.bundle.format import ROWS, read_bundle
from tests.support.site_process import served
from training.data.dataset import Dataset
from training.data.synthetic import synthetic
from training.up_to_date import up_to_date

ROOT = Path(__file__).parents[2]
QUICK = ["--model.embedding", "4", "--model.epochs", "2", "--model.relevance-rank", "8", "--protocols", "random"]


def run(*arguments: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def write(dataset: Dataset, folder: Path) -> list[str]:
    """Write the data set as two CSV files; returns the flags for them."""
    rows, catalog = dataset.interactions, dataset.catalog
    with (folder / "ratings.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("user", "film", "rating"))
        for user, film, stars in zip(rows.users, rows.films, rows.ratings, strict=True):
            writer.writerow((dataset.user_ids[user], catalog.ids[film], f"{stars:g}"))
    with (folder / "films.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("film", "title", "year", "genres"))
        for film in range(len(catalog)):
            writer.writerow(
                (catalog.ids[film], catalog.titles[film], catalog.years[film], "|".join(catalog.genres[film]))
            )
    return ["--ratings", str(folder / "ratings.csv"), "--films", str(folder / "films.csv")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def flags(folder: Path) -> list[str]:
    files = write(synthetic(users=50, films=60, ratings=1200, step=0.5), folder)
    return [
        *files,
        "--scale",
        "0.5",
        "5",
        "0.5",
        "--out",
        str(folder / "bundles"),
        "--report",
        str(folder / "report"),
        *QUICK,
    ]


@pytest.fixture(scope="module")
def trained(folder: Path, flags: list[str]) -> Path:
    done = run("training", "train", *flags)
    assert done.returncode == 0, done.stderr
    assert "Verified: TFLite is within" in done.stderr
    assert "training the towers" in done.stderr  # says what it is doing
    return folder / "bundles"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<title>Films</title>")
    return tmp_path


def test_own_half_stars_come_out_as_a_site(trained: Path, dist: Path) -> None:
    manifest = read_bundle(trained).manifest
    assert manifest.model.scale.step == 0.5
    assert manifest.data["ratings"] > 500
    assert manifest.data["public"] is False
    assert manifest.training["config"]["seed"] == 0
    assert manifest.training["versions"]["tensorflow"]
    assert 0 < manifest.metrics["random"]["rmse"] < 2
    with served(trained, dist) as (url, process):
        with httpx.Client(base_url=url, timeout=60) as client:  # a busy machine may take its time
            assert client.get("/").text == "<title>Films</title>"
            assert client.get("/api/ready").json()["release"] == manifest.release
            page = client.get("/api/users/u3/recommendations", params={"limit": 5}).json()
            assert len(page["items"]) == 5
            film = page["items"][0]["id"]
            visitor = {"ratings": [{"film_id": film, "rating": 3.5}]}
            assert len(client.post("/api/recommendations", json=visitor).json()["items"]) == 20
        process.send_signal(signal.SIGINT)  # Ctrl-C
        assert process.wait(timeout=60) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_what_is_up_to_date_is_not_made_again(trained: Path, flags: list[str]) -> None:
    before = read_bundle(trained).manifest
    started = time.monotonic()
    done = run("training", "train", "--if-needed", *flags)
    assert "is up to date" in done.stderr
    assert time.monotonic() - started < 60
    assert read_bundle(trained).manifest == before
    assert up_to_date(trained, flags)  # from now on without what training needs


def test_a_damaged_bundle_is_made_again_and_the_same_seed_gives_the_same_release(
    trained: Path, flags: list[str]
) -> None:
    before = read_bundle(trained).manifest
    (trained / "current" / "model.tflite").write_bytes(b"damaged")
    done = run("training", "train", "--if-needed", *flags)
    assert done.returncode == 0, done.stderr
    after = read_bundle(trained).manifest
    assert after.release == before.release
    assert after.metrics == before.metrics


def test_a_training_that_is_killed_leaves_the_bundle_before_it(trained: Path, flags: list[str]) -> None:
    before = read_bundle(trained).manifest
    command = [sys.executable, "-m", "training", "train", *flags, "--model.seed", "5", "--model.epochs", "500"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process.stderr:
        output = ""
        while "towers" not in output:
            output += process.stderr.read(1)
        process.kill()
    process.wait()
    assert read_bundle(trained).manifest == before


def test_verify_names_the_runtime_and_what_is_wrong(trained: Path, tmp_path: Path) -> None:
    done = run("training", "verify", str(trained))
    assert done.returncode == 0
    assert "is intact. On litert" in done.stderr
    done = run("training", "verify", str(tmp_path))
    assert done.returncode == 1
    assert "there is no bundle here" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("precision", ["float16", "int8"])
def test_a_smaller_bundle_records_its_error(precision: str, flags: list[str], tmp_path: Path) -> None:
    done = run("training", "train", *flags, "--precision", precision, "--out", str(tmp_path), "--protocols")
    assert done.returncode == 0, done.stderr
    manifest = read_bundle(tmp_path).manifest
    assert manifest.model.precision == precision
    assert manifest.metrics["export"]["max_star_error"] > 0
    assert (ROWS in manifest.files) == (precision == "int8")
    assert run("training", "verify", str(tmp_path)).returncode == 0


def test_evaluate_writes_a_report(flags: list[str], tmp_path: Path) -> None:
    files = flags[: flags.index("--out")]
    done = run("training", "evaluate", *files, *QUICK, "--out", str(tmp_path / "report"))
    assert done.returncode == 0, done.stderr
    saved = json.loads((tmp_path / "report" / "evaluation.json").read_text())
    assert saved["data"]["films"] == 60
    assert (tmp_path / "report" / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["train", "--ratings", "nothing.csv"], 1, "nothing.csv: there is no such file"),
        (["train", "--films", "films.csv"], 1, "--films needs --ratings"),
        (["train", "--ratings", "x.csv", "--scale", "5", "1", "1"], 1, "--scale 5 1 1"),
        (["train", "--colour", "red"], 2, "--colour"),
        (["fetch", "ml-99"], 2, "ml-99"),
        ([], 2, "fetch"),
    ],
)
def test_a_wrong_command_is_told_what_is_wrong(arguments: list[str], status: int, words: str) -> None:
    done = run("training", *arguments)
    assert done.returncode == status
    assert words in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_broken_file_is_named_with_its_line(flags: list[str], folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "ratings.csv"
    broken.write_text((folder / "ratings.csv").read_text() + "u1,1,many\n")
    done = run("training", "train", *flags, "--ratings", str(broken), "--out", str(tmp_path / "bundles"))
    assert done.returncode == 1
    assert re.search(r"ratings\.csv, line \d+: rating 'many' is not a number\. Fix the row", done.stderr)
    assert not (tmp_path / "bundles").exists()
