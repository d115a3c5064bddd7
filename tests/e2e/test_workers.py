"""Two workers on this machine train the same model as one; the entry point of a SageMaker job, in its folders."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from function.bundle.format import Bundle, read_bundle
from function.bundle.interpreter import Model
from function.bundle.people import mapped_people
from tests.e2e.test_commands import ROOT, write
from tests.support.sam import free_port
from training.cluster import sagemaker
from training.cluster.workers import Cluster, meet, read_config
from training.data.errors import DataError
from training.data.synthetic import synthetic

QUICK = ["--model.embedding", "4", "--model.epochs", "3", "--model.relevance-rank", "8", "--protocols"]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's files."""
    folder = tmp_path_factory.mktemp("own")
    write(synthetic(users=60, films=40, seed=1), folder)
    return folder


def config(ports: list[int], index: int) -> str:
    workers = [f"127.0.0.1:{port}" for port in ports]
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})


def start(own: Path, out: Path, tf_config: str, *more: str) -> "subprocess.Popen[str]":
    files = ["--ratings", str(own / "ratings.csv"), "--films", str(own / "films.csv")]
    command = [sys.executable, "-m", "training", "train", *files, *QUICK, "--out", str(out), *more]
    environment = {**os.environ, "TF_CONFIG": tf_config}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def stars(bundle: Bundle) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    model = Model(bundle.model)
    return np.stack([model.score(vector)[0] for vector in (person.vector for person in mapped_people(bundle) or ())])


def test_two_workers_train_what_one_trains_and_the_first_writes_it(own: Path, tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    outs = [tmp_path / "first", tmp_path / "second"]
    workers = [start(own, out, config(ports, index)) for index, out in enumerate(outs)]
    alone = start(own, tmp_path / "alone", "")
    output = [worker.communicate(timeout=240)[1] for worker in (*workers, alone)]
    assert [worker.returncode for worker in (*workers, alone)] == [0, 0, 0], output
    assert not outs[1].exists()
    assert "the first worker writes" in output[1]
    together, single = read_bundle(outs[0]), read_bundle(tmp_path / "alone")
    assert together.manifest.training["chosen"] == single.manifest.training["chosen"]
    # Sums in another order, over a few hundred steps: far below what a metric shows.
    assert np.abs(stars(together) - stars(single)).max() < 1e-3


def test_a_worker_that_dies_ends_the_other_with_an_error(own: Path, tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    workers = [start(own, tmp_path / "out", config(ports, index), "--model.epochs", "60") for index in (0, 1)]
    stream = workers[1].stderr
    assert stream is not None
    while "choosing epochs of the towers" not in (line := stream.read(200)):
        assert line, "it ended before it trained"
    workers[1].kill()
    workers[1].wait()
    stream.close()
    begun = time.monotonic()
    _, output = workers[0].communicate(timeout=180)
    assert workers[0].returncode == 1
    assert "error: worker 0 of 2: another stopped" in output
    assert not (tmp_path / "out" / "current").exists()
    assert time.monotonic() - begun < 180


@pytest.mark.parametrize(
    ("raw", "output"),
    [
        ("{", "TF_CONFIG: "),
        ("[]", "TF_CONFIG: "),
        ('{"cluster": {"worker": ["a:1"]}}', "'task' is missing"),
        ('{"cluster": {"worker": ["a:1"], "ps": ["b:1"]}, "task": {"type": "worker", "index": 0}}', "type worker"),
        ('{"cluster": {"worker": ["a"]}, "task": {"type": "worker", "index": 0}}', "HOST:PORT"),
        ('{"cluster": {"worker": ["a:b"]}, "task": {"type": "worker", "index": 0}}', "HOST:PORT"),
        (
            '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
            "index 1 is out of range for 1 workers",
        ),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": "0"}}', "index '0' is out of range"),
    ],
)
def test_a_cluster_that_is_none_is_refused_with_the_mend(raw: str, output: str) -> None:
    with pytest.raises(DataError, match=r"TF_CONFIG: .*unset it to train on one machine") as refused:
        read_config({"TF_CONFIG": raw})
    assert output in str(refused.value)


def test_workers_meet_although_they_start_at_different_times() -> None:
    workers = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        first = pool.submit(meet, workers, 0, 20)
        time.sleep(0.3)
        assert not first.done()
        with socket.create_server(("127.0.0.1", int(workers[1].rpartition(":")[2]))):
            first.result(20)


def test_a_worker_that_does_not_come_is_named() -> None:
    workers = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    with pytest.raises(DataError, match=f"worker 0 of 2: {workers[1]} did not answer within 0.3 s. Start all"):
        meet(workers, 0, 0.3)


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("", 0)) as taken:
        here = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(DataError, match=f"TF_CONFIG: {here}, this worker, cannot listen on its port"):
            meet([here, "127.0.0.1:1"], 0, 5)


def test_a_run_only_where_needed_is_not_shared(own: Path, tmp_path: Path) -> None:
    worker = start(own, tmp_path / "out", config([free_port(), free_port()], 1), "--if-needed")
    output = worker.communicate(timeout=60)[1]
    assert worker.returncode == 1
    assert "error: --if-needed with TF_CONFIG" in output


def test_every_rating_of_a_batch_is_one_worker_s() -> None:
    rows = np.repeat(np.arange(10, dtype=np.int32), 3)
    shares = [Cluster(3, index).share(rows) for index in range(3)]
    assert (np.sum(shares, 0) == 1).all()
    assert Cluster().share(rows).all()


# SageMaker ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def job(own: Path, tmp_path: Path) -> Path:
    """A folder like /opt/ml, with both channels."""
    for channel in ("ratings", "films"):
        (tmp_path / "input" / "data" / channel).mkdir(parents=True)
        shutil.copy(own / f"{channel}.csv", tmp_path / "input" / "data" / channel)
    (tmp_path / "input" / "config").mkdir()
    flags = {"model.embedding": "4", "model.epochs": "2", "model.relevance_rank": "8", "protocols": ""}
    (tmp_path / "input" / "config" / "hyperparameters.json").write_text(json.dumps(flags))
    hosts = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "eth0"}
    (tmp_path / "input" / "config" / "resourceconfig.json").write_text(json.dumps(hosts))
    return tmp_path


