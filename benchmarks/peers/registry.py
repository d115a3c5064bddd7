"""The scorers of `make bench-quality`, with their environments and protocols."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
STARS: Final = ("kfold", "random")  # protocols that predict the stars of pairs
LISTS: Final = ("ranking", "new_users", "recbole")  # protocols that rank the whole catalogue


@dataclass(frozen=True)
class Entrant:
    """A scorer: one line of the tables."""

    name: str
    library: str
    module: str
    environment: str  # a folder with bin/python; "" is the environment of this process
    protocols: tuple[str, ...]
    slow: tuple[tuple[str, str], ...] = ()  # (data, protocol): only with --slow
    once: tuple[tuple[str, str], ...] = ()  # (data, protocol): without --slow, only seed 0

    @property
    def python(self) -> Path:
        return ROOT / self.environment / "bin" / "python" if self.environment else Path(sys.executable)

    def takes_part(self, data: str, protocol: str, seed: int, *, slow: bool) -> bool:
        """Whether the scorer has this run; `slow` includes the slow ones."""
        where = (data, protocol)
        left_out = not slow and (where in self.slow or (where in self.once and seed > 0))
        return protocol in self.protocols and not left_out


def _of(library: str, module: str, environment: str, *entrants: tuple[str, tuple[str, ...]]) -> list[Entrant]:
    return [Entrant(name, library, f"benchmarks.peers.{module}", environment, where) for name, where in entrants]


HERE, PEERS, LENSKIT = "", "artifacts/peers-venv", "artifacts/lenskit-venv"
KNOWN_USERS = tuple(protocol for protocol in LISTS if protocol != "new_users")  # for scorers without fold-in
ENTRANTS: Final = (
    *_of(
        "ours",
        "in_house",
        HERE,
        ("this model", STARS + LISTS),
        ("EASE", LISTS),
        ("EASE, liked", LISTS),
        ("EASE, stars", LISTS),
    ),
    *_of("LensKit", "with_lenskit", LENSKIT, ("SLIM", LISTS)),
    Entrant(
        "BiasedMF",
        "LensKit",
        "benchmarks.peers.with_lenskit",
        LENSKIT,
        STARS,
        slow=(("ml-1m", "random"), ("ml-1m", "kfold")),
        once=(("ml-100k", "kfold"),),
    ),
    *_of(
        "implicit",
        "with_implicit",
        PEERS,
        ("ALS", LISTS),
        ("ALS, liked", LISTS),
        ("ALS, stars", LISTS),
        ("item-kNN", LISTS),
        ("BPR", KNOWN_USERS),
    ),
    *_of("Surprise", "with_surprise", PEERS, ("SVD", STARS + KNOWN_USERS)),
    Entrant(
        "SVD++",
        "Surprise",
        "benchmarks.peers.with_surprise",
        PEERS,
        STARS + KNOWN_USERS,
        slow=(("ml-1m", "random"), ("ml-1m", "kfold"), ("ml-1m", "recbole")),
        once=(("ml-100k", "kfold"), ("ml-100k", "ranking")),
    ),
    *_of("Surprise", "with_surprise", PEERS, ("KNNBaseline", STARS)),
    *_of("ours", "in_house", HERE, ("damped biases", STARS), ("popularity", STARS + LISTS), ("random", STARS + LISTS)),
)
