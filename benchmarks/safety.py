"""What was tried against members' data, and what it found: tests in greater numbers, counted.

    python -m benchmarks.safety                      all, in a quarter of an hour; rewrites docs/security.md's table
    python -m benchmarks.safety --only "odd bodies"

A test tells how many cases it tried (`record_property("cases", …)` of pytest); otherwise it is one case. Results are
written after every check. Exits with 1 if a test fails, or if there were fewer cases than a check asks for.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.instruments.facts import RESULTS, facts, write
from benchmarks.peers.registry import ROOT
from benchmarks.tables.document import put
from benchmarks.tables.safety import PAGE, table
from training.files import replace

NAME: Final = "safety"
IDENTITY: Final = ROOT / "infra" / "identity"
API: Final = "tests/unit/function/api"
STORE: Final = "tests/unit/function/members"


@dataclass(frozen=True)
class Check:
    """One row: tests of pytest, or of the identity provider if `names` are given; and the cases that it needs."""

    what: str
    tests: tuple[str, ...] = ()
    names: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    least: int = 1

    @property
    def command(self) -> str:
        """As somebody types it."""
        if self.names:
            return f'cd infra/identity && node --test --test-name-pattern="{self.names}"'
        return " ".join(
            [*(f"{name}={value}" for name, value in self.settings.items()), shlex.join(("pytest", *self.tests))]
        )


CHECKS: Final = (
    Check(
        "requests made up from the OpenAPI document, to all operations",
        (f"{API}/test_made_up.py",),
        settings={"SCHEMATHESIS_EXAMPLES": "200"},
        least=10_000,
    ),
    Check(
        "likewise, as events in Lambda's emulator",
        ("tests/lambda/test_made_up.py",),
        settings={"SCHEMATHESIS_EXAMPLES": "5"},
        least=2_000,
    ),
    Check("kinds of forged tokens", (f"{STORE}/test_tokens.py", "-k", "forged_token_proves"), least=20),
    Check("forged tokens at every route", (f"{API}/members/test_access.py", "-k", "forged"), least=500),
    Check("another member's ids at every route", (f"{API}/members/test_access.py", "-k", "another_member"), least=50),
    Check("odd bodies", (f"{API}/members/test_odd_requests.py",), least=400),
    Check("another site's page, at every route", (f"{API}/members/test_access.py", "-k", "another_site"), least=100),
    Check(
        "foreign forms, redirects and codes at the sign-in, tests",
        names="PKCE|verifier|another site|only scripts|own name",
    ),
    Check(
        "histories with kills and busy stores, requests: SQLite",
        (f"{STORE}/test_model.py", "-k", "sqlite"),
        settings={"MODEL_FACTOR": "20"},
        least=2_000,
    ),
    Check(
        "likewise: moto's DynamoDB",
        (f"{STORE}/test_model.py", "-k", "moto"),
        settings={"MODEL_FACTOR": "10"},
        least=300,
    ),
    Check(
        "likewise: ministack's DynamoDB",
        (f"{STORE}/test_model.py", "-k", "ministack"),
        settings={"MODEL_FACTOR": "10"},
        least=300,
    ),
    Check("the stores' suite, on three backends, tests", (f"{STORE}/test_store.py", "-k", "not kill_9"), least=40),
    Check("acknowledged writes before kill -9: SQLite", (f"{STORE}/test_store.py", "-k", "kill_9"), least=200),
    Check("kill -9 of the provider of the sign-in, tests", names="loses no account|loses none that was acknowledged"),
)


def run(check: Check) -> dict[str, Any]:
    """Cases and faults of one check, and how long it took."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        if check.names:
            flags = ["--test-reporter=junit", f"--test-reporter-destination={report}"]
            command, where = ["node", "--test", *flags, f"--test-name-pattern={check.names}"], IDENTITY
        else:
            flags = ["-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit1", f"--junit-xml={report}"]
            command, where = [sys.executable, "-m", "pytest", *flags, *check.tests], ROOT
        done = subprocess.run(
            command, cwd=where, env={**os.environ, **check.settings}, capture_output=True, text=True, check=False
        )
        cases, faults = counted(report.read_text())
    if done.returncode:
        print(done.stdout[-6000:] + done.stderr[-2000:], file=sys.stderr)
    spent = round(time.monotonic() - started)
    return {
        "command": check.command,
        "cases": cases,
        "faults": faults,
        "seconds": spent,
        "date": facts()["date"],
    }


def counted(report: str) -> tuple[int, int]:
    """Cases and faults in a report of JUnit's form. Skipped tests are none."""
    cases = faults = 0
    for test in ET.fromstring(report).iter("testcase"):
        if test.find("skipped") is not None:
            continue
        told = [one.get("value") for one in test.iter("property") if one.get("name") == "cases"]
        cases += int(told[0] or 1) if told else 1
        faults += test.find("failure") is not None or test.find("error") is not None
    return cases, faults


def read() -> dict[str, Any]:
    """The results so far, in the order of CHECKS."""
    path = RESULTS / f"{NAME}.json"
    found = json.loads(path.read_text())["checks"] if path.exists() else {}
    return {check.what: found[check.what] for check in CHECKS if check.what in found}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.safety", description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", choices=[check.what for check in CHECKS], help="by default all")
    options = parser.parse_args()
    wrong = 0
    for check in CHECKS:
        if options.only and check.what not in options.only:
            continue
        found = run(check)
        enough = found["cases"] >= check.least
        wrong += found["faults"] + (not enough)
        few = "" if enough else f", wanted are {check.least:,}"
        print(f"{check.what}: {found['cases']:,} cases{few}, {found['faults']} faults, {found['seconds']} s")
        write(NAME, {**facts("pytest", "hypothesis", "fastapi"), "checks": {**read(), check.what: found}})
    result = json.loads((RESULTS / f"{NAME}.json").read_text()) | {"checks": read()}
    write(NAME, result)
    replace(PAGE, put(PAGE.read_text(), NAME, table(result)))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
