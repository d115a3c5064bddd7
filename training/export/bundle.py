"""From a fitted model to a published bundle: encode, convert, verify, publish.

The TFLite file is compared with Keras before the bundle is published. Converters have been seen to leave weights as
variables, which a runtime silently reads as zeros; only this comparison catches that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from function.bundle.films import Film
from function.bundle.format import ROWS, ModelFacts
from function.bundle.goldens import STAR_TOLERANCE, TOP, Golden, measure
from function.bundle.interpreter import Model
from function.bundle.people import Person
from function.bundle.rows import rows_bytes
from function.recommending.ranking import top
from training.data.dataset import Dataset
from training.evaluation.facts import data_facts
from training.export.film_map import film_map
from training.export.publish import film_files, json_bytes, npz_bytes, publish_verified, samples_bytes, stage
from training.export.samples import choose_samples
from training.model.fitted import Fitted
from training.model.served import HISTORY_LENGTH, Served, to_tflite
from training.model.tables import Precision, row_scales

GOLDEN_SAMPLES: Final = 8
GOLDEN_HISTORIES: Final = (0, 1, 3, 10)  # numbers of ratings a visitor gives
NO_POSTERS: Final[Mapping[str, str]] = MappingProxyType({})
PROBES: Final = 50  # films of each golden, spread over the catalogue, whose stars are stored


class ExportError(Exception):
    """The exported model differs from Keras; nothing was published."""


@dataclass(frozen=True)
class Exported:
    """The published bundle, and how far its model is from Keras over the whole catalogue."""

    folder: Path
    max_star_error: float  # stars
    top10_agreement: float  # share of goldens with the same ten films in the same order


def export(
    fitted: Fitted,
    *,
    root: Path,
    precision: Precision = "float32",
    rescored: bool = True,
    training: dict[str, Any],
    metrics: dict[str, Any],
    posters: Mapping[str, str] = NO_POSTERS,
) -> Exported:
    """Write, verify and publish the bundle of `fitted` under `root`; until then the current bundle stays.

    Raises ExportError where a float32 model is more than 1e-4 stars from Keras or ranks a golden top 10 differently.
    float16 and int8 are approximations, so their error is measured and recorded instead. The first films of a list of
    an int8 model are `rescored` by rows of 16 bits, which the bundle then has, too.
    """
    dataset = fitted.dataset
    model = to_tflite(fitted.served, precision)
    samples = choose_samples(
        dataset.n_users,
        lambda user: _person(fitted, user).history,
        dataset.catalog.multi_hot() > 0,
        _counts(dataset),
    )
    goldens = [*_golden_samples(fitted, samples), *_golden_visitors(fitted)]
    runtime = Model(model, precision)
    checked = measure([golden.golden for golden in goldens], runtime, list(fitted.user_vectors[samples]))
    max_distance = max(_distance(runtime, fitted, golden) for golden in goldens)
    max_star_error = max(checked.max_star_error, max_distance)
    if not np.isfinite(max_star_error):
        raise ExportError(f"the {precision} model returns NaN. Nothing was published; the current bundle stays.")
    if precision == "float32" and not (max_star_error <= STAR_TOLERANCE and checked.top10_agreement == 1):
        raise ExportError(
            f"TFLite is {max_star_error:.2g} stars from Keras (allowed: {STAR_TOLERANCE}) and agrees on "
            f"{checked.top10_agreement:.0%} of the golden top-10 lists. Nothing was published; the old bundle stays."
        )
    staged = stage(
        root,
        content={
            **_content(fitted, model, precision, samples, [golden.golden for golden in goldens], posters),
            **({ROWS: _rows(fitted.served)} if rescored and precision == "int8" else {}),
        },
        people=_Everybody(fitted),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        model=ModelFacts(
            dimensions=fitted.served.dimensions,
            history_length=HISTORY_LENGTH,
            users=dataset.n_users,
            films=dataset.n_films,
            genres=len(dataset.catalog.genre_names),
            scale=dataset.scale,
            precision=precision,
        ),
        data=data_facts(dataset),
        training=training,
        metrics={
            **metrics,
            "export": {"max_star_error": max_star_error, "top10_agreement": checked.top10_agreement},
        },
    )
    return Exported(publish_verified(staged, root), max_star_error, checked.top10_agreement)


@dataclass(frozen=True)
class _Probed:
    """A golden, with the user vector that Keras computed."""

    golden: Golden
    vector: NDArray[np.float32]  # [D]


@dataclass(frozen=True)
class _Everybody:
    """The known users, as often as they are gone through."""

    fitted: Fitted

    def __iter__(self) -> Iterator[Person]:
        return (_person(self.fitted, user) for user in range(self.fitted.dataset.n_users))


def _person(fitted: Fitted, user: int) -> Person:
    histories = fitted.histories
    rows = slice(histories.indptr[user], histories.indptr[user + 1])
    films, ratings = histories.columns[rows], histories.ratings[rows]
    return Person(fitted.dataset.user_ids[user], fitted.user_vectors[user], films, ratings)


def _golden_samples(fitted: Fitted, samples: list[int]) -> list[_Probed]:
    """Sample profiles, by their vectors."""
    return [
        _probe(fitted, fitted.user_vectors[user], position, [], [])
        for position, user in enumerate(samples[:GOLDEN_SAMPLES])
    ]


def _golden_visitors(fitted: Fitted) -> list[_Probed]:
    """Made-up ratings, so that a bundle without its users has nobody's (training/export/prune.py)."""
    rng, scale = np.random.default_rng(0), fitted.dataset.scale
    films = rng.permutation(fitted.dataset.n_films)[:HISTORY_LENGTH].astype(np.int32)
    steps = rng.integers(0, round((scale.max - scale.min) / scale.step) + 1, len(films))
    ratings = (scale.min + scale.step * steps).astype(np.float32)
    return [
        _probe(fitted, fitted.encode(films[:n], ratings[:n]), None, films[:n].tolist(), ratings[:n].tolist())
        for n in (*GOLDEN_HISTORIES, HISTORY_LENGTH)
    ]


