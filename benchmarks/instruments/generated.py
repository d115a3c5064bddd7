"""Generated bundles of any size, made by a process of its own, since TensorFlow writes them."""

import subprocess
import sys
from pathlib import Path

from tests.support.sam import ROOT


def generated_bundle(root: Path, films: int, users: int, *, seed: int = 0, factors: int | None = None) -> Path:
    """Publish a bundle under `root`; returns its folder. With `factors`, user vectors have one dimension more."""
    code = (
        "import sys; from pathlib import Path; from tests.support import demo_bundle as made; "
        f"made.FACTORS = {factors} or made.FACTORS; "
        f"sys.stdout.write(str(made.demo_bundle(Path({str(root)!r}), {films}, {users}, {seed})))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return Path(done.stdout.splitlines()[-1])
