"""The memory of this process."""

from pathlib import Path

FIELDS = {"resident": "VmRSS", "own": "RssAnon", "peak": "VmHWM"}


def memory() -> dict[str, float]:
    """Megabytes of this process that are resident, the part of them that is of no file, and the peak."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return {name: round(int(lines[field].split()[0]) / 1000, 1) for name, field in FIELDS.items()}
