"""From a fitted model to a published bundle: encode, convert, verify, and only then take its place.

The TFLite file is compared with Keras before the bundle has a name. Converters have been seen to leave weights as
variables, which a runtime reads as zeros without a word; nothing but the comparison catches that.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from function.bundle import ModelFacts, publish, read_bundle, stage
from function.goldens import check_goldens
from training.data import Dataset
from training.fit import Fitted
from training.served import HISTORY_LENGTH, Precision, to_tflite

log = logging.getLogger(__name__)

STAR_TOLERANCE: Final = 1e-4  # float32: LiteRT and Keras add up in different orders, nothing more
GOLDEN_USERS: Final = 8
GOLDEN_HISTORIES: Final = (0, 1, 3, 10)  # ratings a visitor has given
TOP: Final = 10


class ExportError(Exception):
    """The exported model does not do what Keras does; nothing was published."""


@dataclass(frozen=True)
class Exported:
    """Where the bundle is, and how far its model is from Keras over the whole catalogue."""

    folder: Path
    max_star_error: float  # stars
    top10_agreement: float  # share of golden inputs whose ten films are the same, in the same order


def export(
    fitted: Fitted,
    dataset: Dataset,
    *,
    root: Path,
    precision: Precision = "float32",
    training: dict[str, Any],
    metrics: dict[str, Any],
) -> Exported:
    """Write, verify and publish the bundle of `fitted` under `root`.

    Raises ExportError where a float32 model is more than 1e-4 stars from Keras or orders a golden top 10 differently;
    float16 and int8 are approximations by choice, so their error is measured and recorded instead.
    """
    model = to_tflite(fitted, precision)
    goldens = make_goldens(fitted, dataset)
    max_star_error, agreement = compare(model, fitted, goldens)
    if precision == "float32" and (max_star_error > STAR_TOLERANCE or agreement < 1):
        raise ExportError(
            f"TFLite is {max_star_error:.2g} stars from Keras (allowed: {STAR_TOLERANCE}) and agrees on {agreement:.0%} "
            "of the golden top-10 lists; the old bundle stays. This is a defect in training/served.py: please report it."
        )
    staged = stage(
        root,
        content=_content(fitted, dataset, model, goldens),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        model=ModelFacts(
            dimensions=fitted.user_vectors().shape[1],
            history_length=HISTORY_LENGTH,
            users=dataset.n_users,
            films=dataset.n_films,
            genres=len(dataset.catalog.genre_names),
            scale=dataset.scale,
            precision=precision,
        ),
        data={
            "name": dataset.name,
            "sha256": dataset.sha256,
            "ratings": len(dataset.interactions),
            "users": dataset.n_users,
            "films": dataset.n_films,
            "terms": dataset.terms,
        },
        training=training,
        metrics={**metrics, "export": {"max_star_error": max_star_error, "top10_agreement": agreement}},
    )
    try:
        check_goldens(read_bundle(staged))  # as the function will: from the files, not from memory
    except Exception:
        rmtree(staged)
        raise
    return Exported(publish(staged, root), max_star_error, agreement)
