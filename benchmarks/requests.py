"""Warm requests through Mangum, beside a bare FastAPI in the same process; and ways to score a catalogue.

    python -m benchmarks.requests [BUNDLE]       writes benchmarks/results/requests.json

Every round has each request once, in a random order. A process keeps the scores of the latest people, so those who ask
again and again are ranked but not scored; "another each time" is scored. ONNX Runtime and implicit are in environments
of their own, which `make bench` sets up; a way whose environment is missing is left out, and the result says so.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the image; before NumPy reads it

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.instruments.events import Context, event
from benchmarks.instruments.facts import facts, write
from benchmarks.instruments.interleaved import Work, interleaved
from benchmarks.instruments.layers import shares
from benchmarks.scoring.contract import LIST, NUMPY, Catalogue
from function.bundle.format import Bundle, read_bundle
from function.bundle.interpreter import Model
from function.bundle.people import Person, mapped_people
from function.recommending.recommender import Filters, Recommender

ROOT: Final = Path(__file__).parents[1]
ROUNDS: Final = 2000
AGAIN: Final = 4  # people who ask again: with the others meanwhile, fewer than a process keeps
HELLO: Final = "hello route of a bare FastAPI and Mangum"
TOP: Final = f"top {LIST} of a known user"
VISITOR: Final = f"top {LIST} of a visitor with 20 ratings"
HOME: Final = "home of a known user"
VISITOR_HOME: Final = "home of a visitor with 20 ratings"
ANOTHER: Final = ", another each time"
# What the ways of other libraries are run with.
ELSEWHERE: Final = (
    ("with_keras", ROOT / ".venv"),
    ("with_onnxruntime", ROOT / "artifacts" / "onnx-venv"),
    ("with_implicit", ROOT / "artifacts" / "peers-venv"),
)


def requests(bundle: Path) -> dict[str, Work]:
    """Each kind of request, as something to call."""
    os.environ.update(BUNDLE_DIR=str(bundle.resolve()), OPEN_USERS="all")
    # Only here: the handler loads its bundle when it is imported.
    from benchmarks.instruments import hello
    from function import handler

    recommender = Recommender(read_bundle(bundle), Model(read_bundle(bundle).model))
    films, people = recommender.bundle.films, everybody(recommender.bundle)
    samples = [profile.person.id for profile in recommender.profiles[:AGAIN]]
    first, second, *_ = sorted(recommender.genre_sizes, key=lambda name: -recommender.genre_sizes[name])

    def sent(*events: Any, to: Callable[[Any, Any], Any] = handler.handler) -> Work:
        turns = cycle(events)

        def work() -> None:
            status = to(next(turns), Context)["statusCode"]
            assert status in (200, 304), status

        return work

    def of_users(ids: list[str], what: str, query: str = "") -> list[Any]:
        return [event("GET", f"/api/users/{user}/{what}", query=query) for user in ids]

    def visitor(person: Person) -> dict[str, Any]:
        rated = zip(person.films[:20].tolist(), person.ratings[:20].tolist(), strict=True)
        return {"ratings": [{"film_id": films[film].id, "rating": rating} for film, rating in rated]}

    def visits(path: str, people: list[Person]) -> list[Any]:
        return [event("POST", path, body=visitor(person)) for person in people]

    ids = [person.id for person in people]
    many = [person for person in people if len(person.films) >= 20]
    known = of_users(samples, "recommendations")
    conditional = []
    for each in known:
        tag = handler.handler(each, Context)["headers"]["etag"]
        conditional.append({**each, "headers": {**each["headers"], "if-none-match": tag}})
    return {
        HELLO: sent(event("GET", "/api/health"), to=hello.handler),
        "health": sent(event("GET", "/api/health")),
        TOP: sent(*known),
        f"{TOP}, of two genres": sent(*of_users(samples, "recommendations", f"genres={first}&genres={second}")),
        f"{TOP}, who has it already (304)": sent(*conditional),
        TOP + ANOTHER: sent(*of_users(ids, "recommendations")),
        VISITOR: sent(*visits("/api/recommendations", many[:AGAIN])),
        VISITOR + ANOTHER: sent(*visits("/api/recommendations", many)),
        HOME: sent(*of_users(samples, "home")),
        HOME + ANOTHER: sent(*of_users(ids, "home")),
        f"{VISITOR_HOME}{ANOTHER}": sent(*visits("/api/home", many)),
    }


def ratios(times: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """`times` with each median's ratio to that of hello, and the ratio of p99 to the median."""
    hello = times[HELLO]["p50"]
    return {
        name: {**found, "ratio": round(found["p50"] / hello, 3), "p99_ratio": round(found["p99"] / found["p50"], 2)}
        for name, found in times.items()
    }


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the log lines of the requests."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def measure_requests(bundle: Path, rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """Medians, 99th percentiles and ratios of every kind of request."""
    with quiet():
        return ratios(interleaved(requests(bundle), rounds))


def where_the_time_goes(bundle: Path) -> dict[str, dict[str, float]]:
    """The share of every layer, for some kinds of request."""
    with quiet():
        works = requests(bundle)
        return {name: shares(works[name], 500) for name in (HELLO, TOP, TOP + ANOTHER, VISITOR + ANOTHER, HOME)}


def everybody(bundle: Bundle) -> list[Person]:
    """The known users of a bundle that has them."""
    return list(mapped_people(bundle) or ())


def catalogue_of(recommender: Recommender) -> Catalogue:
    """The score graph as matrices: both heads are linear, but for the clipping of stars, so unit vectors show them.

    Raises ValueError if relevance is not the stars and a product, as in the bundles of this project.
    """
    model, people = recommender.model, everybody(recommender.bundle)
    dimensions = recommender.bundle.manifest.model.dimensions
    stars, bias = model.score(np.zeros(dimensions, np.float32))
    both = np.stack([model.score(unit)[1] - bias for unit in np.eye(dimensions, dtype=np.float32)], 1)
    moved = [bool((model.score(unit)[0] != stars).any()) for unit in np.eye(dimensions, dtype=np.float32)]
    sides = max(np.flatnonzero(moved), default=0) + 1
    vectors, films = np.stack([person.vector for person in people]), [person.films for person in people]
    indptr = np.cumsum([0, *map(len, films)], dtype=np.int64)
    found = Catalogue(both[:, :sides], bias, both[:, sides:], vectors, indptr, np.concatenate(films))
    for vector in vectors[:5]:
        if np.abs(found.score(vector)[1] - model.score(vector)[1]).max() > 1e-2:
            raise ValueError("the relevance of this bundle is not its stars and a product; train one with `make train`")
    return found


def measure_scoring(bundle: Path) -> dict[str, Any]:
    """Each way to score the catalogue: times, and the ratio to the product in NumPy that was timed in turn."""
    recommender = Recommender(read_bundle(bundle), Model(read_bundle(bundle).model))
    catalogue = catalogue_of(recommender)
    vector, history = catalogue.users[0], everybody(recommender.bundle)[0].films
    straight = {NUMPY: lambda: catalogue.score(vector)}

    def film_by_film() -> None:
        for _ in recommender.bundle.films:
            recommender.model.score(vector)

    def ranked() -> None:
        scores = recommender.scores_of_vector(vector, history)
        recommender.recommend(scores, Filters(genres=(0,)), sort="relevance", include_seen=False, start=0, n=LIST)

    ours: dict[str, Work] = {
        "this model, one invocation of LiteRT": lambda: recommender.model.score(vector),
        f"this model, and mask, genre filter and top {LIST}": ranked,
    }
    found = [
        interleaved({**ours, **straight}, ROUNDS),
        interleaved({"one invocation per film, as in the original application": film_by_film, **straight}, 10, warm=1),
    ]
    missing = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.npz"
        catalogue.write(path)
        for module, environment in ELSEWHERE:
            python = environment / "bin" / "python"
            if not python.exists():
                missing.append(module)
                continue
            command = [str(python), "-m", f"benchmarks.scoring.{module}", str(path)]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
            found.append(json.loads(done.stdout))
    ways = {
        name: {**times, "ratio": round(times["p50"] / run[NUMPY]["p50"], 2)}
        for run in found
        for name, times in run.items()
        if name != NUMPY
    }
    return {"ways": {NUMPY: {**found[0][NUMPY], "ratio": 1.0}, **ways}, "missing": missing}


def measure(bundle: Path) -> dict[str, Any]:
    """All results for a bundle."""
    manifest = read_bundle(bundle).manifest
    return {
        "bundle": {"data": manifest.data.get("name"), "films": manifest.model.films, "users": manifest.model.users},
        "load": round(os.getloadavg()[0], 1),
        "milliseconds": measure_requests(bundle),
        "layers": where_the_time_goes(bundle),
        "scoring": measure_scoring(bundle),
    }


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("artifacts/bundles")
    result = {**facts("ai-edge-litert", "numpy", "fastapi", "mangum"), **measure(path)}
    result["versions"]["tensorflow"] = version("tensorflow")
    write("requests", result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
