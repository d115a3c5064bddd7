"""A member's taste: the kept ratings as a history, and the vector folded in from them, as long as they are the same."""

from collections import OrderedDict
from typing import Any, Final, NamedTuple

from function.api.members.access import kept
from function.members.account import Session
from function.members.films import Everything, read_films
from function.recommending.ratings import History, kept_history, with_dislikes
from function.recommending.recommender import Recommender, Scores

MAX_TASTES: Final = 32  # members whose vectors a process keeps


class Taste(NamedTuple):
    """What is recommended by. `version` is the account's, `hidden` the films not to recommend."""

    version: int
    films: Everything
    history: History
    hidden: tuple[int, ...]
    vector: Any  # an array; this package knows none

    def scores(self, recommender: Recommender) -> Scores:
        return recommender.scores_of_vector(self.vector, self.history[0])


_tastes: OrderedDict[tuple[str, str], Taste] = OrderedDict()


async def taste_of(session: Session, recommender: Recommender) -> Taste:
    """Reads the ratings only if the account has changed since the vector was made. Raises Problem."""
    version = (await kept(session.account)).version
    key = (session.member.id, recommender.bundle.manifest.release)
    known = _tastes.get(key)
    if known is None or known.version != version:
        films = await kept(read_films, session)
        known = _fold_in(recommender, version, films)
        _tastes[key] = known
    _tastes.move_to_end(key)
    while len(_tastes) > MAX_TASTES:
        _tastes.popitem(last=False)
    return known


def _fold_in(recommender: Recommender, version: int, films: Everything) -> Taste:
    latest_last = [(mark.film_id, mark.rating or 0.0) for mark in reversed(films.rating)]
    index = recommender.film_index
    scale = recommender.bundle.manifest.model.scale
    history = kept_history(latest_last, index, scale)
    hidden = tuple(index[mark.film_id] for mark in films.not_interested if mark.film_id in index)
    return Taste(version, films, history, hidden, recommender.model.encode(*with_dislikes(history, hidden, scale)))
