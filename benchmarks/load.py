"""The local site under load: requests a second, memory, answers at the same time, and answers while things go wrong.

    python -m benchmarks.load [BUNDLE] [--only throughput memory answers faults] [--minutes 10]

writes benchmarks/results/load.json; parts that were not asked for stay as they are. All of it is on loopback.

- `throughput`: wrk with more and more connections, on the site and on the hello route of a bare FastAPI under the same
  server, in turns; of each, the most requests a second whose 99th percentile is within GOAL milliseconds.
- `memory`: the workers' memory over 200,000 requests of all kinds.
- `answers`: requests of all kinds at the same time, each answer compared with that of one process.
- `faults`: the same for minutes, on generated bundles, during releases, rollbacks, damaged pointers and killed workers.
"""

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any, Final

from benchmarks.instruments import faults, mix, wrk
from benchmarks.instruments.facts import RESULTS, facts, write
from benchmarks.instruments.generated import generated_bundle
from benchmarks.instruments.mix import Request
from benchmarks.instruments.server import hello, site
from benchmarks.instruments.visitors import Tally, Visitors, expected
from function.bundle.format import read_bundle, read_manifest

NAME: Final = "load"
GOAL: Final = 50  # milliseconds, for the 99th percentile
CONNECTIONS: Final = (1, 4, 8, 16, 32)
SECONDS: Final = 3  # of wrk, for each number of connections
HELLO: Final = "hello route of a bare FastAPI"
MIX: Final = "all kinds, mixed"
REQUESTS: Final = 200_000  # of the memory's part
BLOCK_SECONDS: Final = 10
WARM: Final = 20_000  # requests after which the caches of a process are full
CHECKED: Final = 20_000  # of the part of answers
PEOPLE: Final = 16  # at the same time
FILMS, USERS = 1682, 943  # in generated bundles: ml-100k's
BUNDLES: Final = ("image", "first", "other")
KILL_SECONDS: Final = 7.0
PAUSE_SECONDS: Final = 5.0


def throughput(bundle: Path, seconds: int = SECONDS) -> dict[str, Any]:
    """For one worker and for one on each core: the best rate of every kind, and its ratio to hello's."""
    requests = mix.kinds(bundle)
    kinds = {name: requests[name] for name in (mix.HEALTH, mix.TOP, mix.VISITOR, mix.HOME)}
    kinds[MIX] = mix.mixed(requests)
    found = {}
    for workers in sorted({1, os.cpu_count() or 1}):
        with site(bundle, workers) as ours, hello(workers) as bare:
            targets = {HELLO: (bare.url, [Request("GET", "/api/health")])}
            targets |= {name: (ours.url, asked) for name, asked in kinds.items()}
            loads = _in_turns(targets, seconds)
        rows = {name: best(each) for name, each in loads.items()}
        for row in rows.values():
            row["ratio"] = round(row["rate"] / rows[HELLO]["rate"], 3)
        found[str(workers)] = rows
    return {"wrk": wrk.version(), "seconds": seconds, "goal_ms": GOAL, "workers": found}


def _in_turns(targets: Mapping[str, tuple[str, list[Request]]], seconds: int) -> dict[str, dict[int, wrk.Load]]:
    """The load of every target with each number of connections; what disturbs the machine disturbs all of them."""
    loads: dict[str, dict[int, wrk.Load]] = {name: {} for name in targets}
    order, names = random.Random(0), list(targets)
    for url, asked in targets.values():
        wrk.load(url, asked, CONNECTIONS[1], 1)  # warms the caches
    for connections in CONNECTIONS:
        order.shuffle(names)
        for name in names:
            loads[name][connections] = wrk.load(*targets[name], connections, seconds)
    return loads


def best(loads: Mapping[int, wrk.Load]) -> dict[str, Any]:
    """The most requests a second within the goal, at how many connections, and the errors of all loads.

    Raises ValueError if no load is within the goal.
    """
    within = {connections: load for connections, load in loads.items() if load.p99 <= GOAL}
    if not within:
        raise ValueError(
            f"no 99th percentile is within {GOAL} ms: this machine is too busy ({dict(loads)}). Run it again."
        )
    connections, load = max(within.items(), key=lambda item: item[1].rate)
    errors, requests = (sum(getattr(each, what) for each in loads.values()) for what in ("errors", "requests"))
    row = {"rate": round(load.rate), "connections": connections, "p50": round(load.p50, 1), "p99": round(load.p99, 1)}
    return {**row, "requests": requests, "errors": errors}


def memory(bundle: Path) -> dict[str, Any]:
    """Megabytes of two workers, by requests that they have answered."""
    asked = mix.mixed(mix.kinds(bundle))
    with site(bundle, 2) as server:
        points, done, errors = [(0, server.memory())], 0, 0
        while done < REQUESTS:
            load = wrk.load(server.url, asked, PEOPLE, BLOCK_SECONDS)
            done, errors = done + load.requests, errors + load.errors
            points.append((done, server.memory()))
    warm = next(megabytes for requests, megabytes in points if requests >= WARM)
    return {"requests": done, "errors": errors, "points": points, "growth": round(points[-1][1] / warm - 1, 4)}


