"""What package clients need on this machine to reach their registries: indexes, proxies and certificates.

python3 -m scripts.registries         NAME=value, one a line
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

    What names a folder of this machine is left out: nobody else has it.
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
    """The files that the settings name: certificates."""
    return [path for path in map(Path, settings.values()) if path.is_absolute() and path.is_file()]


def _npm() -> dict[str, str]:
    if shutil.which("npm") is None:
        return {}
    listed = json.loads(_said(["npm", "config", "list", "--json"]) or "{}")
    return {name: value for name, value in listed.items() if isinstance(value, str)}


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _variable(name: str) -> str:
    return name.replace("-", "_")


def _names_a_folder(value: str) -> bool:
    return "file:" in value or Path(value).is_dir()


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}={value}\n" for name, value in sorted(registries().items()))
