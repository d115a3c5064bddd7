"""benchmarks/results/safety.json as a table in docs/security.md."""

from typing import Any, Final

from benchmarks.peers.registry import ROOT

PAGE: Final = ROOT / "docs" / "security.md"


def table(result: dict[str, Any]) -> str:
    """A row for each check."""
    rows = [["what was tried", "cases", "faults", "command"], ["---", "---:", "---:", "---"]]
    for what, found in result["checks"].items():
        command = found["command"].replace("|", "\\|")
        rows.append([what, f"{found['cases']:,}", str(found["faults"]), f"`{command}`"])
    dates = sorted({found["date"] for found in result["checks"].values()})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    machine = result["machine"]
    note = f"`python -m benchmarks.safety`, {when}, {machine['cpu']}, {machine['cores']} cores."
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + f"\n\n{note}"
