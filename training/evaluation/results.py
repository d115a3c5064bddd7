"""What an evaluation found: rows of metrics by protocol, and how the model was fitted."""

from dataclasses import asdict, dataclass, field
from typing import Any

from training.evaluation.behaviour import Behaviour
from training.evaluation.protocols import Protocol
from training.metrics import Interval
from training.model.fitted import Chosen
from training.model.tower_fit import Curves


@dataclass(frozen=True)
class Row:
    """One scorer under one protocol."""

    scorer: str
    metrics: dict[str, float]  # described in training/evaluation/report/glossary.py
    seconds: float  # to fit and to measure
    intervals: dict[str, Interval] = field(
        default_factory=dict
    )  # 95 %, over users, or over the folds of cross-validation
    note: str = ""


@dataclass(frozen=True)
class ProtocolResult:
    """One table; `skipped` is the reason where there is none."""

    protocol: Protocol
    description: str
    train: int = 0  # ratings
    held_out: int = 0  # ratings
    users: int = 0  # with a held-out rating
    cold_users: int = 0  # of these, without an earlier rating
    cold_films: int = 0  # with a held-out rating and without an earlier one
    rows: list[Row] = field(default_factory=list)
    skipped: str = ""


@dataclass(frozen=True)
class Evaluation:
    """Everything a report shows: aggregate figures, and no individual ratings."""

    data: dict[str, Any]
    results: list[ProtocolResult]
    curves: Curves | None  # of the first fit, as what follows
    chosen: Chosen | None
    config: dict[str, Any]
    facts: dict[str, Any]  # date, machine, versions
    behaviour: Behaviour | None = None

    def as_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    def summary(self) -> dict[str, Any]:
        """Our model's figures by protocol, for a bundle's manifest."""
        return {result.protocol: result.rows[0].metrics for result in self.results if result.rows}
