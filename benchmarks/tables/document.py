"""Figures in documents: each stands between marks, and a command writes it there; none is typed in."""

import re


def put(page: str, name: str, text: str) -> str:
    """`page` with `text` between the marks of the figures `name`. Raises ValueError where it has no such place."""
    marks = f"<!-- figures: {name} -->", "<!-- end -->"
    pattern = re.escape(marks[0]) + r".*?" + re.escape(marks[1])
    filled, count = re.subn(pattern, lambda _: f"{marks[0]}\n{text}\n{marks[1]}", page, count=1, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"there is no place for the figures {name!r}: put {marks[0]} and {marks[1]} where they belong")
    return filled
