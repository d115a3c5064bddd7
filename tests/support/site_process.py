"""The local site (infra/local_site.py) in its own process."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.docker_engine import stop

ROOT = Path(__file__).parents[2]


@contextmanager
def served(
    bundles: Path, dist: Path, open_users: str = "all", workers: int = 1
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Serve the site on a free port; yields its URL and process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local_site", "--port", "0", "--dist", str(dist), "--workers", str(workers)],
        cwd=ROOT,
        env={**os.environ, "BUNDLE_DIR": str(bundles), "OPEN_USERS": open_users},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        output = ""
        while not (found := re.search(r"on (http://127\.0\.0\.1:\d+) ", output)):
            line = process.stderr.readline()
            assert line, f"ended with {process.wait()}: {output}"
            output += line
        yield found[1], process
    finally:
        stop(process)  # with a signal that it can pass on to its workers
        if process.stderr is not None:
            process.stderr.close()
