"""What visitors and known users ask of the API: each kind by itself, and a mix of all kinds."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from function.bundle.format import read_bundle
from function.bundle.people import mapped_people

RATED: Final = 20  # films that a visitor has rated
EACH: Final = 400  # requests of a kind: more people than a process keeps the scores of
TOP: Final = "top 20 of a known user"
HOME: Final = "home of a known user"
VISITOR: Final = "top 20 of a visitor with 20 ratings"
VISITOR_HOME: Final = "home of a visitor with 20 ratings"
FILM: Final = "a film"
SIMILAR: Final = "similar films"
SEARCH: Final = "a search"
HEALTH: Final = "health"
# Of a hundred requests of the mix.
SHARES: Final = {TOP: 25, HOME: 20, VISITOR: 20, VISITOR_HOME: 10, FILM: 10, SIMILAR: 5, SEARCH: 5, HEALTH: 5}


class Request(NamedTuple):
    """One request; the body is JSON, or nothing."""

    method: str
    path: str
    body: str = ""


def kinds(bundle: Path, each: int = EACH) -> dict[str, list[Request]]:
    """`each` requests of every kind, always the same ones for a bundle."""
    found, chosen = read_bundle(bundle), random.Random(0)
    films = [film.id for film in found.films]
    people = [person.id for person in mapped_people(found) or ()]
    users = [quote(chosen.choice(people)) for _ in range(each)]
    some = [quote(chosen.choice(films)) for _ in range(each)]
    words = [chosen.choice(found.films).title.split()[0] for _ in range(each)]
    visitors = [_ratings(chosen, films) for _ in range(each)]
    return {
        TOP: [Request("GET", f"/api/users/{user}/recommendations") for user in users],
        HOME: [Request("GET", f"/api/users/{user}/home") for user in users],
        VISITOR: [Request("POST", "/api/recommendations", body) for body in visitors],
        VISITOR_HOME: [Request("POST", "/api/home", body) for body in visitors],
        FILM: [Request("GET", f"/api/films/{film}") for film in some],
        SIMILAR: [Request("GET", f"/api/films/{film}/similar") for film in some],
        SEARCH: [Request("GET", f"/api/films?q={quote(word)}") for word in words],
        HEALTH: [Request("GET", "/api/health")],
    }


def mixed(requests: Mapping[str, Sequence[Request]], total: int = 5 * EACH) -> list[Request]:
    """`total` requests of all kinds, by their shares, in a random order that is always the same."""
    chosen = random.Random(0)
    drawn = chosen.choices(list(SHARES), list(SHARES.values()), k=total)
    return [chosen.choice(requests[kind]) for kind in drawn]


def _ratings(chosen: random.Random, films: Sequence[str]) -> str:
    rated = chosen.sample(films, RATED)
    return json.dumps({"ratings": [{"film_id": film, "rating": chosen.randint(1, 5)} for film in rated]})
