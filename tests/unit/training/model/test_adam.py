"""Adam by one operation is Adam by Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from training.model.adam import Adam


def test_it_takes_the_steps_of_keras() -> None:
    steps, rng = 5, np.random.default_rng(0)
    start = rng.normal(size=(7, 3)).astype(np.float32)
    ours, theirs = keras.Variable(start), keras.Variable(start)
    schedule = keras.optimizers.schedules.CosineDecay(0.01, steps)
    adam, reference = Adam([ours], 0.01, steps), keras.optimizers.Adam(schedule)
    for _ in range(steps):
        gradient = tf.constant(rng.normal(size=start.shape), tf.float32)
        adam.apply([gradient])
        reference.apply([gradient], [theirs])
        assert ours.numpy() == pytest.approx(theirs.numpy(), abs=1e-6)
    assert np.abs(ours.numpy() - start).max() > 0.01
