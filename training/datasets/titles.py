"""Titles, years and genres as people write them, made one."""

import re
from typing import Final

_YEAR: Final = re.compile(r"\s*\((\d{4})(?:[-\u2013]\d{0,4})?\)\s*$")
# MovieLens puts the article behind the title: "Postino, Il (The Postman) (1994)".
_ARTICLES: Final = (
    "The|A|An|La|Le|Les|L'|Un|Une|Il|Lo|Gli|I|El|Los|Las|Das|Der|Die|Ein|Eine|Den|Det|De|En|Et|Het|O|Os|As|Um|Uma"
)
_ARTICLE: Final = re.compile(rf"^(?P<title>.+?), (?P<article>{_ARTICLES})(?P<rest>\s*\(.*\))?$", re.I)
_IN_BRACKETS: Final = re.compile(r"\(([^()]+)\)$")
_NONE: Final = {"", "(no genres listed)", "no genres listed", "unknown", "unkonwn"}
_SAME_GENRE: Final = {"children's": "Children", "childrens": "Children", "science fiction": "Sci-Fi"}


def split_title(raw: str) -> tuple[str, int]:
    """The title as shown, and its year (0 where there is none): "Matrix, The (1999)" gives ("The Matrix", 1999)."""
    title, year = raw.strip(), 0
    if found := _YEAR.search(title):
        title, year = title[: found.start()].strip(), int(found[1])
    title = _article_first(title)
    if found := _IN_BRACKETS.search(title):  # the title in another language, with an article of its own
        title = f"{title[: found.start()]}({_article_first(found[1])})"
    return title, year


def _article_first(title: str) -> str:
    found = _ARTICLE.match(title)
    if not found:
        return title
    article = found["article"]
    return f"{article}{'' if article.endswith(chr(39)) else ' '}{found['title']}{found['rest'] or ''}"


def split_genres(raw: str, separator: str = "|") -> tuple[str, ...]:
    """Genres of "Animation|Children's", each once, in their order, without the words for none."""
    names = (name.strip() for name in raw.split(separator))
    return tuple(dict.fromkeys(_SAME_GENRE.get(name.lower(), name) for name in names if name.lower() not in _NONE))
