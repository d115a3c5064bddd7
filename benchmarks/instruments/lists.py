"""One catalogue, measured in a process of its own: a start, the function's memory, and the parts of a list.

    python -m benchmarks.instruments.lists FOLDER ITEMS

prints a JSON object about the bundle in FOLDER. ITEMS has its 32-bit item matrix, `matrix` [M, D] and `bias` [M], and
the vectors of `people` [P, D]. No TensorFlow here, as in the function.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.instruments.interleaved import interleaved
from benchmarks.instruments.memory import memory
from benchmarks.instruments.overlap import overlap
from function.bundle.format import read_manifest
from function.recommending.ranking import top
from function.recommending.recommender import Filters, Recommender, Scores

TOP: Final = 20
ANSWERS: Final = 50
GENRE: Final = "Crime"  # one film in eight
SECONDS: Final = 20.0  # of timing, and at most ROUNDS
ROUNDS: Final = 1000
BATCH: Final = 20  # people who are scored at once, for the exact lists
HISTORY: Final = 20  # ratings of a visitor


def measure(folder: Path, items: Path) -> dict[str, Any]:
    """Start the function with the bundle in `folder`, and measure it; `items` are its item matrix and people."""
    from function.api.app import create_app  # a start, whose imports are its own
    from function.settings import Settings

    before, began = memory(), time.perf_counter()
    recommender: Recommender = create_app(Settings(bundle_dir=folder)).state.recommender
    seconds, started = time.perf_counter() - began, memory()
    people = np.load(items)["people"]
    genre = recommender.genre_index[GENRE]
    nothing = np.empty(0, np.int32)
    began = time.perf_counter()
    for person in people[:ANSWERS]:
        listed(recommender, recommender.scores_of_vector(person, nothing), (genre,))
    answering, answered = time.perf_counter() - began, memory()

    with np.load(items) as stored:
        matrix, bias = stored["matrix"], stored["bias"]
    lists = parts(recommender, matrix, people, genre)
    return {
        "mb": {name: each.bytes / 1e6 for name, each in read_manifest(folder).files.items()},
        "start": {"seconds": round(seconds, 3), "answers": round(answering, 3)},
        "memory": {"imports": before, "start": started, "answers": answered},
        "times": lists,
        **agreement(recommender, matrix, bias, people, genre),
    }


def listed(recommender: Recommender, scores: Scores, genres: tuple[int, ...]) -> list[int]:
    """The first TOP films for somebody, of these genres."""
    filters = Filters(genres=genres)
    return recommender.recommend(scores, filters, sort="relevance", include_seen=False, start=0, n=TOP).films


def parts(
    recommender: Recommender, matrix: NDArray[np.float32], people: NDArray[np.float32], genre: int
) -> dict[str, Any]:
    """The parts of an answer, in turns with the sweep, for another person each time."""
    turn = 0

    def person() -> NDArray[np.float32]:
        nonlocal turn
        turn += 1
        return cast(NDArray[np.float32], people[turn % len(people)])

    nothing = np.empty(0, np.int32)
    scores = recommender.scores_of_vector(people[0], nothing)
    rng = np.random.default_rng(0)
    history = rng.permutation(2000)[:HISTORY].astype(np.int32), rng.integers(1, 6, HISTORY).astype(np.float32)

    def answer() -> object:
        return listed(recommender, recommender.scores_of_vector(person(), nothing), (genre,))

    began = time.perf_counter()
    answer()
    rounds = int(min(ROUNDS, max(20, SECONDS / (3 * (time.perf_counter() - began)))))
    works = {
        "sweep": lambda: matrix @ person(),
        "encode": lambda: recommender.model.encode(*history),
        "score": lambda: recommender.model.score(person()),
        "list": lambda: listed(recommender, scores, (genre,)),
        "answer": answer,
    }
    return interleaved(works, rounds, warm=2)


def agreement(
    recommender: Recommender,
    matrix: NDArray[np.float32],
    bias: NDArray[np.float32],
    people: NDArray[np.float32],
    genre: int,
) -> dict[str, float]:
    """The share of the exact first TOP that the lists have, of all films and of a genre; the mean over the people.

    `once` is that of all films as the model ranks them, where nothing is scored again.
    """
    films, of_genre = np.arange(len(matrix)), recommender.genres[:, genre].nonzero()[0]
    nothing = np.empty(0, np.int32)
    shares: list[list[float]] = []
    for start in range(0, len(people), BATCH):
        batch = people[start : start + BATCH]
        exact = batch @ matrix.T + bias
        for person, keys in zip(batch, exact, strict=True):
            scores = recommender.scores_of_vector(person, nothing)
            wanted, wanted_of_genre = top(keys, films, 0, TOP), top(keys, of_genre, 0, TOP)
            pairs = (
                (listed(recommender, scores, ()), wanted),
                (listed(recommender, scores, (genre,)), wanted_of_genre),
                (top(scores.relevance, films, 0, TOP).tolist(), wanted),
            )
            shares.append([overlap(found, exact_list.tolist()) for found, exact_list in pairs])
    names = "overlap", "overlap_genre", "overlap_once"
    return dict(zip(names, np.mean(shares, 0).round(4).tolist(), strict=True))


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]))))
