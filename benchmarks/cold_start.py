"""Cold starts of the function beside those of a bare FastAPI + Mangum function with NumPy (instruments/hello.py).

    python -m benchmarks.cold_start [--runs 20] [--films 3883] [--users 6040] [--bundle PATH] [--no-container]

Three measurements, alternating between the two functions; results go to benchmarks/results/cold_start.json:

- `emulator`: from the start of Lambda's Runtime Interface Emulator to the first response, with this machine's Python.
- `here` and `container`: the phases of a start (instruments/phases.py), with this machine's Python and in the image.
- `memory`: the phases in the image, limited to the memory and the CPU share that Lambda gives a function of that size
  (1,769 MB is one vCPU). Lambda gives more CPU than that while a function starts, so its cold starts are shorter.

By default, the bundle is a generated one of the size of ml-1m. Of its known users the sample profiles are left, as in
the image that `make deploy` builds. docs/image.md lists what differs between the container and Lambda.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.instruments import phases
from benchmarks.instruments.facts import facts, write
from benchmarks.instruments.generated import generated_bundle
from benchmarks.tables.cold_start import DEFAULT
from function.bundle.format import mark_checked, read_bundle, read_manifest
from tests.support.base_image import base_image
from tests.support.docker_engine import Engine, docker_engine, stop
from tests.support.locked_environment import TOOLS
from tests.support.sam import ROOT, emulator, free_port
from training.export.prune import prune
from training.model.config import ModelConfig

MEMORY = (128, 256, 512, 1769)  # MB
MB_PER_CPU = 1769
PYTHON = "3.13"
IMAGE = "films-cold-start"
INVOCATIONS = "/2015-03-31/functions/function/invocations"
WARM = 300
MODEL = ModelConfig()
DIMENSIONS = 1 + 2 * MODEL.embedding + MODEL.relevance_rank + MODEL.relevance_factors  # of a user vector


def under_emulator(what: str, environment: Mapping[str, str]) -> float:
    """Milliseconds from the start of the emulator to the first response."""
    port, runtime_port = free_port(), free_port()
    addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    addresses += ["--runtime-api-address", f"127.0.0.1:{runtime_port}"]
    command = [str(emulator()), *addresses, sys.executable, "-m", "awslambdaric", f"{phases.HANDLERS[what]}.handler"]
    request = urllib.request.Request(f"http://127.0.0.1:{port}{INVOCATIONS}", json.dumps(phases.request(what)).encode())
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    answer = json.loads(response.read())
                break
            except OSError:
                if process.poll() is not None or time.monotonic() - started > 30:
                    raise
                time.sleep(0.002)
        if answer.get("statusCode") != 200:
            raise RuntimeError(f"{what}: {answer}")
        return (time.monotonic() - started) * 1000
    finally:
        stop(process)


def in_container(engine: Engine, runs: int, *limits: str) -> dict[str, list[dict[str, Any]]] | None:
    """The phases in the image; None if the container ran out of memory."""
    mounted = ["--volume", f"{ROOT / 'benchmarks'}:/var/task/benchmarks:ro", "--network", "none"]
    command = ["/var/task/benchmarks/instruments/phases.py", str(runs), str(WARM)]
    try:
        output = engine.docker("run", "--rm", *mounted, *limits, "--entrypoint", "python3", IMAGE, *command)
    except RuntimeError:
        return None
    found: dict[str, list[dict[str, Any]]] = json.loads(output)
    return found


def summary(found: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Medians over the runs, and ratios of the function to the bare one."""
    names = ("interpreter", "imports", "load", "first", "total", "forked", "cpu", "peak_mb")
    result: dict[str, Any] = {
        what: {name: round(statistics.median(run[name] for run in runs), 1) for name in names}
        for what, runs in found.items()
    }
    for what, runs in found.items():
        result[what]["total_p90"] = round(_quantile([run["total"] for run in runs], 0.9), 1)
        if warm := [latency for run in runs for latency in run["warm"]]:
            result[what]["warm"] = {"p50": round(_quantile(warm, 0.5), 2), "p99": round(_quantile(warm, 0.99), 2)}
    for name in ("total", "cpu"):
        result[f"{name}_ratio"] = round(result["function"][name] / result["hello"][name], 3)
    return result


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def measure_emulator(runs: int, environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, list[float]] = {what: [] for what in phases.HANDLERS}
    for _ in range(runs):
        for what, times in found.items():
            try:
                times.append(under_emulator(what, environment))
            except OSError:  # another process took the port: try again with another port
                times.append(under_emulator(what, environment))
    medians = {what: round(statistics.median(times), 1) for what, times in found.items()}
    p90 = {what: round(_quantile(times, 0.9), 1) for what, times in found.items()}
    return {"median": medians, "p90": p90, "ratio": round(medians["function"] / medians["hello"], 3)}


