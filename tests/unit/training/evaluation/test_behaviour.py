"""What the made-up visitors find is what a model does: one that listens, and one that does not."""

import numpy as np
import pytest

from function.bundle.format import RatingScale
from training.evaluation.behaviour import Answer, Behaviour, Films, behaviour, best_known
from training.evaluation.evaluate import behaviour_of
from training.model.fitted import Fitted

SCALE = RatingScale(min=1, max=5, step=1)
N, GENRES = 240, 4


@pytest.fixture(scope="module")
def films() -> Films:
    """Four genres of sixty films, the best known of each first; films of a genre are alike."""
    genres = np.arange(N) % GENRES
    hot = genres[:, None] == np.arange(GENRES)
    return Films(np.arange(N + 50, 50, -1), hot, ("Action", "Comedy", "Drama", "War"), hot.astype(np.float32))


def popular(films: Films) -> Answer:
    """The same for everybody."""
    return lambda _history, _ratings: (np.full(N, 2, np.float32), films.counts.astype(np.float32))


def listening(films: Films) -> Answer:
    """What is popular, and what is alike to what was rated above the middle, but never to what was rated below."""

    def answer(history: np.ndarray, ratings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        liking = films.vectors @ (films.vectors[history].T @ (ratings - 3)) if len(history) else np.zeros(N)
        return (3 + np.sign(liking)).astype(np.float32), (films.counts + 1000 * liking).astype(np.float32)

    return answer


def found(answer: Answer, films: Films) -> Behaviour:
    result = behaviour(answer, films, SCALE)
    assert result is not None
    return result


def test_a_model_that_does_not_listen_is_seen_through(films: Films) -> None:
    deaf = found(popular(films), films)
    assert deaf.expected == 0
    assert deaf.common == deaf.poor == deaf.raised == deaf.middle == 1
    assert deaf.moved <= 0.1
    assert deaf.alike > 0.8


def test_a_model_that_listens_behaves(films: Films) -> None:
    listens = found(listening(films), films)
    assert listens.expected == GENRES == len(listens.genres)
    assert listens.common == listens.poor == 0
    assert listens.raised == listens.middle == 1
    assert listens.moved > 0.5
    first = listens.genres[0]
    assert (first.name, first.lowest, first.nothing, first.highest) == ("Action", 0.0, 0.1, 1.0)


def test_the_best_known_films_of_a_genre_and_only_where_there_are_five(films: Films) -> None:
    few = Films(np.where(np.arange(N) < 16, films.counts, 49), films.genres, films.names, films.vectors)
    assert best_known(few) == {}
    chosen = best_known(films)
    assert chosen[1].tolist() == [1, 5, 9, 13, 17]
    assert behaviour(popular(few), few, SCALE) is None


def test_a_fitted_model_is_asked_as_visitors_ask_it(fitted: Fitted) -> None:
    """The made-up data has a taste in it: dislikes lower a genre's share, likes raise it."""
    result = behaviour_of(fitted)
    assert result is not None
    assert np.mean([genre.lowest for genre in result.genres]) < np.mean([genre.highest for genre in result.genres])
    assert result.common < 0.5
