"""benchmarks/results/image.json as the tables of docs/image.md."""

from typing import Any, Final

Facts = dict[str, Any]
LARGEST: Final = 10  # packages that are listed by name


def layers(result: Facts) -> str:
    """The layers of the image above its base, for both runtimes."""
    runtimes = list(result["runtimes"].values())
    rows = ["| layer | LiteRT, MB | tflite-runtime, MB |", "|---|--:|--:|"]
    rows.append(_row("base image (here a replacement: Debian, Python, pip)", *(each["base"] for each in runtimes)))
    for both in zip(*(each["layers"] for each in runtimes), strict=True):
        rows.append(_row(f"`{_destination(both[0]['step'])}`", *(layer["bytes"] for layer in both)))
    rows.append(_row("**above the base**", *(each["above_base"] for each in runtimes)))
    note = (
        f"`python -m benchmarks.image`, {result['date']}, with the bundle of {result['data']}, pruned for publication."
    )
    return "\n".join([*rows, "", note])


def packages(result: Facts) -> str:
    """The largest packages beside LiteRT."""
    found = list(result["runtimes"]["litert"]["packages"].items())
    rows = ["| package in /opt/python, LiteRT | MB |", "|---|--:|"]
    rows += [_row(name, size) for name, size in found[:LARGEST]]
    rows.append(_row(f"{len(found) - LARGEST} others", sum(size for _, size in found[LARGEST:])))
    return "\n".join(rows)


def _destination(step: str) -> str:
    """Where a COPY step puts its files."""
    return step.split(" in ")[-1].strip()


def _row(name: str, *sizes: int) -> str:
    return f"| {name} | " + " | ".join(f"{size / 1e6:.1f}" for size in sizes) + " |"
