"""Our model as a scorer: for the users it was fitted to, for folded-in ones, and with its lists reordered."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from function.recommending.ranking import personalise
from training.data.dataset import Interactions
from training.evaluation.scorer import Scorer
from training.metrics import of_pairs
from training.model.fitted import Fitted


class Contender(Scorer, Protocol):
    """A scorer that can fold in users it was not fitted to."""

    def fold_in(self, given: Interactions) -> Scorer:
        """The same fit, with the histories `given`."""
        ...


@dataclass(frozen=True)
class Ours:
    """Our model as a contender."""

    fitted: Fitted

    @property
    def name(self) -> str:
        return self.fitted.name

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        return self.fitted.stars(users, films)

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        return self.fitted.relevance(users)

    def fold_in(self, given: Interactions) -> Scorer:
        return FoldedIn(self.fitted, given)


@dataclass(frozen=True)
class Personalised:
    """Our model with its lists reordered, as a request with `personalisation` gets them."""

    fitted: Fitted
    personalisation: float
    scorer: Scorer | None = None  # for folded-in users; None for the users of the fit

    @property
    def name(self) -> str:
        return f"{self.fitted.name}, personalisation {self.personalisation:g}"

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        return (self.scorer or self.fitted).stars(users, films)

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        relevance = (self.scorer or self.fitted).relevance(users)
        return personalise(relevance, self.fitted.mean_relevance, self.personalisation).astype(np.float32)

    def fold_in(self, given: Interactions) -> Scorer:
        return Personalised(self.fitted, self.personalisation, FoldedIn(self.fitted, given))


@dataclass(frozen=True)
class FoldedIn:
    """Our model for users it was not fitted to, served like visitors: their history is encoded, the vector scored."""

    fitted: Fitted
    given: Interactions

    @property
    def name(self) -> str:
        return self.fitted.name

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """[U, D]; users without a rating have the encoding of an empty history."""
        rows = self.given.take(np.argsort(self.given.users, kind="stable"))
        empty = self.fitted.encode(rows.films[:0], rows.ratings[:0])
        vectors = np.tile(empty, (self.fitted.dataset.n_users, 1))
        users, starts, lengths = np.unique(rows.users, return_index=True, return_counts=True)
        for user, start, end in zip(users, starts, starts + lengths, strict=True):
            vectors[user] = self.fitted.encode(rows.films[start:end], rows.ratings[start:end])
        return vectors

    def stars(self, users: NDArray[np.int32], films: NDArray[np.int32]) -> NDArray[np.float32]:
        return of_pairs(lambda batch: self.fitted.score(self.vectors[batch])[0], users, films)

    def relevance(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        return self.fitted.score(self.vectors[users])[1]
