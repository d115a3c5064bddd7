"""What members cost in time: their requests, warm and cold, and the cold start of a visitor with and without them.

    python -m benchmarks.members [BUNDLE] [--runs 100]    rewrites the table in docs/operations.md

Starts take turns in one run, in random order, so that disturbances hit all alike. The store is SQLite in a temporary
folder; DynamoDB's answers take as long as the network. The member has RATED ratings.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np

from benchmarks.instruments import phases
from benchmarks.instruments.facts import facts, write
from benchmarks.tables.document import put
from benchmarks.tables.members import PAGE, table
from function.api.app import create_app
from function.bundle.format import read_bundle
from function.settings import Settings
from tests.support.members import bearer, members_set_up
from training.files import replace

NAME: Final = "members"
RATED: Final = 100
WARM: Final = 300  # requests of each kind
SAMPLES: Final = 10_000  # of the bootstrap
WITHOUT: Final = "a visitor's list, members not set up"
WITH: Final = "a visitor's list, members set up"
MEMBER: Final = "a member's list"


async def warm(app: Any, films: list[str], signed_in: dict[str, str]) -> dict[str, dict[str, float]]:
    """Milliseconds of a member's requests, routing and JSON included, who has rated RATED of the films."""
    ratings = [{"film_id": film, "rating": 1 + number % 5} for number, film in enumerate(films[:RATED])]
    requests: tuple[tuple[str, str, Any], ...] = (
        ("GET", "/api/me/ratings", None),
        ("GET", "/api/me/recommendations", None),
        ("GET", "/api/me/home", None),
        ("PUT", f"/api/me/ratings/{films[0]}", {"rating": 4}),
    )
    found = {}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://function", headers=signed_in) as client:
        (await client.post("/api/me/merge", json={"ratings": ratings})).raise_for_status()
        for method, path, body in requests:
            times = []
            for _ in range(WARM):
                started = time.perf_counter()
                (await client.request(method, path, json=body)).raise_for_status()
                times.append((time.perf_counter() - started) * 1000)
            p50, p99 = (round(float(np.percentile(times, share)), 3) for share in (50, 99))
            label = f"{method} {path.replace(films[0], '{film_id}')}"
            found[label] = {"p50": p50, "p99": p99, "runs": WARM}
    return found


def cold(runs: int, variables: dict[str, str], signed_in: dict[str, str]) -> dict[str, Any]:
    """Medians of starts, and the ratio of a visitor's with members to one without."""
    own = {name: value for name, value in os.environ.items() if name not in variables}
    own["OPENBLAS_NUM_THREADS"] = "1"  # as in the image
    visitor = phases.request("function")
    member = phases.event("GET", "/api/me/recommendations", headers=signed_in)
    kinds = {WITHOUT: (visitor, own), WITH: (visitor, own | variables), MEMBER: (member, own | variables)}
    starts: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    order = random.Random(0)
    for _ in range(runs):
        for kind in order.sample(list(kinds), len(kinds)):
            asked, environment = kinds[kind]
            starts[kind].append(phases.start("function", asked, environment=environment))
    medians = {
        kind: {name: round(statistics.median(each[name] for each in found), 1) for name in ("total", "cpu", "first")}
        for kind, found in starts.items()
    }
    ratios = {
        name: ratio([each[name] for each in starts[WITH]], [each[name] for each in starts[WITHOUT]])
        for name in ("total", "cpu")
    }
    return {"runs": runs, "medians": medians, "ratio": ratios}


def ratio(ours: list[float], theirs: list[float]) -> dict[str, float]:
    """The ratio of two medians, and its 95 % interval by the bootstrap."""
    random_ = np.random.default_rng(0)
    drawn = [np.median(random_.choice(times, (SAMPLES, len(times))), axis=1) for times in (ours, theirs)]
    low, high = np.percentile(drawn[0] / drawn[1], (2.5, 97.5))
    value = statistics.median(ours) / statistics.median(theirs)
    return {"value": round(value, 3), "low": round(float(low), 3), "high": round(float(high), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.members", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, nargs="?", default=Path("artifacts/bundles"), help="artifacts/bundles")
    parser.add_argument("--runs", type=int, default=100, help="starts of each kind (default 100)")
    options = parser.parse_args()
    bundle = read_bundle(options.bundle)
    os.environ["BUNDLE_DIR"] = str(options.bundle)
    with tempfile.TemporaryDirectory() as folder, members_set_up(Path(folder)) as (variables, token):
        signed_in = bearer(token)
        app = create_app(Settings.from_environment(os.environ | variables))
        films = [film.id for film in bundle.films]
        result = {
            **facts("ai-edge-litert", "numpy", "fastapi", "pyjwt"),
            "films": len(films),
            "ratings": RATED,
            "warm": asyncio.run(warm(app, films, signed_in)),
            "cold": cold(options.runs, variables, signed_in),
        }
    write(NAME, result)
    replace(PAGE, put(PAGE.read_text(), NAME, table(result)))
    print(table(result))


if __name__ == "__main__":
    main()
