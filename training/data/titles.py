"""Normalise titles, years and genres."""

import re
from typing import Final

# "(1995)", "(2005-2010)", "(2009- )"; MovieLens marks films that were not in cinemas with (V) or (TV) after the year.
_YEAR: Final = re.compile(r"\s*\((\d{4})(?:\s?[-\u2013]\s?\d{0,4})?\)(?:\s*\(T?V\))?\s*$")
# MovieLens puts the article after the title: "Postino, Il (The Postman) (1994)". An "I" at the very end is the English
# pronoun; the Italian article comes with a translation.
_ARTICLES: Final = (
    r"The|A|An|La|Le|Les|L'|Un|Une|Una|Il|Lo|Gli|I(?= \(|\))|El|Los|Las|Das|Der|Die|Ein|Eine|Den|Det|De|En|Ett|Et|Het"
    r"|Een|O|Os|As|Um|Uma"
)
_ARTICLE: Final = re.compile(rf"^(?P<title>.+?), (?P<article>{_ARTICLES})(?=$|\s*\(.*\)$)")
# Brackets hold the title in another language, with an article of its own.
_ALSO_ARTICLE: Final = re.compile(rf"(?<=\()(?P<aka>a\.?k\.?a\.? )?(?P<title>[^()]+?), (?P<article>{_ARTICLES})(?=\))")
_NONE: Final = {"", "(no genres listed)", "no genres listed", "unknown", "unkonwn"}
_SAME_GENRE: Final = {"children's": "Children", "childrens": "Children", "science fiction": "Sci-Fi"}


def split_title(raw: str) -> tuple[str, int]:
    """The title as shown, and its year (0 where there is none): "Matrix, The (1999)" gives ("The Matrix", 1999)."""
    title, year = raw.strip(), 0
    if found := _YEAR.search(title):
        title, year = title[: found.start()].strip(), int(found[1])
    title = _ARTICLE.sub(_article_first, title)
    return _ALSO_ARTICLE.sub(lambda also: f"{also['aka'] or ''}{_article_first(also)}", title), year


def _article_first(found: re.Match[str]) -> str:
    space = "" if found["article"].endswith("'") else " "
    return f"{found['article']}{space}{found['title']}"


def split_genres(raw: str, separator: str = "|") -> tuple[str, ...]:
    """The genres of "Animation|Children's", each once and in order, without "(no genres listed)"."""
    names = (name.strip() for name in raw.split(separator))
    return tuple(dict.fromkeys(_SAME_GENRE.get(name.lower(), name) for name in names if name.lower() not in _NONE))
