"""The served form: one TFLite file. What does not depend on the user is in tables of films (tables.py).

Its signatures are `encode(films, ratings) -> user`; `encode_short`, the same for a short history; `score(user) ->
stars, relevance`; and `explain(films, ratings, film) -> pull`. A user vector is

    [ 1 star bias | D user-tower code | D user code of the film tower | K relevance code ]

and relevance = the stars, not clipped, + relevance code . decoder (relevance.py).

The inputs are raw ratings: all means are part of the graph, so that serving cannot centre them differently from
training. Only built-in operations of TensorFlow Lite are used, so that every runtime since 2.14 can run the file.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import scipy.sparse
import tensorflow as tf
from numpy.typing import NDArray

from function.bundle.format import RatingScale
from function.bundle.interpreter import padded
from training.model import units
from training.model.relevance import Relevance, Weights
from training.model.star_head import StarHead
from training.model.tables import Precision, Tables
from training.model.watching import MIN_WEIGHT

HISTORY_LENGTH: Final = 512  # ratings; of a longer history, the latest are used
SHORT_HISTORY: Final = 64  # ratings; most visitors have fewer, and the time of `encode` grows with the length
SOLVER_STEPS: Final = 24
TINY: Final = 1e-6


@dataclass(frozen=True)
class Served:
    """The served graph. M films, D star dimensions a side, K relevance dimensions."""

    stars: StarHead
    relevance: Relevance
    scale: RatingScale
    precision: Precision = "float32"  # of the tables in TensorFlow

    @property
    def star_dimensions(self) -> int:
        """1 + 2 D: the part of a user vector for the stars."""
        return int(self.stars.films.shape[1])

    @property
    def dimensions(self) -> int:
        """1 + 2 D + K."""
        return self.star_dimensions + int(self.relevance.decoder.shape[1])

    # Many users at once, in NumPy ------------------------------------------------------------------------------------

    def encode_all(self, histories: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
        """User vectors [B, 1 + 2 D + K] of histories [B, M] that hold stars of 1 to 5."""
        return np.hstack((self.stars.encode(histories), self.relevance.encode(histories)))

    def relevance_of(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Relevance [B, M] for user vectors [B, 1 + 2 D + K]."""
        own = vectors[:, self.star_dimensions :] @ self.relevance.decoder.T
        return self.stars.scores(vectors[:, : self.star_dimensions]) + own

    # One user at a time, in TensorFlow ------------------------------------------------------------------------------

    @cached_property
    def tables(self) -> Tables:
        """The tables of films of the graph."""
        return Tables(self.stars, self.relevance, self.precision)

    @property
    def _parts(self) -> list[int]:
        """The sizes of the parts of a user vector: stars, regression, factors, genres, baseline."""
        head = self.relevance
        rank, factors = head.watching.regression.decoder.shape[1], head.watching.factors.films.shape[1]
        return [self.star_dimensions, rank, factors, head.genres.shape[1], 1]

    @property
    def _shares(self) -> tuple[float, float]:
        """Factors of both rankers' scores, in stars."""
        ours, theirs = self.relevance.watching.shares
        return float(ours * self.relevance.in_stars), float(theirs * self.relevance.in_stars)

    def encode_history(self, films: NDArray[np.int32], ratings: NDArray[np.float32]) -> NDArray[np.float32]:
        """The user vector [1 + 2 D + K] of codes [n] and ratings [n], the latest last."""
        codes, given = padded(films, ratings, HISTORY_LENGTH)
        vector: NDArray[np.float32] = self.encoder(tf.constant(codes), tf.constant(given)).numpy()[0]
        return vector

    def explain(self, films: NDArray[np.int32], ratings: NDArray[np.float32], film: int) -> NDArray[np.float32]:
        """`pull` of a history of codes [n] and ratings [n] for the film of one code; [n]."""
        codes, given = padded(films, ratings, HISTORY_LENGTH)
        terms: NDArray[np.float32] = self.contributions(
            tf.constant(codes), tf.constant(given), tf.constant([film])
        ).numpy()[0, : len(films)]
        return terms

    def heads(self, user: Any) -> tuple[Any, Any]:
        """stars [B, M] on the scale and relevance [B, M] for user vectors [B, 1 + 2 D + K]."""
        tables, head = self.tables, self.relevance
        # The weights of Relevance.decoder, here rather than in the tables, which are those of the encoder, too.
        weights = np.repeat([1.0, *self._shares, head.in_stars, 1.0], self._parts).astype(np.float32)
        code, regression, factors, genres, level = tf.split(user * weights, self._parts, 1)
        stars = tables.films.products(code) + tables.film_bias.all()
        relevance = stars + level * tables.baseline.all() - level * head.baseline.mean()
        relevance += tables.decoder.products(regression) + tables.factors.products(factors)
        relevance += tables.genres.products(genres)
        one = units.size(self.scale)
        return tf.clip_by_value(stars, 1.0, 5.0) * one + (self.scale.min - one), relevance

    def encoder(self, films: Any, ratings: Any) -> Any:
        """The user vector [1, 1 + 2 D + K] of a history: films [1, H] padded with -1, ratings [1, H] on the scale."""
        history = self._history(films, ratings)
        bias, _, by_history = self._user_tower_code(history)
        film_tower_bias, by_ridge = self._film_tower_code(history)
        both = self.stars.share * bias + (1 - self.stars.share) * film_tower_bias
        return tf.concat([both, by_history, by_ridge, self._relevance_code(history)], 1)

    def contributions(self, films: Any, ratings: Any, film: Any) -> Any:
        """The contribution of each rating of a history to the relevance of `film` [1], [1, H]; 0 for the padding.

        Exact: relevance(film) is the sum of the contributions, a constant of the film for so many ratings, and the
        user's bias, which is the same for all films. The regression is a sum. For least squares, contributions are
        those of Hu, Koren & Volinsky (ICDM 2008, section 5): x . v_j = sum over rated i of w_i (v_i . A^-1 v_j), where
        A is the matrix of the user's least squares. The tanh of the user tower is distributed in proportion to its
        inputs (the rescale rule of DeepLIFT, Shrikumar et al., ICML 2017).
        """
        history = self._history(films, ratings)
        terms = (
            self._watching_contributions(history, film)
            + self._genre_contributions(history, film)
            + self._user_tower_contributions(history, film)
            + self._film_tower_contributions(history, film)
        )
        return tf.reshape(terms, (1, -1))

    def _history(self, films: Any, ratings: Any) -> "_History":
        known = tf.cast(films[0] >= 0, tf.float32)[:, None]
        stars = 1.0 + (ratings[0][:, None] - self.scale.min) / units.size(self.scale)
        return _History(tf.maximum(films[0], 0), stars, known, tf.reduce_sum(known))

    # Watching -------------------------------------------------------------------------------------------------------

    def _weights(self, history: "_History") -> Any:
        """The weight of each rating [H, 1]: watching.rating_weights."""
        head = self.relevance.watching
        above = tf.reduce_sum((history.stars - head.mean) * history.known)
        centre = head.mean + above / (history.count + head.damping)
        return tf.maximum(1.0 + head.rating_weight * (history.stars - centre), MIN_WEIGHT) * history.known

    def _relevance_code(self, history: "_History") -> Any:
        """Relevance.encode of one history, [1, K]."""
        head, ratings = self.relevance.watching, self._weights(history)
        rows = self._factor_rows(history)  # [H, K2]
        target = tf.matmul(rows, ratings, transpose_a=True) + head.prior[1][:, None]  # [K2, 1]
        linear = self.tables.encoder.rows(history.films)  # [H, K1]
        regressed = tf.reduce_sum(linear * ratings, 0, keepdims=True) + head.prior[0][None]
        factors = tf.reshape(self._least_squares(rows, history.count, target), (1, -1))
        weights, nothing = Weights.of(history.count), tf.constant(head.without_ratings[None])
        watching = nothing + weights.watching * (tf.concat([regressed, factors], 1) - nothing)
        above, genres = self._genre_rows(history)
        by_genre = tf.matmul(above, genres, transpose_a=True) * weights.genres
        baseline = tf.reshape(weights.baseline / weights.stars - 1.0, (1, 1))
        return tf.concat([watching / weights.stars, by_genre / weights.stars, baseline], 1)

    def _watching_contributions(self, history: "_History", film: Any) -> Any:
        tables, (ours, theirs), weights = self.tables, self._shares, Weights.of(history.count)
        rows = self._factor_rows(history)
        wanted = tf.reshape(theirs * tables.factors.rows(film), (-1, 1))  # [K2, 1]
        linear = tf.matmul(tables.encoder.rows(history.films), ours * tables.decoder.rows(film), transpose_b=True)
        terms = linear + tf.matmul(rows, self._least_squares(rows, history.count, wanted))
        return terms * self._weights(history) * (weights.watching / weights.stars)

    def _genre_rows(self, history: "_History") -> tuple[Any, Any]:
        """Stars above the baseline [H, 1], and genres [H, G]."""
        above = (history.stars - self.tables.baseline.rows(history.films)) * history.known
        return above, self.tables.genres.rows(history.films)

    def _genre_contributions(self, history: "_History", film: Any) -> Any:
        above, genres = self._genre_rows(history)
        weights, theirs = Weights.of(history.count), self.relevance.in_stars * self.tables.genres.rows(film)  # [1, G]
        return tf.matmul(genres, theirs, transpose_b=True) * above * (weights.genres / weights.stars)

    def _factor_rows(self, history: "_History") -> Any:
        return self.tables.factors.rows(history.films) * history.known

    def _least_squares(self, rows: Any, count: Any, target: Any) -> Any:
        """A^-1 target [K2, 1], where A is the matrix of the least squares of `rows` [H, K2] (factors.py)."""
        rest = tf.constant(self.relevance.watching.factors.rest)
        return conjugate_gradients(
            lambda x: tf.matmul(rows, tf.matmul(rows, x), transpose_a=True) + x + count * tf.matmul(rest, x), target
        )

    # Stars: StarHead.encode of one history --------------------------------------------------------------------------

    def _user_tower_code(self, history: "_History") -> tuple[Any, Any, Any]:
        """Bias [1, 1], the term of each rating [H, D], and the code [1, D]."""
        head = self.stars
        residuals = (history.stars - self.tables.user_centre.rows(history.films)) * history.known  # [H, 1]
        bias = tf.reduce_sum(residuals, 0, keepdims=True) / (history.count + head.damping)  # [1, 1]
        summands = self.tables.user_explicit.rows(history.films) * (residuals - bias)
        summands += self.tables.user_implicit.rows(history.films)
        summands *= history.known * tf.math.rsqrt(history.count + 1.0)  # [H, D]
        return bias, summands, tf.tanh(tf.reduce_sum(summands, 0, keepdims=True) + tf.constant(head.user_offset))

    def _user_tower_contributions(self, history: "_History", film: Any) -> Any:
        _, summands, code = self._user_tower_code(history)
        before = tf.constant(np.tanh(self.stars.user_offset)[None])
        bag = tf.reduce_sum(summands, 0, keepdims=True)  # [1, D]
        small = tf.abs(bag) < 1e-3  # use the slope of tanh
        slope = tf.where(small, 1.0 - tf.square(before), (code - before) / tf.where(small, tf.ones_like(bag), bag))
        sides = slope.shape[1]
        decoder = self.tables.films.rows(film)[:, 1 : 1 + sides]  # [1, D]
        return tf.matmul(summands, slope * decoder, transpose_b=True)

    def _film_tower_code(self, history: "_History") -> tuple[Any, Any]:
        """The user code of the film tower: bias [1, 1] and code [1, D]."""
        head, (rows, targets) = self.stars, self._ridge_rows(history)
        solution = self._ridge(rows, tf.matmul(rows, targets, transpose_a=True))
        row = tf.constant(head.prior_mean[None]) + tf.matmul(solution, tf.constant(head.prior_root), True, True)
        return row[:, :1], row[:, 1:]

    def _film_tower_contributions(self, history: "_History", film: Any) -> Any:
        rows, targets = self._ridge_rows(history)
        sides = (self.star_dimensions - 1) // 2
        decoder = self.tables.films.rows(film)[:, 1 + sides :]  # [1, D]
        wanted = tf.matmul(tf.constant(self.stars.prior_root[1:]), decoder, transpose_a=True, transpose_b=True)
        return tf.matmul(rows, self._ridge(rows, wanted)) * targets

    def _ridge_rows(self, history: "_History") -> tuple[Any, Any]:
        rows = self.tables.ridge_films.rows(history.films) * history.known  # [H, 1 + D]
        return rows, (history.stars - self.tables.ridge_base.rows(history.films)) * history.known  # [H, 1]

    def _ridge(self, rows: Any, target: Any) -> Any:
        return conjugate_gradients(
            lambda x: tf.matmul(rows, tf.matmul(rows, x), transpose_a=True) + self.stars.noise * x, target
        )