def measure_image(bundle: Path, runs: int) -> dict[str, Any]:
    """Build the image with `bundle`, and measure in it without limits and with those of Lambda's memory sizes."""
    with docker_engine(ROOT / "artifacts" / "docker") as engine:
        base = base_image(engine, PYTHON, TOOLS)
        subprocess.run([str(ROOT / "scripts" / "wheelhouse"), PYTHON], cwd=ROOT, check=True)
        relative = str(bundle.resolve().relative_to(ROOT))
        engine.build(ROOT, IMAGE, {"BASE_IMAGE": base, "BUNDLE": relative})
        found = in_container(engine, runs)
        if found is None:
            raise RuntimeError("the function does not start in the image")
        memory = []
        for size in MEMORY:
            cpus = min(size / MB_PER_CPU, os.cpu_count() or 1)
            limits = ["--memory", f"{size}m", "--memory-swap", f"{size}m", "--cpus", f"{cpus:.3f}"]
            limited = in_container(engine, runs if size == DEFAULT else 5, *limits)
            memory.append({"mb": size, "cpus": round(cpus, 3), **(summary(limited) if limited else {"fits": False})})
        above = engine.size(IMAGE) - engine.size(base)
    return {"container": summary(found), "memory": memory, "image_mb_above_base": round(above / 1e6, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start")
    parser.add_argument("--runs", type=int, default=20, help="cold starts of each function (default 20)")
    parser.add_argument("--films", type=int, default=3883, help="in the generated bundle (default: as in ml-1m)")
    parser.add_argument("--users", type=int, default=6040, help="in the generated bundle (default: as in ml-1m)")
    parser.add_argument("--bundle", type=Path, help="a bundle below artifacts/, instead of a generated one")
    parser.add_argument("--no-container", action="store_true", help="skip the measurements that need Docker")
    options = parser.parse_args()
    # In artifacts/demo-bundles, which is part of the build context of the image.
    parent = ROOT / "artifacts" / "demo-bundles"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        given = options.bundle or generated_bundle(Path(folder), options.films, options.users, factors=DIMENSIONS - 1)
        whole = read_bundle(given)
        bundle = prune(whole, Path(folder) / "published", "samples")
        mark_checked(bundle)  # as the image does
        environment = {**os.environ, "BUNDLE_DIR": str(bundle), "OPENBLAS_NUM_THREADS": "1"}
        os.environ.update(environment)
        result = {
            "bundle": {**_facts(bundle), "users": whole.manifest.model.users},
            "emulator": {"runs": options.runs, **measure_emulator(options.runs, environment)},
            "here": {"runs": options.runs, **summary(phases.measure(options.runs, WARM))},
        }
        if not options.no_container:
            result |= measure_image(bundle, options.runs)
    print(write("cold_start", {**facts("ai-edge-litert", "numpy", "fastapi", "mangum", "awslambdaric"), **result}))


def _facts(bundle: Path) -> dict[str, Any]:
    manifest = read_manifest(bundle)
    size = sum(file.bytes for file in manifest.files.values()) / 1e6
    model = manifest.model
    sizes = {"films": model.films, "users": model.users, "dimensions": model.dimensions, "mb": round(size, 1)}
    return {"data": manifest.data.get("name"), **sizes}


if __name__ == "__main__":
    main()
