"""Compile every lock, with hashes and without index lines, and record what the locked packages require.

    python -m scripts.lock [--upgrade]      `--upgrade` takes newer releases

requirements/metadata.json holds the requirements of every locked package, as its wheel states them. By these a test
tells whether each lock is complete (tests/unit/scripts/test_locks.py), without a network and without installing.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.installer import uv_settings

ROOT = Path(__file__).parents[1]
METADATA = ROOT / "requirements" / "metadata.json"
# Every lock, and the lock whose versions it shares, which is compiled first.
LOCKS = {
    "requirements/uv.txt": None,
    "requirements/dev.txt": None,
    "requirements/train.txt": "requirements/dev.txt",
    "requirements/serve.txt": "requirements/dev.txt",
    "function/requirements.txt": "requirements/dev.txt",
    "function/requirements-image.txt": "requirements/dev.txt",
    "function/requirements-tflite-runtime.txt": None,  # the runtime's former name: it needs NumPy 1
    "tests/support/requirements-sam.txt": None,  # the AWS SAM CLI pins what the function must not be bound by
    "tests/support/requirements-rectools.txt": None,  # whose metrics the tests compare ours with
    "tests/support/requirements-schemathesis.txt": None,  # which makes up requests from the OpenAPI document
    "tests/support/requirements-ministack.txt": None,  # AWS on loopback: it pins botocore
    "requirements/audit.txt": None,  # what lists and audits the others
    "benchmarks/peers/requirements.txt": None,  # the peers of `make bench-quality`
    "benchmarks/peers/requirements-lenskit.txt": None,
    "benchmarks/peers/requirements-onnx.txt": None,
    "benchmarks/peers/requirements-engines.txt": None,
}
COMPILE = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-strip-extras"]
COMPILE += ["--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock"]
# Where wheels are sought whose requirements are recorded; the wheels of a release state the same.
PYTHONS = ("3.12", "3.11")
PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in range(17, 40)]
PLATFORMS += ["manylinux2014_x86_64", "linux_x86_64", "macosx_14_0_arm64", "win_amd64"]
BATCH = 20
# A line of a lock: all before the hashes, the name and the version.
ENTRY = re.compile(r"^(([a-z0-9._-]+)(?:\[.*?\])?==([^\s;]+).*?) (?:\\\n    --hash=sha256:[0-9a-f]{64} ?)+\n", re.M)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
PIP = "pip==26.3"  # from 24.1 on, a dry run reads the requirements without downloading the wheels


def compile_locks(more: Iterable[str]) -> None:
    """Write every lock again; `more` are flags for uv."""
    python = Path(sys.executable)
    environment = {**os.environ, **uv_settings(python)}
    # Of a release that has a wheel in a local folder, uv writes the hash of this wheel only: for one kind of machine.
    environment.pop("UV_FIND_LINKS", None)
    for lock, shared in LOCKS.items():
        constraint = ["--constraint", shared] if shared else []
        command = [str(python.with_name("uv")), "pip", "compile", "--quiet", *COMPILE, *constraint, *more]
        source = str(Path(lock).with_suffix(".in"))
        subprocess.run([*command, source, "--output-file", lock], cwd=ROOT, env=environment, check=True)


def share_hashes() -> None:
    """Give a pin the same hashes in every lock: all that any of them has."""
    texts = {lock: (ROOT / lock).read_text() for lock in LOCKS}
    known: dict[str, set[str]] = {}
    for text in texts.values():
        for pin, hashes in hashes_of(text).items():
            known.setdefault(pin, set()).update(hashes)

    def complete(entry: re.Match[str]) -> str:
        hashes = sorted(known[f"{entry[2]}=={entry[3]}"])
        return f"{entry[1]} " + " ".join(f"\\\n    --hash=sha256:{each}" for each in hashes) + "\n"

    for lock, text in texts.items():
        (ROOT / lock).write_text(ENTRY.sub(complete, text))


def hashes_of(text: str) -> dict[str, set[str]]:
    """The hashes of every pin NAME==VERSION of a lock."""
    return {f"{entry[2]}=={entry[3]}": set(HASH.findall(entry[0])) for entry in ENTRY.finditer(text)}


def pins() -> list[str]:
    """Everything that a lock names, as NAME==VERSION, once each."""
    found: set[str] = set()
    for lock in LOCKS:
        named = re.findall(r"^([a-z0-9._-]+)(?:\[.*?\])?==([^\s;]+)", (ROOT / lock).read_text(), re.M)
        found.update(f"{name}=={version}" for name, version in named)
    return sorted(found)


def record_metadata() -> None:
    """Update METADATA to the locks; pip asks the package index about new pins."""
    known = json.loads(METADATA.read_text()) if METADATA.exists() else {}
    wanted = pins()
    new = [pin for pin in wanted if pin not in known]
    batches = -(-len(new) // BATCH)
    with ThreadPoolExecutor(4) as threads:
        for stated in threads.map(_ask, (new[first::batches] for first in range(batches))):
            known.update(stated)
    METADATA.write_text(json.dumps({pin: known[pin] for pin in wanted}, indent=1) + "\n")


def _ask(batch: list[str]) -> dict[str, list[str]]:
    """The requirements of each pin in `batch`."""
    for python in PYTHONS:
        try:
            return _report(batch, python)
        except subprocess.CalledProcessError:
            continue
    if len(batch) == 1:
        raise SystemExit(f"error: no wheel of {batch[0]} has its requirements. See the output of pip above.")
    half = len(batch) // 2  # two pins of one package, or one for another Python than the rest
    return {**_ask(batch[:half]), **_ask(batch[half:])}


def _report(batch: list[str], python: str) -> dict[str, list[str]]:
    """Likewise, from the report of a dry run of pip."""
    with tempfile.TemporaryDirectory() as folder:
        lines, report = Path(folder) / "lines.txt", Path(folder) / "report.json"
        lines.write_text("\n".join(batch))
        pip = [str(Path(sys.executable).with_name("uv")), "tool", "run", "--quiet", "--from", PIP, "pip", "install"]
        flags = [
            "--quiet",
            "--dry-run",
            "--ignore-installed",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--target",
            folder,
        ]
        flags += [flag for platform in PLATFORMS for flag in ("--platform", platform)]
        flags += ["--python-version", python, "--report", str(report), "--requirement", str(lines)]
        environment = {**os.environ, **uv_settings(Path(sys.executable))}
        subprocess.run([*pip, *flags], env=environment, check=True)
        found = [package["metadata"] for package in json.loads(report.read_text())["install"]]
    return {f"{_plain(one['name'])}=={one['version']}": one.get("requires_dist", []) for one in found}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    compile_locks(sys.argv[1:])
    share_hashes()
    record_metadata()
