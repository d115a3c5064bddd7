"""The served form is the trained model: the same numbers from TFLite, for known users, visitors and nobody."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from function.bundle.interpreter import Model
from training.data.dataset import Dataset
from training.model.fitted import Fitted
from training.model.hybrid import Histories
from training.model.served import HISTORY_LENGTH, to_tflite
from training.model.tables import Precision


@pytest.fixture(scope="module")
def model(fitted: Fitted) -> Model:
    return Model(to_tflite(fitted.served))


def history(fitted: Fitted, user: int) -> tuple[np.ndarray, np.ndarray]:
    rows = slice(fitted.histories.indptr[user], fitted.histories.indptr[user + 1])
    return fitted.histories.columns[rows], fitted.histories.ratings[rows]


def test_tflite_equals_keras_for_every_known_user(fitted: Fitted, model: Model) -> None:
    stars, relevance = fitted.score(fitted.user_vectors)
    for user, vector in enumerate(fitted.user_vectors):
        found = model.score(vector)
        assert np.abs(found[0] - stars[user]).max() <= 1e-4
        assert (
            np.argsort(-found[1], kind="stable")[:10].tolist()
            == np.argsort(-relevance[user], kind="stable")[:10].tolist()
        )


@pytest.mark.parametrize("n", [0, 1, 2, 5, 64, 65, 1000])
def test_tflite_encodes_a_history_as_tensorflow_does(n: int, fitted: Fitted, model: Model) -> None:
    films, ratings = (column[:n] for column in history(fitted, 3))
    assert model.encode(films, ratings) == pytest.approx(fitted.encode(films, ratings), abs=1e-4)


def test_the_scores_are_those_of_the_towers(fitted: Fitted, dataset: Dataset) -> None:
    """stars(u, j) of the served form is the mean of what the two Keras towers say of the pair."""
    stars, _ = fitted.score(fitted.user_vectors[:4])
    users = np.repeat(np.arange(4, dtype=np.int32), dataset.n_films)
    films = np.tile(np.arange(dataset.n_films, dtype=np.int32), 4)
    assert stars.ravel() == pytest.approx(fitted.stars(users, films), abs=1e-5)


def test_order_and_padding_of_a_history_do_not_matter(fitted: Fitted, model: Model) -> None:
    films, ratings = history(fitted, 5)
    order = np.random.default_rng(0).permutation(len(films))
    assert model.encode(films[order], ratings[order]) == pytest.approx(model.encode(films, ratings), abs=2e-4)


def test_a_longer_history_counts_with_its_latest_ratings(fitted: Fitted, model: Model) -> None:
    rng = np.random.default_rng(0)
    films = rng.integers(0, fitted.dataset.n_films, HISTORY_LENGTH + 40).astype(np.int32)
    ratings = rng.integers(1, 6, len(films)).astype(np.float32)
    latest = model.encode(films[40:], ratings[40:])
    assert np.array_equal(model.encode(films, ratings), latest)


def test_a_visitor_is_served_as_the_known_user_with_the_same_ratings(fitted: Fitted) -> None:
    users = range(40)
    visitors = np.stack([fitted.encode(*history(fitted, user)) for user in users])
    assert visitors == pytest.approx(fitted.user_vectors[:40], abs=2e-3)


def test_ratings_change_the_list_and_liking_is_not_disliking(fitted: Fitted) -> None:
    films = history(fitted, 2)[0][:5]
    loved = fitted.score(fitted.encode(films, np.full(5, 5, np.float32))[None])[0][0]
    hated = fitted.score(fitted.encode(films, np.full(5, 1, np.float32))[None])[0][0]
    assert loved[films].mean() > hated[films].mean() + 0.5


def test_nobody_in_particular_gets_a_list(fitted: Fitted) -> None:
    none = np.array([], np.int32)
    stars, relevance = fitted.score(fitted.encode(none, none.astype(np.float32))[None])
    assert np.isfinite(stars).all()
    counts = np.bincount(fitted.histories.columns, minlength=fitted.dataset.n_films)
    assert np.corrcoef(relevance[0], counts)[0, 1] > 0.5  # what most people watch


@pytest.mark.parametrize(("precision", "error"), [("float16", 0.02), ("int8", 0.3)])
def test_smaller_weights_cost_a_measured_error(precision: str, error: float, fitted: Fitted, model: Model) -> None:
    content = to_tflite(fitted.served, precision)  # type: ignore[arg-type]
    assert len(content) < 0.95 * len(to_tflite(fitted.served))
    small = Model(content, precision)
    difference = [np.abs(small.score(v)[0] - model.score(v)[0]).max() for v in fitted.user_vectors[:20]]
    assert 0 < max(difference) < error


def test_histories_are_the_training_ratings(fitted: Fitted, dataset: Dataset) -> None:
    assert isinstance(fitted.histories, Histories)
    assert len(fitted.histories) == dataset.n_users


@pytest.mark.parametrize(("precision", "size"), [("float32", 4), ("float16", 2), ("int8", 1)])
def test_each_table_of_films_is_in_the_file_once(precision: Precision, size: int, fitted: Fitted) -> None:
    """A film more costs the bytes of its row in each table, which all signatures share."""
    films = fitted.dataset.n_films
    tables = fitted.served.tables
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(to_tflite(fitted.served, precision)))
    ours = {
        tensor.buffer: len(model.buffers[tensor.buffer].data)
        for graph in model.subgraphs
        for tensor in graph.tensors
        if tensor.shape is not None and films in tensor.shape and model.buffers[tensor.buffer].data is not None
    }
    numbers = sum(int(np.prod(table.shape)) for table in tables.variables)
    assert numbers * size <= sum(ours.values()) <= numbers * size + 100 * films