def test_a_job_leaves_its_bundle_where_sagemaker_looks(job: Path) -> None:
    assert sagemaker.main(job) == 0
    assert read_bundle(job / "model").manifest.model.films == 40
    assert not (job / "output" / "failure").exists()


def test_a_job_that_fails_says_why_and_leaves_nothing_half_written(job: Path) -> None:
    ratings = job / "input" / "data" / "ratings" / "ratings.csv"
    ratings.write_text(ratings.read_text() + "u1,f1,many\n")
    assert sagemaker.main(job) == 1
    failure = (job / "output" / "failure").read_text()
    assert failure.startswith("error: ")
    assert "ratings.csv" in failure
    assert not (job / "model").exists()


@pytest.mark.parametrize("name", ["out", "ratings", "if_needed"])
def test_what_the_folders_decide_is_no_hyperparameter(name: str, job: Path) -> None:
    (job / "input" / "config" / "hyperparameters.json").write_text(json.dumps({name: "x"}))
    assert sagemaker.main(job) == 1
    assert f"hyperparameter {name}" in (job / "output" / "failure").read_text()


def test_the_image_gets_every_file_of_training() -> None:
    """Dockerfile.training.dockerignore includes the report's templates, not only Python files."""
    lines = (ROOT / "Dockerfile.training.dockerignore").read_text().splitlines()
    kept = {path for line in lines if line.startswith("!") for path in ROOT.glob(line[1:])}
    ours = {path for path in (ROOT / "training").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert ours <= kept


def test_a_channel_must_have_one_file(job: Path) -> None:
    (job / "input" / "data" / "films" / "more.csv").write_text("film,title\n")
    assert sagemaker.main(job) == 1
    assert "2 files" in (job / "output" / "failure").read_text()


def test_several_hosts_become_a_cluster(job: Path) -> None:
    path = job / "input" / "config" / "resourceconfig.json"
    path.write_text(json.dumps({"current_host": "algo-2", "hosts": ["algo-2", "algo-1"]}))
    assert read_config(sagemaker.cluster(job)) == (["algo-1:2222", "algo-2:2222"], 1)
    path.write_text(json.dumps({"hosts": ["algo-1"]}))
    with pytest.raises(sagemaker.JobError, match="needs hosts and current_host"):
        sagemaker.cluster(job)
