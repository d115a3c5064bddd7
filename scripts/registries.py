"""The settings with which package clients on this machine reach registries: indexes, proxies and certificates.

python3 -m scripts.registries         NAME=value, one per line
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.installer import pip_settings

PROXIES = r"(https?|all|no)_proxy"
CERTIFICATES = r"ssl_cert_file|\w+_ca_bundle|node_extra_ca_certs|git_ssl_cainfo"
CLIENTS = r"(pip|uv|npm_config)_\w*(index|registry|trusted|cert|cafile|proxy|timeout)\w*"
WANTED = re.compile(f"({PROXIES}|{CERTIFICATES}|{CLIENTS})", re.IGNORECASE)
PIP = {"index-url", "extra-index-url", "trusted-host", "proxy", "cert"}
NPM = {"registry", "proxy", "https-proxy", "noproxy", "cafile"}


def registries() -> dict[str, str]:
    """The settings as environment variables, from the environment and from the files of pip and npm.

    Settings with folders of this machine are left out, since other systems do not have them.
    """
    found = {
        f"PIP_{_variable(name).upper()}": value
        for name, value in pip_settings(Path(sys.executable)).items()
        if name in PIP
    }
    found |= {f"npm_config_{_variable(name)}": value for name, value in _npm().items() if name in NPM}
    found |= {name: value for name, value in os.environ.items() if WANTED.fullmatch(name)}
    return {name: value for name, value in found.items() if value and not _names_a_folder(value)}


def files(settings: dict[str, str]) -> list[Path]:
    """The files in the settings: certificates."""
    return [path for path in map(Path, settings.values()) if path.is_absolute() and path.is_file()]


def _npm() -> dict[str, str]:
    if shutil.which("npm") is None:
        return {}
    listed = json.loads(_output(["npm", "config", "list", "--json"]) or "{}")
    return {name: value for name, value in listed.items() if isinstance(value, str)}


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _variable(name: str) -> str:
    return name.replace("-", "_")


def _names_a_folder(value: str) -> bool:
    return "file:" in value or Path(value).is_dir()


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}={value}\n" for name, value in sorted(registries().items()))
