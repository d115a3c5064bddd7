"""The AWS SAM CLI, in an environment of its own, made from its lock where it is missing."""

import os
import platform
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.docker_engine import stop
from tests.support.locked_environment import TOOLS, locked_environment
from tests.support.started import first_answer

ROOT = Path(__file__).parents[2]
LOCK = Path(__file__).with_name("requirements-sam.txt")
START_SECONDS = 120


def sam_environment() -> Path:
    """The folder of the environment, whose bin/ has sam and cfn-lint; takes half a minute the first time."""
    return locked_environment("sam-env", LOCK).parents[1]


def emulator() -> Path:
    """The Lambda Runtime Interface Emulator for this machine, which SAM carries."""
    architecture = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    (found,) = sam_environment().glob(f"lib/python3.*/site-packages/samcli/local/rapid/aws-lambda-rie-{architecture}")
    return found


def sam(*arguments: str, environment: Mapping[str, str] = os.environ, timeout: float = 600) -> str:
    """Run a sam command in the repository; returns its output. Raises RuntimeError if it fails."""
    return _run([str(sam_environment() / "bin" / "sam"), *arguments], _quiet(environment), timeout)


def cfn_lint(*arguments: str) -> str:
    """Run cfn-lint; returns its output. Raises RuntimeError if it finds anything."""
    return _run([str(sam_environment() / "bin" / "cfn-lint"), *arguments], _quiet(os.environ))


@contextmanager
def start_api(template: Path, environment: Mapping[str, str], variables: Path, log: Path) -> Iterator[str]:
    """`sam local start-api` on what `sam build` built; gives the base URL once the function answers."""
    port = free_port()
    start = [str(sam_environment() / "bin" / "sam"), "local", "start-api", "--skip-pull-image", "--warm-containers"]
    flags = ["EAGER", "--template", str(template), "--env-vars", str(variables), "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "INT", *start, *flags],
            cwd=ROOT,
            env=_quiet(environment),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            first_answer(lambda: _health(url, log), process, log, START_SECONDS)
            yield url
        finally:
            stop(process)


def _quiet(environment: Mapping[str, str]) -> dict[str, str]:
    """No telemetry, no files in the home folder, and no account: nothing here goes to AWS."""
    home = TOOLS / "sam-home"
    home.mkdir(parents=True, exist_ok=True)
    ours = {"SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(home), "AWS_DEFAULT_REGION": "eu-west-1"}
    nobody = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_EC2_METADATA_DISABLED": "true"}
    return {**environment, **ours, **nobody}


def free_port() -> int:
    """A port of this machine that nobody has just now."""
    # SAM takes no port 0. Between here and there somebody else could take it: then SAM says so, and the test fails.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _health(url: str, log: Path) -> None:
    try:
        urllib.request.urlopen(f"{url}/api/health", timeout=30).close()
    except urllib.error.HTTPError as error:
        error.close()
        raise RuntimeError(f"{url}: {error}. {log.read_text()[-4000:]}") from error


def _run(command: list[str], environment: Mapping[str, str] | None = None, timeout: float = 600) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout)
    printed = done.stdout + done.stderr
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])}: {printed[-6000:]}")
    return printed
