"""The size of the image by layer, for both runtimes; writes results/image.json and the tables of docs/image.md.

python -m benchmarks.image
"""

import json
import subprocess
from typing import Any

from benchmarks.cold_start import PYTHON
from benchmarks.instruments.facts import RESULTS, facts, write
from benchmarks.tables.document import put
from tests.support.base_image import base_image
from tests.support.docker_engine import Engine, docker_engine
from tests.support.locked_environment import ROOT, TOOLS
from training.files import replace

DOCUMENT = ROOT / "docs" / "image.md"
# tflite-runtime has no wheels for later versions than 3.11.
RUNTIMES = {"litert": PYTHON, "tflite-runtime": "3.11"}


def layers(engine: Engine, image: str) -> list[dict[str, Any]]:
    """The layers above the base image, lowest first: the step that made each, and its size in bytes."""
    lines = engine.docker("history", "--no-trunc", "--human=false", "--format", "{{json .}}", image).splitlines()
    made = [json.loads(line) for line in reversed(lines)]
    steps = [(layer["CreatedBy"].replace("/bin/sh -c #(nop)", "").strip(), int(layer["Size"])) for layer in made]
    return [{"step": step, "bytes": size} for step, size in steps if step.startswith("COPY")]


def contents(engine: Engine, image: str, folder: str) -> dict[str, int]:
    """Size in bytes of each entry of `folder` in the image, largest first."""
    output = engine.docker(
        "run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c", f"du --bytes -s {folder}/*"
    )
    sizes = {path.rsplit("/", 1)[1]: int(size) for size, path in (line.split("\t") for line in output.splitlines())}
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def measure() -> dict[str, Any]:
    """Build the image with the current bundle for each runtime."""
    found: dict[str, Any] = {}
    with docker_engine(ROOT / "artifacts" / "docker") as engine:
        for runtime, python in RUNTIMES.items():
            base = base_image(engine, python, TOOLS)
            subprocess.run([str(ROOT / "scripts" / "wheelhouse"), python], cwd=ROOT, check=True)
            image = f"films-size-{runtime}"
            bundle = str((ROOT / "artifacts" / "bundles" / "current").resolve().relative_to(ROOT))
            engine.build(ROOT, image, {"BASE_IMAGE": base, "RUNTIME": runtime, "BUNDLE": bundle})
            found[runtime] = {
                "python": python,
                "above_base": engine.size(image) - engine.size(base),
                "base": engine.size(base),
                "layers": layers(engine, image),
                "packages": contents(engine, image, "/opt/python"),
            }
    return found


def tables(result: dict[str, Any]) -> dict[str, str]:
    """The tables of docs/image.md, by the name of their block."""
    rows = ["| layer | LiteRT, MB | tflite-runtime, MB |", "|---|--:|--:|"]
    both = [result["runtimes"][runtime] for runtime in RUNTIMES]
    rows.append(_row("base image (here a replacement: Debian, Python, pip)", *(each["base"] for each in both)))
    for first, second in zip(*(each["layers"] for each in both), strict=True):
        rows.append(_row(f"`{_destination(first['step'])}`", first["bytes"], second["bytes"]))
    rows.append(_row("**above the base**", *(each["above_base"] for each in both)))
    note = f"`python -m benchmarks.image`, {result['date']}, with the ml-100k bundle."
    packages = ["| package in /opt/python, LiteRT | MB |", "|---|--:|"]
    largest = list(both[0]["packages"].items())
    packages += [f"| {name} | {size / 1e6:.1f} |" for name, size in largest[:10]]
    packages.append(f"| {len(largest) - 10} others | {sum(size for _, size in largest[10:]) / 1e6:.1f} |")
    return {"layers": "\n".join([*rows, "", note]), "packages": "\n".join(packages), "memory": _memory()}


def _memory() -> str:
    result = json.loads((RESULTS / "cold_start.json").read_text())
    rows = ["| memory, MB | vCPU | cold start, ms | warm, ms, p50 | p99 | peak, MB |", "|--:|--:|--:|--:|--:|--:|"]
    for size in result["memory"]:
        ours = size["function"]
        warm = ours["warm"]
        cells = (size["mb"], size["cpus"], ours["total"], warm["p50"], warm["p99"], ours["peak_mb"])
        rows.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    bundle = result["bundle"]
    note = f"`python -m benchmarks.cold_start`, {result['date']}; a bundle of {bundle['films']:,} films and "
    note += (
        f"{bundle['users']:,} users ({bundle['mb']} MB); this image is {result['image_mb_above_base']} MB above the "
        "base image. The container is limited to that CPU share."
    )
    return "\n".join([*rows, "", note])


def _destination(step: str) -> str:
    """Where a COPY step puts its files."""
    return step.split(" in ")[-1].strip()


def _row(name: str, *sizes: int) -> str:
    return f"| {name} | " + " | ".join(f"{size / 1e6:.1f}" for size in sizes) + " |"


if __name__ == "__main__":
    result = {**facts("ai-edge-litert", "numpy"), "runtimes": measure()}
    write("image", result)
    page = DOCUMENT.read_text()
    for name, table in tables(result).items():
        page = put(page, name, table)
    replace(DOCUMENT, page)
