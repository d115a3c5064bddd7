"""Python environments for packages that conflict with ours, made from their locks."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "artifacts" / "tools"


def locked_environment(name: str, lock: Path, python: str = sys.executable) -> Path:
    """The interpreter of artifacts/tools/NAME, an environment with exactly `lock`; made once for each lock.

    Raises RuntimeError with the output of the set-up if it fails.
    """
    folder = TOOLS / name
    command = [python, "-m", "scripts.setup", "environment", str(folder), str(lock)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise RuntimeError(f"{folder}: {(done.stdout + done.stderr)[-4000:]}")
    return folder / "bin" / "python"
