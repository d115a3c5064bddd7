"""The hybrid model, in Keras: two towers that encode histories, and two heads.

A *history tower* is an autoencoder over one side of the rating matrix. The user tower reads what a user rated and
predicts that user's other ratings; the film tower reads who rated a film, and its genres, and predicts its other
ratings. Each has information that the other lacks.

    stars(u, j)     = mixture of the two towers' predictions; shown
    relevance(u, j) = stars(u, j) + how likely u is to watch j, in stars; used for ranking

Sources: AutoRec (Sedhain et al., WWW 2015) for the autoencoders over users and over films; Asymmetric SVD and SVD++
(Koren, KDD 2008) for histories instead of user factors; EASE (Steck, WWW 2019) and EDLAE (Steck, NeurIPS 2020) for
relevance.
"""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import scipy.sparse
import tensorflow as tf
from numpy.typing import NDArray

from training.data.dataset import Catalog, Interactions


def film_features(catalog: Catalog) -> NDArray[np.float32]:
    """Features of films that do not need ratings: multi-hot genres and decade, [M, F]."""
    decades = catalog.years // 10
    known = np.unique(decades[catalog.years > 0])
    return np.hstack((catalog.multi_hot(), (decades[:, None] == known[None, :]).astype(np.float32)))


@dataclass(frozen=True)
class Histories:
    """Ratings as compressed rows: of users (columns are films), or of films (columns are users)."""

    indptr: NDArray[np.int64]  # [rows + 1]
    columns: NDArray[np.int32]  # [R]
    ratings: NDArray[np.float32]  # [R] stars
    n_columns: int

    @classmethod
    def of_users(cls, interactions: Interactions, n_users: int, n_films: int) -> "Histories":
        return cls._of(interactions, interactions.users, interactions.films, n_users, n_films)

    @classmethod
    def of_films(cls, interactions: Interactions, n_users: int, n_films: int) -> "Histories":
        return cls._of(interactions, interactions.films, interactions.users, n_films, n_users)

    @classmethod
    def _of(cls, interactions: Interactions, rows: Any, columns: Any, n_rows: int, n_columns: int) -> "Histories":
        # Rows are sorted by time where it is known, else in the order of the data.
        times = interactions.timestamps
        order = np.argsort(rows, kind="stable") if times is None else np.lexsort((times, rows))
        indptr = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=n_rows)))).astype(np.int64)
        return cls(indptr, columns[order].astype(np.int32), interactions.ratings[order], n_columns)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def matrix(self) -> scipy.sparse.csr_matrix:
        """[rows, columns], stars."""
        return scipy.sparse.csr_matrix((self.ratings, self.columns, self.indptr), (len(self), self.n_columns))

    def batch(self, rows: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        """The ratings of `rows` [B] concatenated: position in the batch, column, stars; each [E]."""
        lengths = self.indptr[rows + 1] - self.indptr[rows]
        positions = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)
        first = np.repeat(self.indptr[rows] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        entries = np.arange(len(positions)) + first
        return positions, self.columns[entries], self.ratings[entries]


class HistoryTower(keras.Model):  # type: ignore[misc]
    """Autoencoder of histories: ratings of a row in, a code out, and from it the row's other ratings.

    R rows, C columns, D dimensions. Features of rows [R, F] and columns [C, F] may have no columns (F = 0): users have
    none, films have genres and decade.
    """

    def __init__(
        self,
        row_features: NDArray[np.float32],
        column_features: NDArray[np.float32],
        dimensions: int,
        mean: float,
        column_bias: NDArray[np.float32],
        damping: float,
    ) -> None:
        super().__init__()
        rows, columns = len(row_features), len(column_features)
        self.row_features = tf.constant(row_features)
        self.column_features = tf.constant(column_features)
        self.mean, self.damping = mean, damping

        def table(name: str, length: int, spread: float) -> Any:
            start = keras.initializers.RandomNormal(stddev=spread)
            return self.add_weight(shape=(length, dimensions), initializer=start, name=name)

        features = row_features.shape[1], column_features.shape[1]
        self.explicit = table("rated", columns, 0.05)  # what a rating of the column says, by its residual
        self.implicit = table("seen", columns, 0.02)  # what having rated it at all says
        self.decoder = table("decoder", columns, 0.05)
        self.row_table = table("row", rows, 0.01)  # what the history leaves unsaid of a known row
        self.row_map = table("row_features", features[0], 0.02)
        self.explicit_map = table("rated_features", features[1], 0.02)
        self.decoder_map = table("decoder_features", features[1], 0.02)
        self.decayed = list(self.trainable_variables)
        self.column_bias = self.add_weight(shape=(columns,), name="column_bias", initializer="zeros")
        self.column_bias.assign(column_bias)
        self.feature_bias = self.add_weight(shape=(features[0], 1), name="feature_bias", initializer="zeros")
        self.offset = self.add_weight(shape=(dimensions,), name="offset", initializer="zeros")

    def encode(self, rows: Any, positions: Any, columns: Any, ratings: Any, features: Any) -> tuple[Any, Any]:
        """Bias [B, 1] and code [B, D] of `rows` [B] from the ratings [E] they gave, with features [B, F]."""
        batch = tf.shape(rows)[0]
        residuals = ratings - self.mean - tf.gather(self.column_bias, columns)  # [E]
        count = tf.math.unsorted_segment_sum(tf.ones_like(residuals), positions, batch)[:, None]  # [B, 1]
        bias = tf.math.unsorted_segment_sum(residuals, positions, batch)[:, None] / (count + self.damping)
        residuals -= tf.gather(bias[:, 0], positions)
        messages = tf.gather(self.explicits(), columns) * residuals[:, None]
        messages += tf.gather(self.implicit, columns)  # [E, D]
        bag = tf.math.unsorted_segment_sum(messages, positions, batch) / tf.sqrt(count + 1.0)  # [B, D]
        own = tf.gather(self.row_table, rows) + features @ self.row_map
        return bias + features @ self.feature_bias, tf.tanh(bag + own + self.offset)

    def explicits(self) -> Any:
        """What a rating of each column says, by its residual; [C, D]."""
        return self._with_features(self.explicit, self.explicit_map)

    def decoders(self) -> Any:
        """The decoders of the columns, [C, D]."""
        return self._with_features(self.decoder, self.decoder_map)

    def _with_features(self, table: Any, by_feature: Any) -> Any:
        # Without features the table itself, of which TensorFlow then reads and updates only what a batch needs.
        return table + self.column_features @ by_feature if self.column_features.shape[1] else table.value

    def predict_pairs(self, bias: Any, code: Any, positions: Any, columns: Any) -> Any:
        """Stars [E], not clipped, of the pairs (positions[k], columns[k])."""
        match = tf.reduce_sum(tf.gather(code, positions) * tf.gather(self.decoders(), columns), 1)
        return self.mean + tf.gather(bias[:, 0], positions) + tf.gather(self.column_bias, columns) + match

    def forget_rows(self) -> None:
        """Drop the learned embeddings of the rows, so that each is encoded from its history and features alone."""
        self.row_table.assign(tf.zeros_like(self.row_table))

    def encode_all(self, histories: Histories) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Bias [R] and code [R, D] of every row from its whole history."""
        own = self.row_table + self.row_features @ self.row_map + self.offset
        centre = self.mean + self.column_bias.numpy()
        tables = self.explicits().numpy(), self.implicit.numpy()
        bias, code = encode_histories(histories.matrix(), centre, *tables, own.numpy(), self.damping)
        return (bias + self.row_features @ self.feature_bias).numpy()[:, 0], code


def encode_histories(
    ratings: scipy.sparse.csr_matrix,
    centre: NDArray[np.float32],
    explicit: NDArray[np.float32],
    implicit: NDArray[np.float32],
    own: NDArray[np.float32],
    damping: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """HistoryTower.encode by products of sparse matrices, which take a tenth of the time for many rows.

    Bias [R, 1] and code [R, D] of histories [R, C] that hold stars, with the expected stars `centre` [C] of columns,
    their embeddings [C, D], and what is added to a row, `own` [R, D] or [D].
    """
    lengths = np.diff(ratings.indptr)
    count = lengths[:, None].astype(np.float32)
    residuals = with_values(ratings, ratings.data - centre[ratings.indices])
    bias = np.asarray(residuals.sum(1), np.float32) / (count + damping)
    residuals.data -= np.repeat(bias[:, 0], lengths)
    bag = residuals @ explicit + with_values(ratings, np.ones_like(ratings.data)) @ implicit
    return bias, np.tanh(bag / np.sqrt(count + 1.0) + own)


def with_values(histories: scipy.sparse.csr_matrix, values: NDArray[np.float32]) -> scipy.sparse.csr_matrix:
    """The histories with other values."""
    return scipy.sparse.csr_matrix((values, histories.indices, histories.indptr), histories.shape)


class HybridModel(keras.Model):  # type: ignore[misc]
    """Both towers and both heads behind the three inputs: encoded user, encoded film, and the film's features.

    Called with user [B], film [B] and features [B, F], it gives stars [B] (of 1 to 5, not clipped) and relevance [B].
    The towers' histories are the training ratings. `film_tower_users` [U, 1 + D] are the bias and code of the users
    for the film tower, and `share` is the user tower's in the stars (star_head.py). `relevance_users` [U, K] and
    `relevance_films` [M, K] are the codes of what the relevance head adds to the stars.
    """

    def __init__(
        self,
        user_tower: HistoryTower,
        film_tower: HistoryTower,
        user_histories: Histories,
        film_histories: Histories,
        film_tower_users: NDArray[np.float32],
        share: float,
        relevance_users: NDArray[np.float32],
        relevance_films: NDArray[np.float32],
    ) -> None:
        super().__init__()
        self.user_tower, self.film_tower = user_tower, film_tower
        self._user_histories, self._film_histories = user_histories, film_histories
        self._film_tower_users, self._share = tf.constant(film_tower_users), share
        self._relevance = tf.constant(relevance_users), tf.constant(relevance_films)
        self.built = True  # the towers already have weights

    def call(self, inputs: dict[str, Any]) -> dict[str, Any]:
        users, films, features = inputs["user"], inputs["film"], inputs["features"]
        pairs = tf.range(tf.shape(users)[0])
        no_features = tf.zeros((tf.shape(users)[0], 0))
        rows, columns, ratings = self._user_histories.batch(np.asarray(users))
        by_user = self.user_tower.encode(users, rows, columns, ratings, no_features)
        rows, columns, ratings = self._film_histories.batch(np.asarray(films))
        bias, code = self.film_tower.encode(films, rows, columns, ratings, features)
        user_code = tf.gather(self._film_tower_users, users)
        by_film = self.film_tower.mean + bias[:, 0] + user_code[:, 0] + tf.reduce_sum(code * user_code[:, 1:], 1)
        stars = self._share * self.user_tower.predict_pairs(*by_user, pairs, films) + (1 - self._share) * by_film
        by_relevance = tf.gather(self._relevance[0], users) * tf.gather(self._relevance[1], films)
        return {"stars": stars, "relevance": stars + tf.reduce_sum(by_relevance, 1)}
