"""Films of other services, found in the catalogue, and ratings moved to its scale."""

import pytest

from function.bundle.films import Film
from function.bundle.format import RatingScale
from function.members.matching import Catalogue, Row, Source, on_scale

FILMS = [
    Film("1", "Amelie (Fabuleux destin d'Amélie Poulain, Le)", 2001, (), 4.0, 1, 194, "tt0211915"),
    Film("2", "Matrix, The", 1999, (), 4.0, 1, 603, "tt0133093"),
    Film("3", "King Kong", 1933, (), 4.0, 1),
    Film("4", "King Kong", 1976, (), 4.0, 1),
    Film("5", "Léon: The Professional", 1994, (), 4.0, 1),
    Film("6", "Without a Year", None, (), 4.0, 1),
    Film("7", "Twin", 1990, (), 4.0, 1),
    Film("8", "Twin", 1992, (), 4.0, 1),
    Film("9", "A", 2000, (), 4.0, 1),
]
CATALOGUE = Catalogue(FILMS)


@pytest.mark.parametrize(
    ("row", "film", "by"),
    [
        (Row("whatever", tmdb_id=603), "2", "tmdb"),
        (Row("whatever", imdb_id="tt0133093"), "2", "imdb"),
        (Row("whatever", imdb_id="0133093"), "2", "imdb"),
        (Row("Twin", 1990, tmdb_id=12345, imdb_id="tt9999999"), "7", "title"),
        (Row("The Matrix", 1999), "2", "title"),
        (Row("matrix", 2000), "2", "title"),
        (Row("The Matrix"), "2", "title"),
        (Row("Le Fabuleux Destin d'Amélie Poulain", 2001), "1", "title"),
        (Row("Amelie", 2002), "1", "title"),
        (Row("AMÉLIE", 2001), "1", "title"),
        (Row("King Kong", 1976), "4", "title"),
        (Row("King Kong", 1934), "3", "title"),
        (Row("Leon - the professional!", 1994), "5", "title"),
        (Row("Without a Year", 1950), "6", "title"),
        (Row("A", 2000), "9", "title"),
    ],
)
def test_a_film_is_found(row: Row, film: str, by: str) -> None:
    match = CATALOGUE.match(row, "letterboxd")
    assert match.film is not None
    assert (FILMS[match.film].id, match.by) == (film, by)


@pytest.mark.parametrize(
    ("row", "candidates"),
    [
        (Row("King Kong", 2005), ["4", "3"]),  # a film that is not there
        (Row("King Kong"), ["3", "4"]),
        (Row("Twin", 1991), ["7", "8"]),  # as near to one as to the other
        (Row("The Matrix", 2003), ["2"]),
        (Row("Nothing", 1999), []),
        (Row("", 1999), []),
        (Row("!!!"), []),
        (Row(film_id="2"), []),  # another service's id says nothing
    ],
)
def test_a_film_that_is_not_certain_is_left_to_the_member(row: Row, candidates: list[str]) -> None:
    match = CATALOGUE.match(row, "letterboxd")
    assert match.film is None
    assert [FILMS[film].id for film in match.candidates] == candidates


def test_our_own_export_names_films_by_their_ids() -> None:
    assert CATALOGUE.match(Row(film_id="2"), "export") == (1, "film_id", ())


@pytest.mark.parametrize(
    ("source", "stars", "step", "expected"),
    [
        ("letterboxd", 4.5, 0.5, 4.5),
        ("letterboxd", 4.5, 1, 5),
        ("letterboxd", 0.5, 1, 1),
        ("letterboxd", 6, 1, None),
        ("letterboxd", 0, 1, None),
        ("imdb", 7, 0.5, 3.5),
        ("imdb", 10, 1, 5),
        ("imdb", 11, 1, None),
        ("imdb", 1, 1, 1),
        ("movielens", 3, 1, 3),
        ("export", 4, 1, 4),
        ("export", 0.5, 1, None),
    ],
)
def test_ratings_are_moved_to_our_scale(source: Source, stars: float, step: float, expected: float | None) -> None:
    assert on_scale(stars, source, RatingScale(min=1, max=5, step=step)) == expected
