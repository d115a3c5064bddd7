"""The size of the image by layer, for both runtimes; writes benchmarks/results/image.json.

python -m benchmarks.image [--bundle PATH]
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from benchmarks.cold_start import PYTHON
from benchmarks.instruments.facts import facts, write
from function.bundle.format import Bundle, read_bundle
from tests.support.base_image import base_image
from tests.support.docker_engine import Engine, docker_engine
from tests.support.locked_environment import ROOT, TOOLS
from training.export.prune import prune

# tflite-runtime has no wheels for later versions than 3.11.
RUNTIMES = {"litert": PYTHON, "tflite-runtime": "3.11"}


@dataclass(frozen=True)
class Options:
    """Measure the image's size."""

    bundle: Path = ROOT / "artifacts" / "bundles"
    """What is put into it, pruned as `make deploy` does it."""


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


def measure(whole: Bundle) -> dict[str, Any]:
    """Build the image with the bundle for each runtime."""
    found: dict[str, Any] = {}
    bundle = str(prune(whole, ROOT / "artifacts" / "published", "samples").relative_to(ROOT))
    with docker_engine(ROOT / "artifacts" / "docker") as engine:
        for runtime, python in RUNTIMES.items():
            base = base_image(engine, python, TOOLS)
            subprocess.run([str(ROOT / "scripts" / "wheelhouse"), python], cwd=ROOT, check=True)
            image = f"films-size-{runtime}"
            engine.build(ROOT, image, {"BASE_IMAGE": base, "RUNTIME": runtime, "BUNDLE": bundle})
            found[runtime] = {
                "python": python,
                "above_base": engine.size(image) - engine.size(base),
                "base": engine.size(base),
                "layers": layers(engine, image),
                "packages": contents(engine, image, "/opt/python"),
            }
    return found


if __name__ == "__main__":
    chosen = read_bundle(tyro.cli(Options).bundle)
    data = chosen.manifest.data["name"]
    print(write("image", {**facts("ai-edge-litert", "numpy"), "data": data, "runtimes": measure(chosen)}))
