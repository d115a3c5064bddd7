"""An id is valid if no hop between browser and function alters it."""

from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.bundle.ids import MAX_ID, id_fault


@given(st.text(max_size=MAX_ID + 2) | st.text("./\\?#%a", max_size=3))
def test_a_good_id_is_one_segment_however_often_it_is_decoded(text: str) -> None:
    if id_fault(text) is None:
        path = f"/api/films/{quote(text, safe='')}/similar"
        decoded = unquote(path)
        assert unquote(decoded) == decoded == f"/api/films/{text}/similar"  # by the gateway, and by Mangum
        assert decoded.count("/") == 4
        assert urlsplit(decoded).path == decoded  # nothing of it is taken for a query
        assert text not in (".", "..")


@pytest.mark.parametrize(
    "text", ["1", "tt0114709", "a b", "Ночь", "千と千尋", "...", ".x", "starters", "x" * MAX_ID, "+&=;"]
)
def test_good_ids(text: str) -> None:
    assert id_fault(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a/b", "has '/'"),
        ("a\\b", r"has '\\'"),
        ("what?", "has '?'"),
        ("#1", "has '#'"),
        ("50%", "has '%'"),
        ("a\nb", r"has '\n'"),
        (".", "relative path"),
        ("..", "relative path"),
        ("x" * (MAX_ID + 1), "at most 100"),
    ],
)
def test_what_no_path_can_carry_is_told(text: str, words: str) -> None:
    assert words in (id_fault(text) or "")
