"""One request for a shelf, compared with one invocation of the model per film.

    python -m benchmarks.requests [BUNDLE]       writes benchmarks/results/requests.json

The original application, the Flask app that this project replaces, called its model once for every film
(Movie-Recommendation-System by HoussemBouagal). Ours scores the catalogue in one invocation, then masks and partially
sorts it. Both run the same TFLite model in this process, on one thread. The HTTP layer is measured in process, too.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.instruments.facts import facts, write
from function.api.app import create_app
from function.bundle.format import read_bundle
from function.bundle.interpreter import Model
from function.recommending.recommender import Filters, Recommender
from function.settings import Settings


def milliseconds(work: Callable[[], Any], runs: int) -> dict[str, float]:
    """Median and 99th percentile of one call."""
    work()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return {"p50": round(float(np.median(times)), 3), "p99": round(float(np.percentile(times, 99)), 3), "runs": runs}


def measure(path: Path) -> dict[str, Any]:
    """All results for the bundle at `path`."""
    bundle = read_bundle(path)
    recommender = Recommender(bundle, Model(bundle.model))
    films, ratings = bundle.known_users.histories.of(0)
    vector = bundle.known_users.vectors[0]

    def shelf() -> None:
        recommender.recommend(
            recommender.scores_of_user(0), Filters(), sort="relevance", include_seen=False, start=0, n=20
        )

    def film_by_film() -> None:
        for _ in bundle.films:
            recommender.model.score(vector)

    requests = {
        "GET a known user's shelf": ("GET", f"/api/users/{bundle.users[0]}/recommendations", None),
        "POST a visitor's 10 ratings": (
            "POST",
            "/api/recommendations",
            {
                "ratings": [
                    {"film_id": bundle.films[film].id, "rating": float(stars)}
                    for film, stars in zip(films[:10], ratings[:10], strict=True)
                ]
            },
        ),
    }
    app = create_app(Settings(bundle_dir=path, open_users="all"))
    ours, per_film = milliseconds(shelf, 500), milliseconds(film_by_film, 3)
    return {
        "films": len(bundle.films),
        "encode 10 ratings": milliseconds(lambda: recommender.model.encode(films[:10], ratings[:10]), 500),
        "encode 500 ratings": milliseconds(
            lambda: recommender.model.encode(np.resize(films, 500), np.resize(ratings, 500)), 500
        ),
        "score the catalogue, both heads": milliseconds(lambda: recommender.model.score(vector), 500),
        "a shelf: score, mask, top 20": ours,
        "one invocation per film, as in the original application": per_film,
        "ratio": round(per_film["p50"] / ours["p50"]),
        **{name: asyncio.run(over_http(app, *request)) for name, request in requests.items()},
    }


async def over_http(
    app: Any, method: str, path: str, body: Any, headers: Mapping[str, str] | None = None
) -> dict[str, float]:
    """Median and 99th percentile of a request, including routing and JSON."""
    times = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://function") as client:
        for _ in range(300):
            started = time.perf_counter()
            (await client.request(method, path, json=body, headers=headers)).raise_for_status()
            times.append((time.perf_counter() - started) * 1000)
    return {"p50": round(float(np.median(times)), 3), "p99": round(float(np.percentile(times, 99)), 3), "runs": 300}


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("artifacts/bundles")
    result = {**facts("ai-edge-litert", "numpy", "fastapi"), "milliseconds": measure(path)}
    write("requests", result)
    print(json.dumps(result["milliseconds"], indent=1))


if __name__ == "__main__":
    main()
