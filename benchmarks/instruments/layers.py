"""Where the time of some work goes: its profile by layer, of which each has some packages or folders."""

import cProfile
import pstats
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

# The first line of which a part is in a function's path is its layer.
LAYERS: Final = (
    ("log", ("function/logs.py",)),
    ("model", ("ai_edge_litert", "tflite_runtime", "function/bundle/interpreter.py")),
    ("JSON of the answer", ("function/api/answers.py",)),
    ("routes and checks", ("function/api/", "pydantic", "json/", "function/settings.py")),
    ("ranking", ("function/recommending/", "numpy", "function/bundle/")),
    ("FastAPI and Starlette", ("fastapi", "starlette", "opentelemetry", "anyio", "contextlib")),
    ("Mangum and the event loop", ("mangum", "asyncio", "selectors", "function/handler.py", "queues")),
)
REST: Final = "rest"


def shares(work: Callable[[], object], runs: int) -> dict[str, float]:
    """The share of each layer in the time of `work`, by its functions' own time; built-in ones count for their callers.

    A profiler makes calls of Python functions dearer than they are, and arithmetic cheaper.
    """
    profile = cProfile.Profile()
    work()
    profile.enable()
    for _ in range(runs):
        work()
    profile.disable()
    found: dict[str, float] = defaultdict(float)
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # not in its stub
    for (path, _, name), (_, _, own, _, callers) in stats.items():
        if path == "~" and callers and not _layer(name):
            for (caller, _, _), (_, _, part, _) in callers.items():
                found[_layer(caller) or REST] += part
        else:
            found[_layer(name if path == "~" else path) or REST] += own
    whole = sum(found.values())
    return {layer: round(found[layer] / whole, 4) for layer in (*(name for name, _ in LAYERS), REST)}


def _layer(path: str) -> str | None:
    return next((layer for layer, parts in LAYERS if any(part in path for part in parts)), None)
