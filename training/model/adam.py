"""Adam (Kingma & Ba, ICLR 2015), by TensorFlow's own operation: one pass over each table.

keras.optimizers.Adam computes the same from ten operations on whole tables, which take most of a step where tables have
millions of numbers.
"""

from collections.abc import Sequence
from typing import Any, Final

import keras
import tensorflow as tf

MEAN, SQUARE = 0.9, 0.999  # decay of the moments
EPSILON: Final = 1e-7


class Adam:
    """Updates `variables` of Keras, with a learning rate that falls to 0 along a cosine within so many steps."""

    def __init__(self, variables: Sequence[Any], learning_rate: float, steps: int) -> None:
        self._rate = keras.optimizers.schedules.CosineDecay(learning_rate, steps)
        self._done = tf.Variable(0.0, trainable=False)
        tables = [variable.value for variable in variables]
        self._tables = [
            (table, *(tf.Variable(tf.zeros_like(table), trainable=False) for _ in "mv")) for table in tables
        ]

    def apply(self, gradients: Sequence[Any]) -> None:
        """One step against `gradients`, one for each variable, in their order."""
        rate = self._rate(self._done)
        done = self._done.assign_add(1.0)
        for (table, mean, square), gradient in zip(self._tables, gradients, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=table.handle,
                m=mean.handle,
                v=square.handle,
                beta1_power=tf.pow(MEAN, done),
                beta2_power=tf.pow(SQUARE, done),
                lr=rate,
                beta1=MEAN,
                beta2=SQUARE,
                epsilon=EPSILON,
                grad=gradient,
            )