@dataclass(frozen=True)
class _History:
    """One history in the graph, padded to H."""

    films: Any  # [H] codes
    stars: Any  # [H, 1] of 1 to 5
    known: Any  # [H, 1] 1, or 0 for the padding
    count: Any  # ratings


def conjugate_gradients(image: Callable[[Any], Any], target: Any) -> Any:
    """x [K, 1] with image(x) = target, for a symmetric positive definite `image` (Hestenes & Stiefel 1952).

    TensorFlow Lite has no solver, but it has loops. (Unrolled, the steps are thousands of operations: seconds for the
    converter, and most of an interpreter's start.) In coordinates where the image is close to the identity it converges
    long before the last step, so that the order of additions does not matter.
    """

    def improve(step: Any, solution: Any, residual: Any, direction: Any, norm: Any) -> tuple[Any, ...]:
        turned = image(direction)
        # TINY, which float16 can represent, avoids a division by zero for an empty history.
        length = norm / (tf.reduce_sum(direction * turned) + TINY)
        residual -= length * turned
        found = tf.reduce_sum(tf.square(residual))
        return step + 1, solution + length * direction, residual, residual + found / (norm + TINY) * direction, found

    start = (tf.constant(0), tf.zeros_like(target), target, target, tf.reduce_sum(tf.square(target)))
    return tf.while_loop(lambda step, *_: step < SOLVER_STEPS, improve, start)[1]


