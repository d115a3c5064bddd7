"""The data sets known by name: their location, checksums and terms of use."""

from dataclasses import dataclass
from typing import Final

from function.bundle.format import RatingScale

GROUPLENS: Final = "https://files.grouplens.org/datasets/movielens"
CITATION: Final = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems 5, 4: 19:1-19:19."
)
TERMS: Final = (
    "MovieLens data, (c) GroupLens Research, University of Minnesota: for research; no commercial use and no "
    "redistribution without permission; acknowledge it in publications. Its README has the full terms."
)
WHOLE_STARS: Final = RatingScale(min=1, max=5, step=1)
HALF_STARS: Final = RatingScale(min=0.5, max=5, step=0.5)


@dataclass(frozen=True)
class Known:
    """A GroupLens data set. `files` are those we read; where `md5` is None, it is read from beside the archive."""

    name: str
    layout: str  # the reader: ml-100k, ml-1m or csv
    files: tuple[str, ...]
    optional: tuple[str, ...]
    scale: RatingScale
    md5: str | None

    @property
    def url(self) -> str:
        return f"{GROUPLENS}/{self.name}.zip"


def _csv(name: str, md5: str | None) -> Known:
    return Known(name, "csv", ("ratings.csv", "movies.csv"), ("links.csv", "README.txt"), HALF_STARS, md5)


KNOWN: Final = {
    known.name: known
    for known in (
        Known(
            "ml-100k",
            "ml-100k",
            ("u.data", "u.item"),
            ("u.user", "README"),
            WHOLE_STARS,
            "0e33842e24a9c977be4e0107933c0723",
        ),
        Known(
            "ml-1m",
            "ml-1m",
            ("ratings.dat", "movies.dat"),
            ("users.dat", "README"),
            WHOLE_STARS,
            "c4d9eecfca2ab87c1945afe126590906",
        ),
        _csv("ml-latest-small", None),  # GroupLens replaces it from time to time
        _csv("ml-25m", "6b51fb2759a8657d3bfcbfc42b592ada"),
        _csv("ml-32m", "d472be332d4daa821edc399621853b57"),
    )
}

# The fallback where GroupLens' site cannot be reached: a package that carries ml-100k. It is never imported.
WHEEL: Final = "recbole==1.2.1"
WHEEL_SHA256: Final = "9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"
WHEEL_FOLDER: Final = "recbole/dataset_example/ml-100k"
WHEEL_FILES: Final = ("ml-100k.inter", "ml-100k.item", "ml-100k.user")
