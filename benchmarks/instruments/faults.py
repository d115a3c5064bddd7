"""What goes wrong while visitors ask: releases, rollbacks, a damaged pointer, and workers that are killed.

The local site takes its releases from S3, as the function does in AWS; moto stands for S3, on loopback. Releases and
rollbacks are the plans of `make release` and `make rollback` (infra/releases.py), with the site for the function.
"""

import logging
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, Final
from unittest.mock import patch

import boto3
import httpx
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from benchmarks.instruments.server import Server
from function.bundle.format import SCHEMA_VERSION
from function.bundle.remote import POINTER, try_release
from infra.deployed import DeployedFunction, Limits
from infra.plan import Step
from infra.releases import PREFIX, Releases, plan_release, plan_rollback

REGION: Final = "eu-west-1"
BUCKET: Final = "films-artifacts"
URI: Final = f"s3://{BUCKET}/{PREFIX}"
TURN_SECONDS: Final = 60  # to start every worker again, on a busy machine
_DAMAGED: Final = b'{"release": "'


@contextmanager
def s3() -> Iterator[Any]:
    """A client of an empty, versioned bucket on loopback, which the environment leads to, too."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    names = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_SESSION_TOKEN": ""}
    where = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    try:
        with patch.dict(os.environ, names | where):
            client = boto3.client("s3")
            client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
            client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
            yield client
    finally:
        server.stop()


@dataclass(frozen=True)
class SiteAsFunction(DeployedFunction):
    """The local site in the place of the deployed function: its workers are the execution environments."""

    server: Server

    @classmethod
    def over(cls, server: Server) -> "SiteAsFunction":
        return cls(None, "the local site", SCHEMA_VERSION, server)

    def limits(self) -> Limits:
        return Limits(1 << 40, 1 << 40)

    def check(self, release: str) -> str:
        return str(try_release(URI, release))

    def refresh(self) -> None:
        """Start every worker again. uvicorn gives up if one is killed before it is ready, so it is asked again."""
        before, deadline = set(self.server.workers()), time.monotonic() + TURN_SECONDS
        while time.monotonic() < deadline:
            self.server.process.send_signal(signal.SIGHUP)
            for _ in range(100):
                now = self.server.workers()
                if len(now) == self.server.count and not before & set(now):
                    return
                time.sleep(0.05)
        raise RuntimeError(f"workers {before & set(self.server.workers())} still run")

    def confirm(self, release: str) -> str:
        answer = ask(self.server, "/api/ready")
        if answer["release"] != release:
            raise RuntimeError(f"{answer['release']} is served, not {release}")
        return str(answer)


def ask(server: Server, path: str) -> Any:
    """A GET, tried again while workers are being killed."""
    transport = httpx.HTTPTransport(retries=3)
    for attempt in range(5):
        try:
            with httpx.Client(transport=transport, timeout=30) as client:
                return client.get(server.url + path).raise_for_status().json()
        except httpx.TransportError:
            if attempt == 4:
                raise
            time.sleep(0.2)
    raise AssertionError


@dataclass
class Operator:
    """Whoever releases, rolls back and repairs; `served` are the releases that may be answered with just now."""

    server: Server
    releases: Releases
    image: str  # the release in BUNDLE_DIR, which stands in for one that cannot be read
    current: str
    served: frozenset[str] = frozenset()
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.served = frozenset({self.current})

    def release(self, bundle: Path) -> None:
        self._serve(bundle.name, plan_release(self.releases, SiteAsFunction.over(self.server), bundle))
        self.done["releases"] += 1

    def rollback(self, to: str) -> None:
        self._serve(to, plan_rollback(self.releases, SiteAsFunction.over(self.server), None))
        self.done["rollbacks"] += 1

    def damage_pointer(self, seconds: float) -> None:
        """Damage the pointer, kill a worker, whose successor then serves the image's release, and repair it."""
        self.served |= {self.image}
        key = self.releases.store.key(POINTER)
        whole = self.releases.s3.head_object(Bucket=BUCKET, Key=key)["VersionId"]
        self.releases.s3.put_object(Bucket=BUCKET, Key=key, Body=_DAMAGED)
        self.kill(self.server.workers()[:1])
        deadline = time.monotonic() + TURN_SECONDS
        while ask(self.server, "/api/health")["release"] != self.image:
            if time.monotonic() > deadline:
                raise RuntimeError("no worker serves the image's release")
        time.sleep(seconds)
        source = {"Bucket": BUCKET, "Key": key, "VersionId": whole}
        self.releases.s3.copy_object(Bucket=BUCKET, Key=key, CopySource=source)
        SiteAsFunction.over(self.server).refresh()
        self.served = frozenset({self.current})
        self.done["damaged pointers"] += 1

    def kill(self, workers: Sequence[int]) -> None:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
            self.done["workers killed"] += 1

    def kill_now_and_then(self, seconds: float, ended: Event) -> None:
        """Kill any one worker every so many seconds."""
        chosen = random.Random(0)
        while not ended.wait(seconds):
            workers = self.server.workers()
            self.kill(workers and [chosen.choice(workers)])

    def _serve(self, release: str, plan: Sequence[Step]) -> None:
        self.served |= {release}
        for step in plan:
            step.run()
        self.served, self.current = frozenset({release}), release


def operate(operator: Operator, other: Path, seconds: float, pause: float) -> None:
    """Release the `other` bundle, roll back, damage the pointer; over and over for so many seconds, with pauses."""
    first, ended = operator.current, time.monotonic() + seconds
    while time.monotonic() < ended:
        operator.release(other)
        time.sleep(pause)
        operator.rollback(first)
        time.sleep(pause)
        operator.damage_pointer(pause)
        time.sleep(pause)


def published(client: Any, bundle: Path) -> Releases:
    """The releases of the bucket, of which `bundle` is the current one."""
    releases = Releases(client, BUCKET)
    releases.upload(bundle, bundle.name)
    releases.move(releases.pointer(), bundle.name, "release")
    return releases
