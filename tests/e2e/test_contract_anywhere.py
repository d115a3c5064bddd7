"""The contract tests against a URL: a site with other data, another scale and without open users."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.demo_bundle import demo_bundle
from tests.support.site_process import ROOT, served


@pytest.mark.parametrize("open_users", ["samples", "none"])
def test_the_contract_holds_at_any_address(open_users: str, tmp_path: Path) -> None:
    bundle = demo_bundle(tmp_path / "bundles", films=300, users=40, seed=7, step=0.5)
    (tmp_path / "index.html").write_text("<title>Films</title>")
    with served(bundle, tmp_path, open_users) as (url, _):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contract"],
            cwd=ROOT,
            env={**os.environ, "CONTRACT_URL": url},
            capture_output=True,
            text=True,
            timeout=600,
        )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    assert ("no users are shown" in done.stdout) is (open_users == "none")
