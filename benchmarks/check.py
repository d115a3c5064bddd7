"""Whether requests are still as fast as the committed figures say, by their ratios to a hello route.

    python -m benchmarks.check [BUNDLE]       exits with 1 if a request has become slower

Milliseconds depend on the machine; ratios hardly do.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.instruments.facts import RESULTS
from benchmarks.requests import HELLO, measure_requests

TOLERANCE: Final = 0.25  # of the committed ratio; runs on one machine differ by a tenth

Times = Mapping[str, Mapping[str, float]]


class Comparison(NamedTuple):
    """A kind of request: its committed ratio and the one measured now."""

    name: str
    committed: float
    now: float

    @property
    def slower(self) -> bool:
        return self.now > self.committed * (1 + TOLERANCE)


def compare(committed: Times, now: Times) -> list[Comparison]:
    """All kinds of request but hello. Raises ValueError if they are not the same."""
    if committed.keys() != now.keys():
        different = ", ".join(sorted(committed.keys() ^ now.keys()))
        raise ValueError(
            f"the committed figures are of other requests ({different}); run python -m benchmarks.requests"
        )
    return [Comparison(name, committed[name]["ratio"], now[name]["ratio"]) for name in committed if name != HELLO]


def main() -> None:
    bundle = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("artifacts/bundles")
    result: dict[str, Any] = json.loads((RESULTS / "requests.json").read_text())
    found = compare(result["milliseconds"], measure_requests(bundle))
    for one in found:
        print(f"{'slower' if one.slower else 'ok':6}  {one.committed:6.2f} -> {one.now:6.2f}  {one.name}")
    if any(one.slower for one in found):
        load = os.getloadavg()[0]
        sys.exit(f"error: slower than committed by more than {TOLERANCE:.0%}; the load average is {load:.1f}.")


if __name__ == "__main__":
    main()