def _history_of(length: int) -> list[Any]:
    return [tf.TensorSpec([1, length], tf.int32, "films"), tf.TensorSpec([1, length], tf.float32, "ratings")]


def to_tflite(served: Served, precision: Precision = "float32") -> bytes:
    """The TFLite file. float16 stores weights in half; int8 has a scale for each film in each table (tables.py)."""
    served = replace(served, precision=precision)

    class Module(tf.Module):  # type: ignore[misc]
        @tf.function(autograph=False, input_signature=_history_of(HISTORY_LENGTH))  # type: ignore[untyped-decorator]
        def encode(self, films: Any, ratings: Any) -> dict[str, Any]:
            return {"user": served.encoder(films, ratings)}

        @tf.function(autograph=False, input_signature=_history_of(SHORT_HISTORY))  # type: ignore[untyped-decorator]
        def encode_short(self, films: Any, ratings: Any) -> dict[str, Any]:
            return {"user": served.encoder(films, ratings)}

        @tf.function(autograph=False, input_signature=[tf.TensorSpec([1, served.dimensions], tf.float32, "user")])  # type: ignore[untyped-decorator]
        def score(self, user: Any) -> dict[str, Any]:
            stars, relevance = served.heads(user)
            return {"stars": stars, "relevance": relevance}

        @tf.function(
            autograph=False, input_signature=[*_history_of(HISTORY_LENGTH), tf.TensorSpec([1], tf.int32, "film")]
        )  # type: ignore[untyped-decorator]
        def explain(self, films: Any, ratings: Any, film: Any) -> dict[str, Any]:
            return {"pull": served.contributions(films, ratings, film)}

    module = Module()
    module.tables = served.tables  # which it saves
    signatures = {name: getattr(module, name) for name in ("encode", "encode_short", "score", "explain")}
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(signatures))
        if precision != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if precision == "float16":
            converter.target_spec.supported_types = [tf.float16]
        content: bytes = converter.convert()
    return content
