"""How much of an exact list another one has."""

from collections.abc import Sequence


def overlap(found: Sequence[int], exact: Sequence[int]) -> float:
    """The share of the films `exact` that are among `found`."""
    return len({*found} & {*exact}) / len(exact)
