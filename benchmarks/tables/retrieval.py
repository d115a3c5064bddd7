"""benchmarks/results/retrieval.json as a table of docs/performance.md."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.tables.document import markdown

Facts = dict[str, Any]
NAMES: Final = {"with_faiss": "FAISS", "with_usearch": "usearch"}


def engines(result: Facts) -> str:
    """Recall and milliseconds of each way to search, of all films and of a genre; and what the index takes."""
    found = "recall@20", "ms", "of a genre", "ms"
    index = "index, MB", "to build, s", "to open, s", "memory of no file, MB"
    rows: list[Sequence[object]] = [("films", "engine, searched", *found, *index)]
    for run in result["runs"]:
        costs = f"{run['index_mb']:,.0f}", f"{run['build_s']:.0f}", f"{run['open_s']:.2f}", f"{run['own_mb']:.0f}"
        for way, each in run["ways"].items():
            cells = [
                cell for name in ("all", "genre") for cell in (f"{each['recall'][name]:.4f}", _ms(each["times"][name]))
            ]
            rows.append((f"{run['films']:,}", f"{NAMES[run['engine']]}, {way}", *cells, *costs))
    machine = result["machine"]
    return (
        f"{markdown(rows)}\n\n`python -m benchmarks.retrieval`, {result['date']}, {machine['cpu']}, "
        f"{machine['cores']} cores. Medians, one thread; built by two. Recall is beside the 32-bit product."
    )


def _ms(times: Facts) -> str:
    return f"{times['p50']:.1f}"