def answers(bundle: Path, checked: int = CHECKED) -> dict[str, Any]:
    """What came of `checked` requests at the same time."""
    release = read_manifest(bundle).release
    goldens = expected([bundle], mix.EACH, checked // 4)
    with site(bundle, 2) as server:
        visitors = Visitors(server.url, goldens, lambda: frozenset({release}))
        tally = asyncio.run(visitors.visit(PEOPLE, lambda tally: tally.asked >= checked))
    return summary(tally)


def under_faults(
    bundles: Mapping[str, Path],
    minutes: float,
    *,
    compared: int,
    pause: float = PAUSE_SECONDS,
    kill: float = KILL_SECONDS,
) -> dict[str, Any]:
    """What came of the requests of minutes in which things went wrong, and how often they did.

    The bundles have the names of BUNDLES; `compared` requests are drawn of the mix.
    """
    image, first, other = (bundles[name] for name in BUNDLES)
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="films-load-"))
        releases = faults.published(stack.enter_context(faults.s3()), first)
        server = stack.enter_context(site(image, 2, {"BUNDLE_URI": faults.URI, "TMPDIR": scratch}))
        operator = faults.Operator(server, releases, image.name, first.name)
        goldens = expected([first, other, image], mix.EACH // 4, compared)
        visitors = Visitors(server.url, goldens, lambda: operator.served)
        began = time.monotonic()
        tally = asyncio.run(_while_operating(operator, other, visitors, minutes * 60, pause, kill))
        took = round((time.monotonic() - began) / 60, 1)
    releases_of = {name: tally.right[bundle.name] for name, bundle in bundles.items()}
    return {"minutes": took, **summary(tally), "answered_by": releases_of, "done": dict(operator.done)}


def on_generated(minutes: float) -> dict[str, Any]:
    """`under_faults` with generated bundles, which score differently."""
    with tempfile.TemporaryDirectory() as folder:
        roots = [Path(folder) / name for name in BUNDLES]
        bundles = {root.name: generated_bundle(root, FILMS, USERS, seed=seed) for seed, root in enumerate(roots)}
        return under_faults(bundles, minutes, compared=1000)


async def _while_operating(
    operator: faults.Operator, other: Path, visitors: Visitors, seconds: float, pause: float, kill: float
) -> Tally:
    ended = Event()
    killing = asyncio.create_task(asyncio.to_thread(operator.kill_now_and_then, kill, ended))
    operating = asyncio.create_task(asyncio.to_thread(faults.operate, operator, other, seconds, pause))
    operating.add_done_callback(lambda _: ended.set())  # also if it fails, which `await` then raises
    tally = await visitors.visit(PEOPLE, lambda _: ended.is_set(), pause=0.1)
    await asyncio.gather(operating, killing)
    return tally


def summary(tally: Tally) -> dict[str, Any]:
    """A tally as figures; availability is the share of requests that were answered."""
    failed = sum(tally.failed.values())
    return {
        "people": PEOPLE,
        "asked": tally.asked,
        "right": sum(tally.right.values()),
        "wrong": len(tally.wrong),
        "examples": tally.wrong[:5],
        "failed": dict(tally.failed),
        "unanswered": tally.unanswered,
        "availability": round(1 - failed / tally.asked, 6),
        "availability_second": round(1 - tally.unanswered / tally.asked, 6),
        "silence_seconds": round(tally.silence, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, nargs="?", default=Path("artifacts/bundles"), help="artifacts/bundles")
    parser.add_argument("--minutes", type=float, default=10, help="of faults (default 10)")
    parts: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
        "throughput": lambda options: throughput(options.bundle),
        "memory": lambda options: memory(options.bundle),
        "answers": lambda options: answers(options.bundle),
        "faults": lambda options: on_generated(options.minutes),
    }
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts), help="default: all")
    options = parser.parse_args()
    try:
        wrk.version()
    except wrk.MissingError as error:
        parser.error(str(error))
    path = RESULTS / f"{NAME}.json"
    bundle = read_bundle(options.bundle)
    options.bundle = bundle.folder
    for part in options.only:
        result = facts("uvicorn", "fastapi", "httpx", "moto")
        new = {"date": result["date"], "load": round(os.getloadavg()[0], 1), **parts[part](options)}
        found: dict[str, Any] = json.loads(path.read_text())["parts"] if path.exists() else {}
        data = {"data": bundle.manifest.data.get("name"), "films": bundle.manifest.model.films}
        write(NAME, {**result, "bundle": data, "parts": {**found, part: new}})
        print(json.dumps({part: new}, indent=1), flush=True)


if __name__ == "__main__":
    main()
