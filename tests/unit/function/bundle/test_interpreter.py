"""Short and long histories go to signatures of different lengths, which encode them alike."""

import numpy as np
import pytest

from function.bundle.format import Bundle
from function.bundle.interpreter import Model
from tests.support.demo_bundle import HISTORY_LENGTH, SHORT_HISTORY


@pytest.mark.parametrize("n", [0, 1, SHORT_HISTORY - 1, SHORT_HISTORY])
def test_the_short_signature_encodes_as_the_long_one(n: int, bundle: Bundle) -> None:
    model = Model(bundle.model)
    films = np.arange(n, dtype=np.int32)
    ratings = np.resize(np.array([1, 5, 4], np.float32), n)
    short = model.encode(films, ratings)
    assert [encoder.length for encoder in model._encoders] == [SHORT_HISTORY, HISTORY_LENGTH]
    del model._encoders[0]  # as in a bundle that has none
    assert model.encode(films, ratings) == pytest.approx(short, abs=1e-6)
