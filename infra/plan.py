"""A plan: named steps in order. It is printed with --dry-run, and carried out without."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One step. `run` may return a remark. What a plan needs to know is read while it is made; only `run` writes."""

    description: str
    run: Callable[[], str | None]


def execute(steps: Sequence[Step], *, dry_run: bool, say: Say) -> None:
    """Run the steps in order, saying each; with `dry_run` only say them."""
    for number, step in enumerate(steps, start=1):
        say(f"{number}. {step.description}")
        remark = None if dry_run else step.run()
        if remark:
            say(f"   {remark}")
    if dry_run:
        say("Nothing was changed (dry run).")
