"""How the recommendations of a bundle react to likes and dislikes: the tests of training/evaluation/behaviour.py.

    python -m benchmarks.behaviour                 of the current bundle in artifacts/bundles; rewrites the tables in
                                                   docs/model-card.md
    python -m benchmarks.behaviour --check         only compares with LIMITS; exits with 1 if one is missed

It runs the bundle as the function does, so it needs only what serving needs.
"""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.instruments.facts import facts, write
from benchmarks.tables.behaviour import PAGE, horror_table, table, weights_table
from benchmarks.tables.document import put
from function.bundle.format import Bundle, read_bundle
from function.bundle.interpreter import Model
from training.evaluation.behaviour import RATED, Behaviour, Films, behaviour, best_known, first
from training.files import replace

NAME: Final = "behaviour"
GENRE: Final = "Horror"
# Of ml-100k. Shares are of 1; `expected` is the share of genres that obey.
LIMITS: Final = {
    "expected": ("at least", 16 / 18),
    "common": ("at most", 0.25),
    "poor": ("at most", 0.05),
    "raised": ("at least", 1.0),
    "alike": ("at most", 0.4),
    "moved": ("at least", 0.2),
    "middle": ("at least", 0.7),
}
Answered = tuple[NDArray[np.float32], NDArray[np.float32]]


def films_of(bundle: Bundle) -> Films:
    """What the tests need to know of the films."""
    index = {genre: position for position, genre in enumerate(bundle.genres)}
    hot = np.zeros((len(bundle.films), len(index)), np.bool_)
    for film, facts_ in enumerate(bundle.films):
        hot[film, [index[genre] for genre in facts_.genres]] = True
    counts = np.array([film.count for film in bundle.films])
    return Films(counts, hot, bundle.genres, bundle.film_tables.vectors[:])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.behaviour", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, default=Path("artifacts/bundles"), help="default artifacts/bundles")
    parser.add_argument("--check", action="store_true", help="only compare with the limits")
    options = parser.parse_args()
    bundle = read_bundle(options.bundle)
    model, films = Model.of(bundle), films_of(bundle)

    def answer(history: NDArray[np.int32], ratings: NDArray[np.float32]) -> Answered:
        return model.score(model.encode(history, ratings))

    found = behaviour(answer, films, bundle.manifest.model.scale)
    if found is None:
        print(f"no genre of {bundle.manifest.data['name']} has {RATED} films that are known enough", file=sys.stderr)
        return 1
    missed = list(_missed(found))
    for line in missed:
        print(line, file=sys.stderr)
    if options.check:
        print(f"{found.expected} of {len(found.genres)} genres obey; {len(missed)} limits are missed")
        return bool(missed)
    scale = bundle.manifest.model.scale
    rated = best_known(films)[bundle.genres.index(GENRE)]
    lists = {}
    for stars in (scale.min, scale.max):
        ratings = np.full(len(rated), stars, np.float32)
        predicted = answer(rated, ratings)[0]
        shown = first(answer, rated, ratings, 10, rated).tolist()
        lists[f"{stars:g}"] = [[bundle.films[film].title, float(predicted[film])] for film in shown]
    result: dict[str, Any] = {
        **facts("numpy"),
        "release": bundle.manifest.release,
        "data": bundle.manifest.data["name"],
        "behaviour": asdict(found) | {"expected": found.expected, "common": found.common, "poor": found.poor},
        "rated": [bundle.films[film].title for film in rated],
        "lists": lists,
    }
    write(NAME, result)
    page = put(PAGE.read_text(), NAME, table(result))
    page = put(page, "five horror films", horror_table(result))
    replace(PAGE, put(page, "weights", weights_table()))
    return 0


def _missed(found: Behaviour) -> list[str]:
    figures = asdict(found) | {"common": found.common, "poor": found.poor}
    figures["expected"] = found.expected / len(found.genres)
    return [
        f"{name} is {figures[name]:.3f}; wanted is {word} {limit:.3f}"
        for name, (word, limit) in LIMITS.items()
        if (figures[name] < limit if word == "at least" else figures[name] > limit)
    ]


if __name__ == "__main__":
    sys.exit(main())
