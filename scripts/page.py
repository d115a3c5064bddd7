"""Install the packages of the page and of the identity provider, each from its npm lock."""

import os
import shutil
import subprocess
from pathlib import Path

from scripts.errors import SetupError, explain
from scripts.installer import CommandError, run

OLDEST_NODE = 20
# Disk space, plus a tenth: for the build; for everything, including the unpacked Chromium of the tests.
MEGABYTES = {False: 65, True: 730}
IDENTITY_MEGABYTES = 28


def install_page(web: Path, *, dev: bool) -> None:
    """Install web/package-lock.json into web/node_modules, with `dev` including the packages for checks and tests.

    Raises SetupError.
    """
    _install(web, "web", "the page's packages", MEGABYTES[dev], [] if dev else ["--omit=dev"])


def install_identity(folder: Path) -> None:
    """Install infra/identity/package-lock.json into infra/identity/node_modules. Raises SetupError."""
    _install(folder, "infra/identity", "the packages of sign-in", IDENTITY_MEGABYTES, [])


def _install(folder: Path, name: str, packages: str, megabytes: int, options: list[str]) -> None:
    _need_node()
    free = shutil.disk_usage(folder).free / 1e6
    if free < megabytes:
        raise SetupError(
            f"{name}/node_modules needs {megabytes} MB, and the disk of {folder} has {free:,.0f} MB free. Make space."
        )
    # Without a network, npm's default waits between retries add up to more than a minute.
    quick = {"npm_config_fetch_retry_mintimeout": "1000", "npm_config_fetch_retry_maxtimeout": "5000"}
    command = [
        "npm",
        "--prefix",
        str(folder),
        "ci",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        *options,
    ]
    try:
        run(command, f"Installing {packages} into {name}/node_modules", {**quick, **os.environ})
    except CommandError as failed:
        raise SetupError(explain(str(failed), f"{name}/package-lock.json")) from failed


def _need_node() -> None:
    fix = f"Install Node {OLDEST_NODE} or newer, with npm: nodejs.org, or your system's packages nodejs and npm."
    if shutil.which("node") is None:
        raise SetupError(f"there is no node on the PATH. {fix}")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = version.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < OLDEST_NODE:
        raise SetupError(
            f"Node {OLDEST_NODE} or newer is needed; {version or 'one that does not start'} was found. {fix}"
        )
    if shutil.which("npm") is None:
        raise SetupError(f"there is no npm; on Debian and Ubuntu it is a separate package. {fix}")
