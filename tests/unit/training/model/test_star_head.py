"""Both towers' stars are mixed by the share that validation prefers."""

from dataclasses import replace

import numpy as np
import pytest

from training.data.dataset import Dataset, Interactions
from training.model import units
from training.model.fitted import Fitted
from training.model.star_head import best_share

pytestmark = pytest.mark.training


@pytest.mark.parametrize(("true", "found"), [(0.4, 0.4), (0.65, 0.65), (1.0, 0.7), (0.0, 0.3)])
def test_the_share_is_that_of_the_ratings(
    fitted: Fitted, parts: tuple[Interactions, Interactions], true: float, found: float
) -> None:
    histories = fitted.histories.matrix()
    head, held_out = fitted.served.stars, parts[1]
    mixture = replace(head, share=true)
    codes = mixture.encode(histories)
    ratings = mixture.pairs(codes, held_out.users, held_out.films)
    assert best_share(head, histories, replace(held_out, ratings=ratings)) == pytest.approx(found, abs=1e-3)


def test_without_ratings_to_choose_on_the_share_stays(fitted: Fitted, parts: tuple[Interactions, Interactions]) -> None:
    nothing = parts[1].take(np.zeros(len(parts[1]), np.bool_))
    assert best_share(replace(fitted.served.stars, share=0.4), fitted.histories.matrix(), nothing) == 0.4


def test_the_share_that_is_chosen_has_the_least_error(
    fitted: Fitted, parts: tuple[Interactions, Interactions], dataset: Dataset
) -> None:
    held_out, histories = units.in_stars(parts[1], dataset.scale), fitted.histories.matrix()

    def error(share: float) -> float:
        head = replace(fitted.served.stars, share=share)
        stars = head.pairs(head.encode(histories), held_out.users, held_out.films)
        return float(np.mean((stars - held_out.ratings) ** 2))

    best = best_share(fitted.served.stars, histories, held_out)
    assert error(best) == pytest.approx(min(map(error, np.linspace(0.3, 0.7, 41))), rel=1e-5)
