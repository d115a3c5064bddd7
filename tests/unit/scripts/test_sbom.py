"""`make sbom`: a valid CycloneDX document with everything that the image installs."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts.lock import hashes_of

ROOT = Path(__file__).parents[3]
VALIDATE = (
    "import sys; from cyclonedx.schema import SchemaVersion\n"
    "from cyclonedx.validation.json import JsonStrictValidator\n"
    "sys.exit(JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read()))"
)


@pytest.mark.installs
def test_the_document_is_valid_and_has_every_package_with_its_hashes() -> None:
    subprocess.run(["make", "sbom"], cwd=ROOT, check=True, capture_output=True, timeout=600)
    text = (ROOT / "artifacts" / "sbom.json").read_text()
    python = ROOT / "artifacts" / "tools" / "audit-env" / "bin" / "python"
    valid = subprocess.run([python, "-c", VALIDATE], input=text, text=True, capture_output=True, check=False)
    assert (valid.returncode, valid.stderr) == (0, "")
    components = json.loads(text)["components"]
    listed = {
        component["purl"].removeprefix("pkg:pypi/").replace("@", "=="): {
            sha["content"] for reference in component["externalReferences"] for sha in reference["hashes"]
        }
        for component in components
    }
    locks = [ROOT / "function" / name for name in ("requirements.txt", "requirements-image.txt")]
    locked: dict[str, set[str]] = {}
    for lock in locks:
        locked |= hashes_of(lock.read_text())
    assert listed == locked
    assert len(components) == len(locked)
