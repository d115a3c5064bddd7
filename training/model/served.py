"""The served form: everything that does not depend on the user becomes a constant, in one TFLite file.

Three signatures: `encode(films, ratings) -> user`, `score(user) -> stars, relevance`, and `explain(films, ratings,
film) -> pull`. A user vector is

    [ 1 star bias | D user-tower code | D place beside the film-tower codes | K relevance code ]

Ratings go in raw: every mean is inside the graph, so that serving cannot centre them differently from training.
Only operations that TensorFlow Lite has built in are used, so that every runtime since 2.14 reads the file.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import scipy.sparse
import tensorflow as tf
from numpy.typing import NDArray

from function.bundle.format import RatingScale
from function.bundle.interpreter import padded
from training.model.config import ModelConfig
from training.model.hybrid import Histories, HybridModel
from training.model.relevance import LEAST, Relevance

HISTORY_LENGTH: Final = 512  # ratings; of a longer history the latest count
SOLVER_STEPS: Final = 24
TINY: Final = 1e-6

Precision = Literal["float32", "float16", "int8"]


def serve(
    model: HybridModel, relevance: Relevance, film_histories: Histories, scale: RatingScale, config: ModelConfig
) -> "Served":
    """The served form of `model`."""
    user_tower, film_tower = model.user_tower, model.film_tower
    film_bias, film_codes = film_tower.encode_all(film_histories)  # [M], [M, D]
    codes = np.hstack((np.ones((len(film_codes), 1)), film_codes)).astype(np.float64)  # [M, 1 + D]
    rows = np.hstack((film_tower.column_bias.numpy()[:, None], film_tower.decoders().numpy())).astype(np.float64)
    mean = rows.mean(0)
    covariance = np.cov(rows, rowvar=False) + 1e-6 * np.eye(rows.shape[1])
    spread = np.linalg.cholesky(covariance)
    halves = 0.5 * np.hstack((user_tower.decoders().numpy(), film_codes))
    return Served(
        user_said=(user_tower.rated + user_tower.column_features @ user_tower.rated_map).numpy(),
        user_seen=user_tower.seen.numpy(),
        user_centre=user_tower.mean + user_tower.column_bias.numpy(),
        user_offset=user_tower.offset.numpy(),
        damping=user_tower.damping,
        place_films=(codes @ spread).astype(np.float32),
        place_base=(film_tower.mean + film_bias + codes @ mean).astype(np.float32),
        place_mean=mean.astype(np.float32),
        place_spread=spread.astype(np.float32),
        noise=config.fold_in_noise,
        star_films=np.hstack((np.ones((len(film_codes), 1)), halves)).astype(np.float32),
        star_bias=0.5 * (user_tower.mean + user_tower.column_bias.numpy() + film_tower.mean + film_bias),
        relevance=relevance,
        scale=scale,
    )


@dataclass(frozen=True)
class Served:
    """The constants of the served graph. M films, D star dimensions a side, K relevance dimensions."""

    user_said: NDArray[np.float32]  # [M, D] the user tower's reading of a film's residual
    user_seen: NDArray[np.float32]  # [M, D] and of its having been rated
    user_centre: NDArray[np.float32]  # [M] what residuals are taken from
    user_offset: NDArray[np.float32]  # [D]
    damping: float
    place_films: NDArray[np.float32]  # [M, 1 + D] film codes, and a 1 for the bias, in the coordinates of the prior
    place_base: NDArray[np.float32]  # [M] what the film tower predicts for the mean user
    place_mean: NDArray[np.float32]  # [1 + D] the prior: mean of the known users' rows
    place_spread: NDArray[np.float32]  # [1 + D, 1 + D] and a root of their covariance
    noise: float  # variance of a rating around its prediction, stars squared
    star_films: NDArray[np.float32]  # [M, 1 + 2 D] what the star part of a user vector is multiplied with
    star_bias: NDArray[np.float32]  # [M]
    relevance: Relevance
    scale: RatingScale

    @property
    def star_dimensions(self) -> int:
        """1 + 2 D: how much of a user vector belongs to the stars."""
        return int(self.star_films.shape[1])

    @property
    def dimensions(self) -> int:
        """1 + 2 D + K."""
        return self.star_dimensions + int(self.relevance.decoder.shape[1])

    def explain(self, films: NDArray[np.int32], ratings: NDArray[np.float32], film: int) -> NDArray[np.float32]:
        """`pull` of a history of codes [n] and stars [n] for the film of one code, in TensorFlow; [n]."""
        codes, stars = padded(films, ratings, HISTORY_LENGTH)
        pulls: NDArray[np.float32] = self.pull(tf.constant(codes), tf.constant(stars), tf.constant([film])).numpy()[
            0, : len(films)
        ]
        return pulls

    def heads(self, user: Any) -> tuple[Any, Any]:
        """stars [B, M] within the scale and relevance [B, M] for user vectors [B, 1 + 2 D + K]."""
        stars = tf.matmul(user[:, : self.star_dimensions], tf.constant(self.star_films), transpose_b=True)
        stars = tf.clip_by_value(stars + tf.constant(self.star_bias, tf.float32), self.scale.min, self.scale.max)
        decoder = tf.constant(self.relevance.decoder)
        return stars, tf.matmul(user[:, self.star_dimensions :], decoder, transpose_b=True)

    def encoder(self, films: Any, ratings: Any) -> Any:
        """The user vector [1, 1 + 2 D + K] of a history: films [1, H] padded with -1, ratings [1, H] in stars."""
        known = tf.cast(films[0] >= 0, tf.float32)[:, None]  # [H, 1]
        codes = tf.maximum(films[0], 0)
        stars = ratings[0][:, None]  # [H, 1]
        count = tf.reduce_sum(known)
        bias, by_history = self._user_tower_code(codes, stars, known, count)
        place_bias, place = self._place(codes, stars, known)
        linear, factors = self._relevance_code(codes, stars, known, count)
        return tf.concat([0.5 * (bias + place_bias), by_history, place, linear, factors], 1)

    def pull(self, films: Any, ratings: Any, film: Any) -> Any:
        """What each rating of a history adds to the relevance of `film` [1], [1, H]; of the padding, 0.

        Exact: relevance(film) is their sum, and what the prior gives everybody. For the factors it is the decomposition
        of Hu, Koren & Volinsky (ICDM 2008, section 5): x . v_j = sum over rated i of w_i (v_i . A^-1 v_j), where A is
        the matrix of the person's own least squares.
        """
        head = self.relevance
        known = tf.cast(films[0] >= 0, tf.float32)[:, None]  # [H, 1]
        codes, stars = tf.maximum(films[0], 0), ratings[0][:, None]
        linear = tf.gather(tf.constant(head.regression.encoder), codes)  # [H, K1]
        rows = tf.gather(tf.constant(head.factors.films), codes) * known  # [H, K2]
        decoder = tf.gather(tf.constant(head.decoder), film)  # [1, K]
        rank = head.regression.encoder.shape[1]
        explained = self._least_squares(rows, tf.reduce_sum(known), tf.reshape(decoder[:, rank:], (-1, 1)))  # [K2, 1]
        pulls = tf.matmul(linear, decoder[:, :rank], transpose_b=True) + tf.matmul(rows, explained)
        return tf.reshape(pulls * self._weights(stars, known), (1, -1))

    def _weights(self, stars: Any, known: Any) -> Any:
        """What each rating [H, 1] counts in the relevance head."""
        return tf.maximum(1.0 + self.relevance.rating_weight * (stars - self.relevance.mean), LEAST) * known

    def _relevance_code(self, codes: Any, stars: Any, known: Any, count: Any) -> tuple[Any, Any]:
        """What Relevance.encode makes of one history: the regression's code [1, K1] and the factors' [1, K2]."""
        head, weights = self.relevance, self._weights(stars, known)
        linear = tf.gather(tf.constant(head.regression.encoder), codes)  # [H, K1]
        rows = tf.gather(tf.constant(head.factors.films), codes) * known  # [H, K2]
        said = tf.matmul(rows, weights, transpose_a=True) + head.prior[1][:, None]  # [K2, 1]
        code = tf.reduce_sum(linear * weights, 0, keepdims=True) + head.prior[0][None]
        return code, tf.reshape(self._least_squares(rows, count, said), (1, -1))

    def _least_squares(self, rows: Any, count: Any, said: Any) -> Any:
        """A^-1 said [K2, 1], where A is the matrix of the least squares of `rows` [H, K2] (factors.py)."""
        rest = tf.constant(self.relevance.factors.rest)
        return conjugate_gradients(
            lambda x: tf.matmul(rows, tf.matmul(rows, x), transpose_a=True) + x + count * tf.matmul(rest, x), said
        )

    def _user_tower_code(self, codes: Any, stars: Any, known: Any, count: Any) -> tuple[Any, Any]:
        """What HistoryTower.encode makes of one history, for somebody without a row of their own."""
        residuals = (stars - tf.gather(tf.constant(self.user_centre[:, None]), codes)) * known  # [H, 1]
        bias = tf.reduce_sum(residuals, 0, keepdims=True) / (count + self.damping)  # [1, 1]
        residuals = (residuals - bias) * known
        bag = tf.gather(tf.constant(self.user_said), codes) * residuals
        bag += tf.gather(tf.constant(self.user_seen), codes) * known  # [H, D]
        bag = tf.reduce_sum(bag, 0, keepdims=True) * tf.math.rsqrt(count + 1.0)
        return bias, tf.tanh(bag + tf.constant(self.user_offset))

    def _place(self, codes: Any, stars: Any, known: Any) -> tuple[Any, Any]:
        """Where a person belongs beside the film codes: the likeliest row, given their ratings.

        The film tower has a learned row for every user it was trained with. For others the rows of those users are the
        prior, a Gaussian; with Gaussian noise in the ratings the likeliest row is a ridge regression in the prior's own
        coordinates.
        """
        rows = tf.gather(tf.constant(self.place_films), codes) * known  # [H, 1 + D]
        targets = (stars - tf.gather(tf.constant(self.place_base[:, None]), codes)) * known  # [H, 1]
        solution = conjugate_gradients(
            lambda x: tf.matmul(rows, tf.matmul(rows, x), transpose_a=True) + self.noise * x,
            tf.matmul(rows, targets, transpose_a=True),
        )
        row = tf.constant(self.place_mean[None]) + tf.matmul(solution, tf.constant(self.place_spread), True, True)
        return row[:, :1], row[:, 1:]

    def encode_history(self, films: NDArray[np.int32], ratings: NDArray[np.float32]) -> NDArray[np.float32]:
        """The user vector [1 + 2 D + K] of codes [n] and stars [n], the latest last, in TensorFlow."""
        codes, stars = padded(films, ratings, HISTORY_LENGTH)
        vector: NDArray[np.float32] = self.encoder(tf.constant(codes), tf.constant(stars)).numpy()[0]
        return vector

    def known_users(self, model: HybridModel, relevance: Relevance, histories: Histories) -> NDArray[np.float32]:
        """Vectors [U, 1 + 2 D + K] of the users that the model was trained with, their own rows included."""
        bias, codes = model.user_tower.encode_all(histories)
        film_tower = model.film_tower
        rated = scipy.sparse.csr_matrix(
            (histories.ratings, histories.columns, histories.indptr), (len(histories), histories.n_columns)
        )
        star_bias = 0.5 * (bias + film_tower.column_bias.numpy())
        return np.hstack((star_bias[:, None], codes, film_tower.decoders().numpy(), relevance.encode(rated)))


def conjugate_gradients(image: Callable[[Any], Any], target: Any) -> Any:
    """x [K, 1] with image(x) = target, for a symmetric positive definite `image` (Hestenes & Stiefel 1952).

    Unrolled: a few matrix products, and no solver, which TensorFlow Lite lacks. In coordinates where the image is close
    to the identity it converges long before the last step, so that runtimes which add in another order end at the same
    place.
    """
    solution = tf.zeros_like(target)
    residual = direction = target
    norm = tf.reduce_sum(tf.square(residual))
    for _ in range(SOLVER_STEPS):
        turned = image(direction)
        # The small number, which float16 weights can hold, keeps an empty history from dividing by its residual, 0.
        step = norm / (tf.reduce_sum(direction * turned) + TINY)
        solution += step * direction
        residual -= step * turned
        former, norm = norm, tf.reduce_sum(tf.square(residual))
        direction = residual + norm / (former + TINY) * direction
    return solution


def to_tflite(served: Served, precision: Precision = "float32") -> bytes:
    """The TFLite file. float16 stores weights in half; int8 quantises them as the converter's dynamic range does."""

    class Module(tf.Module):  # type: ignore[misc]
        @tf.function(  # type: ignore[untyped-decorator]
            input_signature=[
                tf.TensorSpec([1, HISTORY_LENGTH], tf.int32, "films"),
                tf.TensorSpec([1, HISTORY_LENGTH], tf.float32, "ratings"),
            ]
        )
        def encode(self, films: Any, ratings: Any) -> dict[str, Any]:
            return {"user": served.encoder(films, ratings)}

        @tf.function(input_signature=[tf.TensorSpec([1, served.dimensions], tf.float32, "user")])  # type: ignore[untyped-decorator]
        def score(self, user: Any) -> dict[str, Any]:
            stars, relevance = served.heads(user)
            return {"stars": stars, "relevance": relevance}

        @tf.function(  # type: ignore[untyped-decorator]
            input_signature=[
                tf.TensorSpec([1, HISTORY_LENGTH], tf.int32, "films"),
                tf.TensorSpec([1, HISTORY_LENGTH], tf.float32, "ratings"),
                tf.TensorSpec([1], tf.int32, "film"),
            ]
        )
        def explain(self, films: Any, ratings: Any, film: Any) -> dict[str, Any]:
            return {"pull": served.pull(films, ratings, film)}

    module = Module()
    signatures = {"encode": module.encode, "score": module.score, "explain": module.explain}
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(signatures))
        if precision != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if precision == "float16":
            converter.target_spec.supported_types = [tf.float16]
        content: bytes = converter.convert()
    return content
