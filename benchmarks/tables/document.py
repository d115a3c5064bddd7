"""Generated blocks of figures in documents, between `<!-- figures: NAME -->` and `<!-- end -->`."""

import re
from collections.abc import Sequence


def put(page: str, name: str, text: str) -> str:
    """`page` with `text` as its block `name`. Raises ValueError if it has no such block."""
    marks = f"<!-- figures: {name} -->", "<!-- end -->"
    pattern = re.escape(marks[0]) + r".*?" + re.escape(marks[1])
    filled, count = re.subn(pattern, lambda _: f"{marks[0]}\n{text}\n{marks[1]}", page, count=1, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"there is no block for the figures {name!r}: put {marks[0]} and {marks[1]} where they belong")
    return filled


def markdown(rows: Sequence[Sequence[object]]) -> str:
    """A table of `rows`, the first of which is its head; all columns but the first are numbers."""
    head, *body = rows
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in (head, rule, *body))
