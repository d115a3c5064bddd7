"""Titles, years and genres as written in MovieLens and by users."""

import pytest

from training.data.titles import split_genres, split_title


@pytest.mark.parametrize(
    ("raw", "title", "year"),
    [
        ("Toy Story (1995)", "Toy Story", 1995),
        ("Matrix, The (1999)", "The Matrix", 1999),
        ("American President, The (1995)", "The American President", 1995),
        ("Postino, Il (The Postman) (1994)", "Il Postino (The Postman)", 1994),
        ("Hate (Haine, La) (1995)", "Hate (La Haine)", 1995),
        ("Star Maker, The (Uomo delle stelle, L') (1995)", "The Star Maker (L'Uomo delle stelle)", 1995),
        ("Misérables, Les (1995)", "Les Misérables", 1995),
        ("Bye Bye, Love (1995)", "Bye Bye, Love", 1995),
        ("301, 302 (1995)", "301, 302", 1995),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968),
        ("1984 (1956)", "1984", 1956),
        ("Doctor Who (2005-2010)", "Doctor Who", 2005),
        ("Twin Peaks (1989\u2013 )", "Twin Peaks", 1989),
        ("The Land Before Time III (1995) (V)", "The Land Before Time III", 1995),
        ("Avventura, L' (a.k.a. Adventure, The) (1960)", "L'Avventura (a.k.a. The Adventure)", 1960),
        ("Rififi (Rififi, Du) (Hommes, Les) (1955)", "Rififi (Rififi, Du) (Les Hommes)", 1955),
        ("Vitelloni, I (The Young and the Useless) (1953)", "I Vitelloni (The Young and the Useless)", 1953),
        (
            "Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)",
            "The Good, the Bad and the Ugly (Il Buono, il brutto, il cattivo)",
            1966,
        ),
        ("Watching us (Bambini ci guardano, I) (1942)", "Watching us (I Bambini ci guardano)", 1942),
        ("You, Me, I (2001)", "You, Me, I", 2001),
        ("I, Robot (2004)", "I, Robot", 2004),
        ("Crazy, Stupid, Love. (2011)", "Crazy, Stupid, Love.", 2011),
        ("Lord of the Rings: The Two Towers, The (2002)", "The Lord of the Rings: The Two Towers", 2002),
        ("No year here", "No year here", 0),
        ("", "", 0),
    ],
)
def test_titles(raw: str, title: str, year: int) -> None:
    assert split_title(raw) == (title, year)


@pytest.mark.parametrize(
    ("raw", "genres"),
    [
        ("Animation|Children's|Comedy", ("Animation", "Children", "Comedy")),
        ("Children|Children's", ("Children",)),
        ("(no genres listed)", ()),
        ("unknown", ()),
        ("", ()),
        (" Drama | War ", ("Drama", "War")),
    ],
)
def test_genres(raw: str, genres: tuple[str, ...]) -> None:
    assert split_genres(raw) == genres


def test_genres_of_another_separator() -> None:
    assert split_genres("Sci-Fi Film-Noir", " ") == ("Sci-Fi", "Film-Noir")
