"""Errors of set-up: what went wrong and how to fix it, in a line or two."""

import os
import re
from urllib.parse import urlsplit

INDEX = "another index: pip config set global.index-url URL"
AGAIN = "Run the same command again; it continues where it stopped."


class SetupError(Exception):
    """An error that the user can fix; the message says how."""


def missing(said: str) -> str | None:
    """The package that is missing in an index, from the output of pip, uv or npm; None if that is not the error."""
    found = (
        re.search(r"there is no version of (\S+)", said)
        or re.search(r"was not found in the package registry and you require (\S+?),? ", said)
        or re.search(r"No matching distribution found for (\S+)", said)
        or re.search(r"No matching version found for (\S+?)\.?\s", said)
        or re.search(r"404 Not Found - GET \S*?/([^/\s]+?)(?:\.tgz)?\s", said)
    )
    return found[1] if found and not _network(said) else None


def explain(said: str, lock: str) -> str:
    """A message for the user from the output of pip, uv or npm after they failed to install `lock`."""
    if re.search(r"No space left|ENOSPC|os error 28|Errno 28", said):
        return f"the disk is full. Free some space, and run the same command again. ({_last(said)})"
    if found := re.search(r"(\S+) has no wheels with", said):
        return (
            f"{found[1]} ({lock}) has no wheel for this Python or machine. The locks support Python 3.11 to 3.13 "
            "on Linux and macOS, x86_64 and arm64. Try: make PYTHON=python3.12 up"
        )
    if found := re.search(r"[Hh]ash mismatch for `?([^`\s]+)|HASHES.*?\n\s*(\S+) from|EINTEGRITY.*?(\S+@\S+)?", said):
        name = next((group for group in found.groups() if group), "a package")
        return (
            f"{name}: the hash of the downloaded file differs from {lock}. Do not use the file. "
            f"Ask the maintainer of the index, or use {INDEX}"
        )
    if package := missing(said):
        late = "A mirror may lag behind: try later, or use"
        return f"the package index has no {package} ({lock}). {late} {INDEX}"
    if re.search(r"certificate", said, re.I):
        return (
            f"the package index's certificate is not trusted: {_last(said)} Add yours: pip config set global.cert FILE"
        )
    if found := re.search(r"\b(401|403|407)\b ?\w*", said):
        return f"the package index refused ({found[0]}). Give pip the credentials, or use {INDEX}"
    if _network(said):
        proxy = next((value for name, value in os.environ.items() if name.lower() in _PROXIES and value), "")
        if proxy:
            host = urlsplit(proxy if "//" in proxy else f"//{proxy}")
            return f"no package index answers through the proxy {host.hostname}:{host.port} (HTTPS_PROXY). {AGAIN}"
        return f"no package index answers: is there a network? Behind a proxy, set HTTPS_PROXY. {AGAIN}"
    return f"{lock} could not be installed:\n{said.strip()[-2000:]}"


_PROXIES = ("https_proxy", "all_proxy", "http_proxy")


def _network(said: str) -> bool:
    marks = (
        r"client error \(Connect\)|dns error|CommandError to fetch|error sending request|timed out|operation timed out|"
        r"NewConnectionError|ProxyError|connection broken|ConnectTimeout|ReadTimeout|"
        r"EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH|ENETUNREACH"
    )
    return re.search(marks, said) is not None


def _last(said: str) -> str:
    return said.strip().splitlines()[-1].strip() if said.strip() else ""
