"""A model whose results differ from Keras is not served."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from function.bundle.format import Bundle, BundleError, read_bundle
from function.bundle.goldens import check_goldens
from function.bundle.interpreter import Model
from tests.support.demo_bundle import demo_bundle


def test_another_model_s_answers_are_refused(bundle: Bundle, tmp_path: Path) -> None:
    demo_bundle(tmp_path, seed=1)
    with pytest.raises(BundleError, match=r"stars from Keras \(allowed: 0.0001\)"):
        check_goldens(bundle, Model(read_bundle(tmp_path).model))


class Silent:
    """Like LiteRT with weights that are variables: silently returns zeros."""

    def __init__(self, value: float, films: int) -> None:
        self.head = np.full(films, value, np.float32)

    def encode(self, *_: object) -> np.ndarray:
        return np.zeros(3, np.float32)

    def score(self, _: object) -> tuple[np.ndarray, np.ndarray]:
        return self.head, self.head


@pytest.mark.parametrize("value", [0.0, float("nan")])
def test_zeros_and_nans_are_refused(value: float, bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="of the golden top-10 lists"):
        check_goldens(bundle, Silent(value, len(bundle.films)))  # type: ignore[arg-type]


def test_a_golden_top_ten_in_another_order_is_refused(bundle: Bundle) -> None:
    first = bundle.goldens[0]
    turned = replace(bundle, goldens=[{**first, "top": first["top"][::-1]}, *bundle.goldens[1:]])
    with pytest.raises(BundleError, match="agrees on 75%"):
        check_goldens(turned, Model(bundle.model))


def test_bytes_that_are_no_model_are_refused() -> None:
    with pytest.raises(BundleError, match=r"model.tflite: .* cannot run it"):
        Model(b"TFL3 or so")


@pytest.mark.parametrize(
    "wrong",
    [
        {"probes": [99_999], "stars": [3.0]},
        {"probes": [], "stars": []},
        {"films": [99_999], "ratings": [3.0]},
        {"user": 99_999},
        {"top": "none"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_goldens_of_another_model_are_refused_by_name(wrong: dict[str, object], bundle: Bundle) -> None:
    turned = replace(bundle, goldens=[{**bundle.goldens[0], **wrong}])
    with pytest.raises(BundleError, match=r"goldens\.json: cannot be run"):
        check_goldens(turned, Model(bundle.model))


def test_without_goldens_nothing_is_shown(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match=r"goldens\.json: has none"):
        check_goldens(replace(bundle, goldens=[]), Model(bundle.model))


def test_an_approximation_is_held_to_the_error_it_was_exported_with(bundle: Bundle) -> None:
    """A float32 model with the same error is refused."""
    first = bundle.goldens[0]
    off = [{**first, "stars": [stars + 0.01 for stars in first["stars"]]}]
    metrics = {"export": {"max_star_error": 0.0101, "top10_agreement": 1.0}}
    exported = replace(bundle, goldens=off, manifest=bundle.manifest.model_copy(update={"metrics": metrics}))
    assert check_goldens(exported, Model(bundle.model)).max_star_error == pytest.approx(0.01, abs=1e-4)
    with pytest.raises(BundleError, match=r"0\.01 stars from Keras \(allowed: 0\.0001\)"):
        check_goldens(replace(bundle, goldens=off), Model(bundle.model))
