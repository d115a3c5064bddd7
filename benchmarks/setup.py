"""What set-up costs: seconds and megabytes of each layer, in a fresh clone with empty caches.

python -m benchmarks.setup      writes benchmarks/results/setup.json
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.instruments.facts import facts, write
from scripts.setup import LAYERS, ROOT


def main() -> None:
    (ROOT / "artifacts").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="setup-", dir=ROOT / "artifacts") as folder:
        clone, cache = Path(folder, "clone"), Path(folder, "cache")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        caches = {"UV_CACHE_DIR": str(cache / "uv"), "PIP_NO_CACHE_DIR": "1", "npm_config_cache": str(cache / "npm")}
        rows = [measure(layer, clone, ".venv", caches) for layer in LAYERS]
        rows += [measure(pages, clone, "web/node_modules", caches) for pages in ("page", "page-dev")]
        rows.append(measure("identity", clone, "infra/identity/node_modules", caches))
    write("setup", {**facts("uv"), "rows": rows})


def measure(what: str, clone: Path, folder: str, caches: dict[str, str]) -> dict[str, Any]:
    """Set `what` up in `clone`, on top of what is there; seconds that it took, and MB that `folder` has then."""
    base = getattr(sys, "_base_executable", sys.executable)
    started = time.monotonic()
    subprocess.run([base, "-m", "scripts.setup", what], cwd=clone, env={**os.environ, **caches}, check=True)
    seconds = time.monotonic() - started
    files = [file.lstat().st_size for file in (clone / folder).rglob("*")]
    packages = len(list((clone / folder).glob("lib/python3*/site-packages/*.dist-info"))) or None
    return {"layer": what, "seconds": round(seconds, 1), "megabytes": round(sum(files) / 1e6), "packages": packages}


if __name__ == "__main__":
    main()
