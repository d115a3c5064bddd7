"""Goldens: inputs of the model and what Keras answered; a bundle carries its own, so any runtime can be checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, TypeAdapter

from function.bundle.format import Bundle, BundleError
from function.bundle.interpreter import RUNTIME, Model
from function.bundle.people import samples_of

STAR_TOLERANCE: Final = 1e-4  # stars, float32; runtimes add up in different orders, nothing more
TOP: Final = 10


class Golden(BaseModel, defer_build=True):
    """One input, a history or a sample profile's vector, and Keras' answer at some films and for the top ten."""

    user: int | None  # position of a sample profile; None: the history below is encoded
    films: list[int]  # the history: film indices, the latest last
    ratings: list[float]  # stars
    probes: list[int]  # indices of the films whose stars are compared
    stars: list[float]
    top: list[int]  # indices of the TOP films of highest relevance, in order, ties by index


@dataclass(frozen=True)
class Checked:
    """How far a runtime is from Keras."""

    goldens: int
    max_star_error: float  # stars
    top10_agreement: float  # share of goldens whose top ten is the same list


def measure(goldens: list[Golden], model: Model, samples: Sequence[NDArray[np.float32]]) -> Checked:
    """Run every golden through `model`; `samples` are the vectors [D] of the sample profiles."""
    error, agreed = 0.0, 0
    for golden in goldens:
        if golden.user is None:
            vector = model.encode(np.asarray(golden.films, np.int32), np.asarray(golden.ratings, np.float32))
        else:
            vector = samples[golden.user]
        stars, relevance = model.score(vector)
        difference = np.abs(stars[golden.probes] - np.asarray(golden.stars, np.float32))
        # A NaN compares as no error at all; it is an infinite one.
        error = max(error, float(difference.max()) if np.isfinite(difference).all() else float("inf"))
        agreed += np.argsort(-relevance, kind="stable")[:TOP].tolist() == golden.top
    return Checked(len(goldens), error, agreed / len(goldens))


def check_goldens(bundle: Bundle, model: Model) -> Checked:
    """Measure a bundle's own goldens; raises BundleError where this runtime does not answer as Keras did, or there are
    none to ask it.

    float16 and int8 models are approximations by choice: they are held to the error that their export recorded.
    """
    if not bundle.goldens:
        raise BundleError("goldens.json: has none, so nothing shows that the model works. Export the bundle again.")
    try:
        samples = [person.vector for person in samples_of(bundle)]
        checked = measure(TypeAdapter(list[Golden]).validate_python(bundle.goldens), model, samples)
    except (ValueError, IndexError, RuntimeError) as error:  # not goldens, or another model's
        raise BundleError(f"goldens.json: cannot be run ({error}). Export the bundle again.") from error
    exported = bundle.manifest.metrics.get("export", {})
    allowed = max(STAR_TOLERANCE, 1.1 * float(exported.get("max_star_error", 0)))
    agreement = min(1.0, float(exported.get("top10_agreement", 1)))
    if bundle.manifest.model.precision != "float32":
        agreement -= 0.25  # kernels for quantised weights differ between runtimes; near ties may swap
    if not checked.max_star_error <= allowed or checked.top10_agreement < agreement:
        raise BundleError(
            f"model.tflite: on {RUNTIME} it is {checked.max_star_error:.2g} stars from Keras (allowed: {allowed:.2g}) "
            f"and agrees on {checked.top10_agreement:.0%} of the golden top-10 lists. Export the bundle again."
        )
    return checked
