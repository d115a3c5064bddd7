"""Requests that Schemathesis makes up from the OpenAPI document, and what it finds in the answers.

SCHEMATHESIS_EXAMPLES makes up that many for each operation, and besides them all that its coverage phase knows: some
minutes (`python -m benchmarks.safety`).
"""

import json
import os
import subprocess
from pathlib import Path

from tests.support.locked_environment import locked_environment

LOCK = Path(__file__).with_name("requirements-schemathesis.txt")
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance,status_code_conformance"
# It ends the member's account, and all that follows would be 401: so it comes last.
DELETION = "DELETE /api/me"


def answered_as_documented(url: str, token: str, folder: Path, examples: int) -> int:
    """How many requests to the API at `url` were made up, with `token`; all answers are what the document describes.

    Raises AssertionError with Schemathesis' report if one is a 5xx, or is not described.
    """
    return sum(
        _run(url, token, folder, examples, selected)
        for selected in (["--exclude-name", DELETION], ["--include-name", DELETION])
    )


def _run(url: str, token: str, folder: Path, examples: int, selected: list[str]) -> int:
    thorough = os.environ.get("SCHEMATHESIS_EXAMPLES")
    program, report = locked_environment("schemathesis-env", LOCK).with_name("schemathesis"), folder / "report.json"
    command = [str(program), "run", f"{url}/api/openapi.json", "--url", url, *selected, "--checks", CHECKS]
    command += ["--header", f"Authorization: Bearer {token}", "--continue-on-failure", "--no-color"]
    command += ["--phases", "coverage,fuzzing" if thorough else "fuzzing", "--max-examples", thorough or str(examples)]
    command += ["--report", "json", "--report-json-path", str(report)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=3600, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    cases = json.loads(report.read_text())["test_cases"]
    assert cases["with_failures"] == cases["without_checks"] == cases["errored"] == 0, cases
    generated: int = cases["generated"]
    return generated
