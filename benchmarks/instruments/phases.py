"""The phases of a cold start, each measured in a new process. Standard library only, since it also runs in the image.

    python -m benchmarks.instruments.phases RUNS [INVOCATIONS]

prints a JSON object with a list for `function` and one for `hello`. Each run has the milliseconds of `interpreter`
(process start to the first line), `imports`, `load` (import of the handler's module, which makes the app and reads the
bundle) and `first` (the first invocation), and their `total`; the `cpu` time of the process until then, which other
processes disturb less; the milliseconds of INVOCATIONS further invocations as `warm`; and the peak memory `peak_mb`.
`forked` is what a snapshot of the warm process would leave of a start: the milliseconds in which a fork of it answers.
"""

import gc
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# The imports of each handler module, and the module itself.
IMPORTS = {"function": ("mangum", "function.api.app"), "hello": ("fastapi", "mangum", "numpy")}
HANDLERS = {"function": "function.handler", "hello": "benchmarks.instruments.hello"}
# A shelf for a new visitor. MovieLens and the demo bundle both have a film 1.
RATINGS = {"ratings": [{"film_id": "1", "rating": 5}]}


def event(method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A request as API Gateway passes it to a function: HTTP API, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "localhost", "content-type": "application/json", **(headers or {})},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""},
            "requestId": "benchmark",
            "stage": "$default",
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }


def request(what: str) -> dict[str, Any]:
    """The event that `what` is measured with."""
    return event("GET", "/api/health") if what == "hello" else event("POST", "/api/recommendations", RATINGS)


def measure(runs: int, invocations: int) -> dict[str, list[dict[str, Any]]]:
    """Start each `runs` times in a new process, alternating, so that disturbances hit both alike."""
    results: dict[str, list[dict[str, Any]]] = {what: [] for what in HANDLERS}
    for _ in range(runs):
        for what, found in results.items():
            found.append(start(what, request(what), invocations))
    return results


def start(
    what: str, asked: dict[str, Any], invocations: int = 0, environment: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """One start in a new process, whose invocations have the event `asked`."""
    # Linux's monotonic clock is one for all processes.
    command = [sys.executable, __file__, "--child", what, json.dumps(asked), str(invocations), str(time.monotonic())]
    done = subprocess.run(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    phases: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return phases


def _child(what: str, asked: dict[str, Any], invocations: int, started: float) -> None:
    marks = [started, time.monotonic()]
    sys.path.insert(0, str(Path(__file__).parents[2]))
    if what == "function":
        gc.disable()  # function/handler.py does so before its imports
    for name in IMPORTS[what]:
        importlib.import_module(name)
    marks.append(time.monotonic())
    handler = importlib.import_module(HANDLERS[what]).handler
    marks.append(time.monotonic())
    _invoke(handler, asked)
    marks.append(time.monotonic())
    cpu = round(time.process_time() * 1000, 2)
    warm = []
    for _ in range(invocations):
        started_at = time.monotonic()
        _invoke(handler, asked)
        warm.append(round((time.monotonic() - started_at) * 1000, 3))
    phases = zip(("interpreter", "imports", "load", "first"), marks, marks[1:], strict=False)
    result: dict[str, Any] = {name: round((end - begin) * 1000, 2) for name, begin, end in phases}
    total = round((marks[-1] - marks[0]) * 1000, 2)
    peak = _peak_mb()
    result |= {"total": total, "cpu": cpu, "warm": warm, "peak_mb": peak, "forked": _forked(handler, asked)}
    sys.stdout.write(json.dumps(result) + "\n")


def _forked(handler: Any, asked: dict[str, Any]) -> float:
    started = time.monotonic()
    child = os.fork()
    if not child:
        _invoke(handler, asked)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("a fork of the process does not answer")
    return round((time.monotonic() - started) * 1000, 2)


def _invoke(handler: Any, event: dict[str, Any]) -> None:
    answer = handler(event, None)
    if answer["statusCode"] != 200:
        raise RuntimeError(f"{event['rawPath']}: {answer['statusCode']} {answer['body']}")


def _peak_mb() -> float:
    """Peak resident memory of this process (VmHWM) in MB (2^20 bytes, as Lambda counts)."""
    status = Path("/proc/self/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return round(int(line.split()[1]) / 1024, 1)


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        _child(sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
    else:
        count = int(sys.argv[2]) if len(sys.argv) > 2 else 0
        sys.stdout.write(json.dumps(measure(int(sys.argv[1]), count)) + "\n")
