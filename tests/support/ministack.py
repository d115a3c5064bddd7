"""ministack: AWS on loopback, in a process and an environment of its own, beside moto's in this process."""

import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.support.docker_engine import stop
from tests.support.locked_environment import locked_environment
from tests.support.sam import free_port
from tests.support.started import first_answer

LOCK = Path(__file__).with_name("requirements-ministack.txt")
START_SECONDS = 60
# It checks signatures and policies, and listens on one port of this machine: not on those of MQTT and SFTP as well.
SETTINGS = {"AUTH": "true", "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}


@contextmanager
def ministack(log: Path, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """The address of an empty AWS, which forgets everything at the end. The account's key and secret are both "test".

    `settings` are variables of its environment, beside ours. Raises RuntimeError if it does not start.
    """
    program = str(locked_environment("ministack-env", LOCK).with_name("ministack"))
    bound = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []  # macOS has none
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*bound, program],
            env={**os.environ, **SETTINGS, **settings, "GATEWAY_PORT": str(port)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            first_answer(lambda: _health(url), process, log, START_SECONDS)
            yield url
        finally:
            stop(process)


def _health(url: str) -> None:
    urllib.request.urlopen(f"{url}/_ministack/health", timeout=10).close()
