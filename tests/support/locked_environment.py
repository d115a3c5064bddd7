"""Python environments for what does not go with ours, made from their locks where they are missing."""

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).parents[2] / "artifacts" / "tools"


def locked_environment(name: str, lock: Path) -> Path:
    """The interpreter of artifacts/tools/NAME, which has what `lock` names and no more; made once for each lock.

    Raises RuntimeError, with what pip said, where it cannot be made.
    """
    folder = TOOLS / name
    made_of, python = folder / "made-of", folder / "bin" / "python"
    wanted = f"{sys.version_info[:2]} {hashlib.sha256(lock.read_bytes()).hexdigest()}"
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / f"{name}.lock").open("w") as ours:
        fcntl.flock(ours, fcntl.LOCK_EX)  # two test runs make it once
        if not made_of.exists() or made_of.read_text() != wanted:
            _run([sys.executable, "-m", "venv", "--clear", str(folder)])
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            _run([*pip, "--require-hashes", "--requirement", str(lock)])
            made_of.write_text(wanted)
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:5])}: {(done.stdout + done.stderr)[-4000:]}")
