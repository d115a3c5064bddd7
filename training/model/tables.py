"""The tables of films of the served graph (served.py): variables, which all signatures share.

A constant would be copied into each function that uses it, and a few times more by the converter: 20 GB of memory for
84,432 films. The converter freezes a variable once, so that each table is in the file once.
"""

from typing import Any, Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.model.relevance import Relevance
from training.model.star_head import StarHead

Precision = Literal["float32", "float16", "int8"]


def row_scales(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The scale [M, 1] of each of `rows` [M, K] with which 8-bit integers hold its numbers best."""
    largest = np.abs(rows).max(1, initial=0, keepdims=True)
    scales: NDArray[np.float32] = (np.where(largest > 0, largest, 1) / 127).astype(np.float32)
    return scales


class Table(tf.Module):  # type: ignore[misc]
    """A table [M, K], of which rows are looked up, and all are multiplied with a vector."""

    def __init__(self, rows: NDArray[np.float32]) -> None:
        super().__init__()
        self._rows = tf.Variable(rows, trainable=False)

    def rows(self, films: Any) -> Any:
        """The rows [n, K] of `films` [n]."""
        return tf.gather(self._rows.read_value(), films)

    def products(self, vectors: Any) -> Any:
        """The products [B, M] of `vectors` [B, K] and all rows."""
        return tf.matmul(vectors, self._rows, transpose_b=True)


class Int8Table(Table):
    """A table of which a row is 8-bit integers times a scale of its own.

    The converter quantises the rows of a product in the same way, and finds the integers that are here, so that they
    are in the file once. The table of a look-up would get one scale for all films.
    """

    def __init__(self, rows: NDArray[np.float32]) -> None:
        scales = row_scales(rows)
        integers = np.rint(rows / scales)
        super().__init__(integers * scales)
        self._integers = tf.Variable(integers.astype(np.int8), trainable=False)
        self._scales = Column(scales[:, 0])

    def rows(self, films: Any) -> Any:
        return tf.cast(tf.gather(self._integers.read_value(), films), tf.float32) * self._scales.rows(films)


class Column(tf.Module):  # type: ignore[misc]
    """A number of each film, [M]."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        super().__init__()
        self._values = tf.Variable(values, trainable=False, dtype=tf.float32)

    def all(self) -> Any:
        return self._values.read_value()

    def rows(self, films: Any) -> Any:
        """The numbers [n, 1] of `films` [n]."""
        return tf.gather_nd(self.all(), films[:, None])[:, None]  # of `gather`, int8 would have a scale for all films


class Tables(tf.Module):  # type: ignore[misc]
    """The tables of both heads, under the names that they have there."""

    def __init__(self, stars: StarHead, relevance: Relevance, precision: Precision) -> None:
        super().__init__()
        watching, table = relevance.watching, Int8Table if precision == "int8" else Table
        self.films, self.film_bias = table(stars.films), Column(stars.film_bias)
        self.user_explicit, self.user_implicit = table(stars.user_explicit), table(stars.user_implicit)
        self.user_centre = Column(stars.user_centre)
        self.ridge_films, self.ridge_base = table(stars.ridge_films), Column(stars.ridge_base)
        self.encoder, self.decoder = table(watching.regression.encoder), table(watching.regression.decoder)
        self.factors, self.genres = table(watching.factors.films), table(relevance.genres)
        self.baseline = Column(relevance.baseline)
