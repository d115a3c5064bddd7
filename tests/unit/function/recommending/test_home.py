"""The home of any user: no film twice, no rated or excluded films, shelves with the right films."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from function.bundle.format import Bundle
from function.bundle.people import Person
from function.recommending.home import MAX_BECAUSE, MAX_GENRES, MIN_SHELF, Home, above_own_mean, compose
from function.recommending.popularity import damped_averages, long_tail
from function.recommending.ratings import History
from function.recommending.recommender import Recommender, Scores

FILMS, USERS = 400, 60
PERSONAL = ("top", "because", "genre", "hidden_gems")

indices = st.lists(st.integers(0, FILMS - 1), max_size=60, unique=True)
histories = indices.flatmap(
    lambda films: st.lists(st.integers(1, 5), min_size=len(films), max_size=len(films)).map(
        lambda stars: (np.array(films, np.int32), np.array(stars, np.float32))
    )
)
hidden_films = st.lists(st.integers(0, FILMS - 1), max_size=380)


def history_of(*pairs: tuple[int, float]) -> History:
    return np.array([film for film, _ in pairs], np.int32), np.array([stars for _, stars in pairs], np.float32)


def home_of(recommender: Recommender, history: History, hidden: list[int] | None = None, n: int = 20) -> Home:
    return compose(recommender, recommender.scores_of_visitor(*history), history, hidden=hidden or [], n=n)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, hidden=hidden_films, n=st.integers(1, 40))
def test_no_film_twice_none_seen_none_unwanted(
    recommender: Recommender, bundle: Bundle, history: History, hidden: list[int], n: int
) -> None:
    home = home_of(recommender, history, hidden, n)
    gone = {*hidden, *history[0].tolist()}
    assert (home.hero is None) == (len(gone) == FILMS)
    personal = [] if home.hero is None else [home.hero]
    for shelf in home.shelves:
        assert MIN_SHELF <= len(shelf.films) <= n
        assert len(set(shelf.films)) == len(shelf.films)
        assert not gone & set(shelf.films)
        if shelf.kind in PERSONAL:
            personal += shelf.films
        assert (shelf.film is not None) == (shelf.kind == "because")
        assert (shelf.genre is not None) == (shelf.kind == "genre")
        assert shelf.film is None or (shelf.film in history[0] and shelf.film not in hidden)
        if shelf.genre is not None:
            assert all(bundle.genres[shelf.genre] in bundle.films[index].genres for index in shelf.films)
    assert len(personal) == len(set(personal))
    kinds = [shelf.kind for shelf in home.shelves]
    assert kinds.count("because") <= MAX_BECAUSE
    assert kinds.count("genre") <= MAX_GENRES
    assert all(kinds.count(kind) <= 1 for kind in ("top", "hidden_gems", "popular", "average"))
    assert home_of(recommender, history, hidden, n) == home  # the same every time


@pytest.mark.parametrize("user", [0, 7, 33])
def test_hero_and_top_picks_are_the_most_relevant_that_should_be_liked(
    user: int, recommender: Recommender, people: list[Person]
) -> None:
    scores, history = recommender.scores_of_person(people[user]), people[user].history
    home = compose(recommender, scores, history, n=20)
    good = above_own_mean(scores.stars, history[1], ~scores.seen) & ~scores.seen
    ranked = [index for index in np.argsort(-scores.relevance, kind="stable").tolist() if good[index]]
    assert home.hero == ranked[0]
    assert home.shelves[0].kind == "top"
    assert list(home.shelves[0].films) == ranked[1:21]


def test_above_the_own_mean_is_what_it_says() -> None:
    stars, everything = np.linspace(1, 5, 41), np.ones(41, np.bool_)
    assert np.array_equal(above_own_mean(stars, np.array([2.0, 4.0]), everything), stars >= 3)
    assert above_own_mean(stars, np.array([]), everything).all()
    # Nothing is predicted above 5, so the best tenth counts: 4.6 and more.
    assert above_own_mean(stars, np.array([5.0, 5.0]), everything).sum() == 5
    assert above_own_mean(stars, np.array([5.0]), stars < 3)[stars < 3].sum() == 2  # of what is left


def test_films_below_the_own_mean_come_last_on_because_and_genre_shelves(recommender: Recommender) -> None:
    history = history_of(*[(index, 5 if index % 3 else 2) for index in range(30)])
    scores = recommender.scores_of_visitor(*history)
    home = compose(recommender, scores, history, n=60)
    good = above_own_mean(scores.stars, history[1], ~scores.seen)
    shelves = [good[list(shelf.films)].tolist() for shelf in home.shelves if shelf.kind in ("because", "genre")]
    assert any(False in shelf and True in shelf for shelf in shelves)
    for shelf in shelves:
        assert shelf == sorted(shelf, reverse=True)


def test_popular_and_average_are_true_lists(recommender: Recommender, bundle: Bundle) -> None:
    history = history_of((3, 5), (9, 4), (20, 5))
    home = home_of(recommender, history)
    lists = {shelf.kind: shelf.films for shelf in home.shelves}
    unseen = [index for index in range(FILMS) if index not in (3, 9, 20)]
    assert list(lists["popular"]) == sorted(unseen, key=lambda index: -bundle.films[index].count)[:20]
    damped = recommender.damped_averages
    assert list(lists["average"]) == sorted(unseen, key=lambda index: -damped[index])[:20]


def test_one_rating_of_five_does_not_lead() -> None:
    damped = damped_averages(np.array([1.0, 200, 100, 0]), np.array([5.0, 4.5, 2, 0]))
    assert damped.argmax() == 1
    assert damped.argmin() == 2
    assert np.isfinite(damped_averages(np.zeros(3), np.zeros(3))).all()


def test_the_long_tail_is_what_the_most_rated_leave() -> None:
    # The head has 80 of 100 ratings; of the rest, one film has too few to be trusted.
    assert long_tail(np.array([50.0, 30, 9, 7, 4, 0])).tolist() == [False, False, True, True, False, False]


def test_because_starts_from_what_was_liked_lately_and_spread(recommender: Recommender, bundle: Bundle) -> None:
    vectors = bundle.film_tables.vectors
    first = 11
    near, far = (int(index) for index in np.argsort(-(vectors @ vectors[first]), kind="stable")[[1, -1]])
    home = home_of(recommender, history_of((5, 1), (6, 2), (near, 5), (far, 5), (first, 5)))
    starts = [shelf.film for shelf in home.shelves if shelf.kind == "because"]
    assert starts[:2] == [first, far]  # the latest; then not its neighbour
    assert not {5, 6} & set(starts)


def test_who_likes_nothing_is_told_nothing_of_likes(recommender: Recommender) -> None:
    home = home_of(recommender, history_of((5, 1), (6, 2), (7, 2)))
    assert not [shelf for shelf in home.shelves if shelf.kind == "because"]


def test_because_films_are_like_it(recommender: Recommender, bundle: Bundle) -> None:
    home = home_of(recommender, history_of((40, 5)))
    (shelf,) = [shelf for shelf in home.shelves if shelf.kind == "because"]
    similarity = bundle.film_tables.vectors @ bundle.film_tables.vectors[40]
    assert similarity[list(shelf.films)].min() > 0
    assert similarity[list(shelf.films)].mean() > np.quantile(similarity, 0.9)


def test_favourite_genres_are_liked_more_than_usual(recommender: Recommender, bundle: Bundle) -> None:
    war = [index for index, film in enumerate(bundle.films) if "War" in film.genres and len(film.genres) <= 2][:12]
    others = [index for index, film in enumerate(bundle.films) if "War" not in film.genres][:12]
    home = home_of(recommender, history_of(*[(index, 5) for index in war], *[(index, 2) for index in others]))
    genres = [bundle.genres[shelf.genre] for shelf in home.shelves if shelf.genre is not None]
    assert genres[0] == "War"


def test_hidden_gems_are_known_to_few(recommender: Recommender) -> None:
    home = home_of(recommender, history_of((3, 5), (9, 4)))
    (gems,) = [shelf.films for shelf in home.shelves if shelf.kind == "hidden_gems"]
    (popular,) = [shelf.films for shelf in home.shelves if shelf.kind == "popular"]
    assert recommender.counts[list(gems)].max() < recommender.counts[list(popular)].min()


def test_a_newcomer_has_a_home(recommender: Recommender) -> None:
    home = home_of(recommender, history_of())
    assert home.hero is not None
    assert [shelf.kind for shelf in home.shelves] == ["top", "hidden_gems", "popular", "average"]


def test_a_film_too_short_a_shelf_is_free_for_the_next(recommender: Recommender) -> None:
    """With five films left, one is the hero; the rest are one personal shelf, once."""
    left = [1, 2, 3, 4, 5]
    home = home_of(recommender, history_of(), [index for index in range(FILMS) if index not in left])
    assert home.hero in left
    (top,) = [shelf for shelf in home.shelves if shelf.kind in PERSONAL]
    assert sorted([home.hero, *top.films]) == left


def test_seen_is_what_the_scores_say(recommender: Recommender) -> None:
    everything = Scores(np.zeros(FILMS, np.float32), np.zeros(FILMS, np.float32), np.ones(FILMS, np.bool_))
    assert compose(recommender, everything, history_of(), n=20) == Home(None, ())
