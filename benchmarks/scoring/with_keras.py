"""Keras, one batch: a prediction for every pair of the user and a film, as in the original application, but at once."""

from typing import Any

import numpy as np

from benchmarks.scoring.contract import Catalogue, measure


def way(catalogue: Catalogue) -> Any:
    import keras

    films, sides = np.arange(len(catalogue.bias)), catalogue.stars.shape[1]
    user = keras.Input((catalogue.users.shape[1],))
    film = keras.Input((), dtype="int32")

    def table(weights: Any) -> Any:
        return keras.layers.Embedding(*weights.shape, weights=[weights])(film)

    def product(codes: Any, weights: Any) -> Any:
        return keras.layers.Dot(1)([codes, table(weights)])

    stars = keras.layers.Add()([product(user[:, :sides], catalogue.stars), table(catalogue.bias[:, None])])
    relevance = keras.layers.Add()([stars, product(user[:, sides:], catalogue.relevance)])
    model = keras.Model([user, film], [keras.ops.clip(stars, 1.0, 5.0), relevance])
    users = np.repeat(catalogue.users[:1], len(films), 0)
    expected = catalogue.score(catalogue.users[0])[1]
    np.testing.assert_allclose(model.predict_on_batch([users, films])[1][:, 0], expected, atol=1e-3)
    return lambda: model.predict_on_batch([users, films])


if __name__ == "__main__":
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    measure("Keras, all films in one batch", way, 200)