def _probe(
    fitted: Fitted, vector: NDArray[np.float32], user: int | None, films: list[int], ratings: list[float]
) -> _Probed:
    stars, relevance = (head[0] for head in fitted.score(vector[None]))
    first = top(relevance, np.arange(len(relevance)), 0, TOP).tolist()
    probes = sorted({*first, *np.linspace(0, len(stars) - 1, PROBES).astype(int).tolist()})
    golden = Golden(user=user, films=films, ratings=ratings, probes=probes, stars=stars[probes].tolist(), top=first)
    return _Probed(golden, vector)


def _distance(model: Model, fitted: Fitted, probed: _Probed) -> float:
    """The largest difference of stars between `model` and Keras over the whole catalogue."""
    golden = probed.golden
    vector = probed.vector
    if golden.user is None:
        vector = model.encode(np.asarray(golden.films, np.int32), np.asarray(golden.ratings, np.float32))
    difference = np.abs(model.score(vector)[0] - fitted.score(probed.vector[None])[0][0])
    return float(difference.max()) if np.isfinite(difference).all() else float("inf")


def _content(
    fitted: Fitted,
    model: bytes,
    precision: Precision,
    samples: list[int],
    goldens: list[Golden],
    posters: Mapping[str, str],
) -> dict[str, bytes]:
    vectors = fitted.film_vectors()
    return {
        "model.tflite": model,
        **film_files(catalog_films(fitted.dataset, posters), fitted.dataset.catalog.genre_names),
        "films.npz": npz_bytes(
            vectors=directions(vectors, precision),
            map=film_map(vectors, _counts(fitted.dataset)),
            relevance=fitted.mean_relevance,
        ),
        "samples.bin": samples_bytes([_person(fitted, user) for user in samples]),
        "goldens.json": json_bytes({"goldens": [golden.model_dump() for golden in goldens]}),
    }


def _rows(served: Served) -> bytes:
    stars, relevance = served.stars, served.relevance
    return rows_bytes(np.hstack((stars.films, relevance.decoder)), stars.film_bias)


def directions(vectors: NDArray[np.float32], precision: Precision) -> NDArray[Any]:
    """The directions of `vectors` [M, K], with numbers of 2 bytes, or of 1 beside int8 weights: to say which films are
    similar, more would change nothing."""
    if precision != "int8":
        return vectors.astype(np.float16)
    integers: NDArray[Any] = np.rint(vectors / row_scales(vectors)).astype(np.int8)
    return integers


def catalog_films(dataset: Dataset, posters: Mapping[str, str] = NO_POSTERS) -> list[Film]:
    """The films as the function shows them, in index order; `posters` are TMDB paths by film id."""
    rows, catalog = dataset.interactions, dataset.catalog
    counts = _counts(dataset)
    sums = np.bincount(rows.films, rows.ratings, minlength=dataset.n_films)
    return [
        Film(
            id=catalog.ids[index],
            title=catalog.titles[index],
            year=int(catalog.years[index]) or None,
            genres=catalog.genres[index],
            average=round(float(sums[index] / counts[index]), 3) if counts[index] else None,
            count=int(counts[index]),
            tmdb_id=int(catalog.tmdb_ids[index]) or None,
            imdb_id=catalog.imdb_ids[index] or None,
            poster=posters.get(catalog.ids[index]),
        )
        for index in range(dataset.n_films)
    ]


def _counts(dataset: Dataset) -> NDArray[np.int64]:
    return np.bincount(dataset.interactions.films, minlength=dataset.n_films)
