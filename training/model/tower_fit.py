"""Training the history towers: hide part of each history, predict it from the rest, stop where validation says."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.cluster.workers import cluster
from training.data.dataset import Dataset, Interactions
from training.model.adam import Adam
from training.model.config import ModelConfig
from training.model.hybrid import Histories, HistoryTower, film_features
from training.progress import Progress, SharedProgress

PAIRS_AT_ONCE = 500_000
STEPS_AT_LEAST = 15  # in an epoch, where there are rows enough
MAX_STEPS = 500  # per epoch: a step updates whole tables, so otherwise time would grow with the square of the users


@dataclass(frozen=True)
class Epoch:
    """One epoch of one tower. Losses are mean squared errors in stars, on hidden training ratings and on validation."""

    loss: float
    mae: float
    val_loss: float | None
    val_mae: float | None


@dataclass(frozen=True)
class Curves:
    """What happened in training, epoch by epoch."""

    user_tower: list[Epoch]
    film_tower: list[Epoch]

    def best_epochs(self) -> tuple[int, int]:
        """After how many epochs the user tower and the film tower had their lowest validation error."""
        return best_epochs(self.user_tower), best_epochs(self.film_tower)


@dataclass(frozen=True)
class Towers:
    """Both towers."""

    user: HistoryTower
    film: HistoryTower


def fit_towers(
    dataset: Dataset, interactions: Interactions, config: ModelConfig, validation: Interactions, *, progress: Progress
) -> tuple[Towers, Curves]:
    """Train both towers on `interactions`, to the epoch that is best on `validation`; returns how that went, too."""
    towers = new_towers(dataset, interactions, config)
    epochs = config.passes(len(dataset.interactions))
    label = "choosing epochs of the towers"
    return towers, _train(towers, dataset, interactions, config, (epochs, epochs), label, progress, validation)


def refit_towers(
    dataset: Dataset,
    interactions: Interactions,
    config: ModelConfig,
    towers: Towers,
    epochs: tuple[int, int],
    *,
    progress: Progress,
) -> Towers:
    """Copies of `towers`, which were best after so many `epochs` on a part of `interactions`, trained on with all.

    Two fifths of the epochs at a third of the learning rate. From the beginning it takes two and a half times as long,
    and RMSE is hardly better (0.0004 on ml-100k); half as many epochs cost 0.0006 (ml-100k, ml-1m).
    """
    refitted = new_towers(dataset, interactions, config)
    for new, old in ((refitted.user, towers.user), (refitted.film, towers.film)):
        new.set_weights(old.get_weights())
        new.forget_rows()  # they know the histories, and would leave less to learn from these
    slower = replace(config, learning_rate=config.learning_rate / 3)
    few = max(1, round(0.4 * epochs[0])), max(1, round(0.4 * epochs[1]))
    _train(refitted, dataset, interactions, slower, few, "training the towers", progress)
    return refitted


def new_towers(dataset: Dataset, interactions: Interactions, config: ModelConfig) -> Towers:
    """Both towers, not trained yet."""
    keras.utils.set_random_seed(config.seed)
    films, users = film_features(dataset.catalog), np.zeros((dataset.n_users, 0), np.float32)
    of_users = Histories.of_users(interactions, dataset.n_users, dataset.n_films)
    of_films = Histories.of_films(interactions, dataset.n_users, dataset.n_films)
    return Towers(new_tower(of_users, users, films, config), new_tower(of_films, films, users, config))


def _train(
    towers: Towers,
    dataset: Dataset,
    interactions: Interactions,
    config: ModelConfig,
    epochs: tuple[int, int],
    label: str,
    progress: Progress,
    validation: Interactions | None = None,
) -> Curves:
    """Train both towers in place."""
    shared = SharedProgress(progress, label, sum(epochs))
    sizes = dataset.n_users, dataset.n_films

    def side(tower: HistoryTower, histories: Histories, epochs: int, *, by_film: bool) -> Callable[[], list[Epoch]]:
        return partial(
            fit_tower,
            tower,
            histories,
            config,
            l2=(config.l2_film if by_film else config.l2_user) / max(len(interactions), 1),
            epochs=epochs,
            validation=validation,
            by_film=by_film,
            done=shared.part(),
        )

    of_users, of_films = Histories.of_users(interactions, *sizes), Histories.of_films(interactions, *sizes)
    curves = side_by_side(
        side(towers.user, of_users, epochs[0], by_film=False),
        side(towers.film, of_films, epochs[1], by_film=True),
        shared,
    )
    return Curves(*curves)


def side_by_side(
    first: Callable[[], list[Epoch]], second: Callable[[], list[Epoch]], shared: SharedProgress
) -> tuple[list[Epoch], list[Epoch]]:
    """Both results, computed in two threads, since a step is too small to occupy two cores.

    Workers of a cluster compute them one after the other, since they must meet in the same order.
    """
    if cluster().size > 1:
        return first(), second()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(second)
        try:
            return first(), other.result()
        except BaseException:
            shared.stop()  # Ctrl-C reaches only this thread
            raise


def new_tower(
    histories: Histories,
    row_features: NDArray[np.float32],
    column_features: NDArray[np.float32],
    config: ModelConfig,
) -> HistoryTower:
    """A tower whose column biases start at the damped means of the residuals."""
    mean = float(histories.ratings.mean())
    counts = np.bincount(histories.columns, minlength=histories.n_columns)
    sums = np.bincount(histories.columns, histories.ratings - mean, minlength=histories.n_columns)
    bias = (sums / (counts + config.damping)).astype(np.float32)
    return HistoryTower(row_features, column_features, config.embedding, mean, bias, config.damping)


def fit_tower(
    tower: HistoryTower,
    histories: Histories,
    config: ModelConfig,
    *,
    l2: float,
    epochs: int,
    validation: Interactions | None,
    by_film: bool,
    done: Callable[[int], None],
) -> list[Epoch]:
    """Train `tower` in place for at most `epochs`; returns what happened, epoch by epoch.

    Calls `done` with the number of epochs that are done, or need not be done. With `validation`, ends at the best
    epoch's weights; without, at the last.
    """
    rng = np.random.default_rng(config.seed)
    rows = np.flatnonzero(np.diff(histories.indptr)).astype(np.int32)
    by_rows, by_ratings = -(-len(rows) // config.batch_rows), -(-len(histories.ratings) // config.batch_ratings)
    steps = min(by_rows, max(by_ratings, STEPS_AT_LEAST), MAX_STEPS)
    step = _step(tower, Adam(tower.trainable_variables, config.learning_rate, epochs * steps), l2)
    curves: list[Epoch] = []
    best, best_weights = np.inf, None
    for epoch in range(epochs):
        totals = np.zeros(3)
        for chosen in np.array_split(rng.permutation(rows), steps):
            positions, columns, ratings = histories.batch(chosen)
            shown = rng.random(len(positions), np.float32) < config.keep
            mine = cluster().share(positions)
            totals += step(chosen, *_split(positions, columns, ratings, shown & mine, ~shown & mine))
        val_loss = val_mae = None
        if validation is not None:
            error = _errors(tower, histories, validation, by_film)
            val_loss, val_mae = float(np.square(error).mean()), float(np.abs(error).mean())
            if val_loss < best:
                best, best_weights, best_epoch = val_loss, tower.get_weights(), epoch
        curves.append(Epoch(totals[0] / totals[2], totals[1] / totals[2], val_loss, val_mae))
        done(epoch + 1)
        if validation is not None and epoch - best_epoch >= config.patience:
            done(epochs)
            break
    if best_weights is not None:
        tower.set_weights(best_weights)
    return curves


def best_epochs(curves: list[Epoch]) -> int:
    """How many epochs led to the lowest validation error."""
    return 1 + int(np.argmin([epoch.val_loss if epoch.val_loss is not None else np.inf for epoch in curves]))


def _split(
    positions: Any, columns: Any, ratings: Any, shown: NDArray[np.bool_], hidden: NDArray[np.bool_]
) -> tuple[Any, ...]:
    return (positions[shown], columns[shown], ratings[shown], positions[hidden], columns[hidden], ratings[hidden])


def _step(tower: HistoryTower, optimizer: Adam, l2: float) -> Callable[..., NDArray[np.float64]]:
    ints, floats = tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float32)
    variables = tower.trainable_variables
    workers = cluster()

    def decayed(variable: Any, gradient: Any) -> Any:
        """With the gradient of the weight decay, l2 times the sum of the squares of the tables: one pass over each."""
        if not any(variable is table for table in tower.decayed):
            return tf.convert_to_tensor(gradient)
        decay = 2 * l2 / workers.size * variable.value
        if isinstance(gradient, tf.IndexedSlices):  # of the rows that the batch used
            return tf.tensor_scatter_nd_add(decay, gradient.indices[:, None], gradient.values)
        return decay if gradient is None else decay + gradient  # nothing uses the map of features that are not there

    def gradients(
        rows: Any, positions: Any, columns: Any, ratings: Any, hidden: Any, hidden_columns: Any, targets: Any
    ) -> tuple[Any, Any, Any]:
        count = workers.sum(tf.cast(tf.size(targets), tf.float32))
        with tf.GradientTape() as tape:
            bias, code = tower.encode(rows, positions, columns, ratings, tf.gather(tower.row_features, rows))
            error = tower.predict_pairs(bias, code, hidden, hidden_columns) - targets
            squared = tf.reduce_sum(tf.square(error))
            loss = squared / (count + 1.0)
        mine = list(map(decayed, variables, tape.gradient(loss, variables)))
        return workers.sum(mine), workers.sum(tf.stack([squared, tf.reduce_sum(tf.abs(error))])), count

    @tf.function(autograph=False, input_signature=[ints, ints, ints, floats, ints, ints, floats])  # type: ignore[untyped-decorator]
    def run(*batch: Any) -> Any:
        sums, errors, count = workers.run(gradients, *batch)
        # Here, not among the replicas: each worker has its own variables, which stay alike because the sums are.
        optimizer.apply(sums)
        return tf.concat([errors, [count]], 0)

    return lambda *batch: run(*batch).numpy().astype(np.float64)


def _errors(tower: HistoryTower, histories: Histories, held_out: Interactions, by_film: bool) -> NDArray[np.float32]:
    """Predicted minus given stars of `held_out` [R], from the histories the tower trains on."""
    bias, code = map(tf.constant, tower.encode_all(histories))
    rows, columns = (held_out.films, held_out.users) if by_film else (held_out.users, held_out.films)
    starts = range(0, max(len(held_out), 1), PAIRS_AT_ONCE)
    parts = [slice(start, start + PAIRS_AT_ONCE) for start in starts]
    predicted = [tower.predict_pairs(bias[:, None], code, rows[part], columns[part]) for part in parts]
    error: NDArray[np.float32] = np.concatenate(predicted) - held_out.ratings
    return error
