"""Install a lock with uv or pip: by hash, wheels only, without resolving."""

import ast
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from scripts.errors import SetupError, explain, missing

EXACTLY = ["--require-hashes", "--only-binary", ":all:"]
# pip's settings, and uv's variables for them.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
}


class NoWheelError(SetupError):
    """The index has no wheel for this machine."""


class CommandError(Exception):
    """A command failed; the text is its output."""


def uv_install(uv: Path, python: Path, lock: Path, name: str, title: str, *, exactly: bool) -> None:
    """Install `lock`, shown as `name`, with uv; with `exactly`, remove other packages. Raises SetupError."""
    verb = ["sync"] if exactly else ["install", "--no-deps"]
    command = [str(uv), "pip", *verb, "--python", str(python), *EXACTLY, str(lock)]
    if not exactly:
        command.insert(-1, "--requirement")
    try:
        run(command, title, {**os.environ, **uv_settings(python)})
    except CommandError as failed:
        raise SetupError(explain(str(failed), name)) from failed


def pip_install(python: Path, lock: Path, name: str, title: str) -> None:
    """The same with pip of any version. Raises SetupError, or NoWheelError if there is no wheel for this machine."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]
    try:
        run([*command, *EXACTLY, "--requirement", str(lock)], title)
    except CommandError as failed:
        kind = NoWheelError if missing(str(failed)) else SetupError
        raise kind(explain(str(failed), name)) from failed


def pip_settings(python: Path) -> dict[str, str]:
    """pip's configuration, from its files and the environment, by the names of its flags."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    by_section: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}  # a later one counts more
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        section, _, setting = key.rpartition(".")
        if section in by_section and value:
            words = ast.literal_eval(value).split()  # one index a line, perhaps
            by_section[section][setting.replace("default-timeout", "timeout")] = " ".join(words)
    return {setting: value for settings in by_section.values() for setting, value in settings.items()}


def uv_settings(python: Path) -> dict[str, str]:
    """pip's configuration as uv's variables, since uv does not read it; variables of uv that are set stay."""
    pips = pip_settings(python)
    uvs = {ours: pips[setting] for setting, ours in SETTINGS.items() if setting in pips}
    if "UV_FIND_LINKS" in uvs:
        uvs["UV_FIND_LINKS"] = uvs["UV_FIND_LINKS"].replace(" ", ",")
    if "ALL_PROXY" in uvs and "//" not in uvs["ALL_PROXY"]:
        uvs["ALL_PROXY"] = f"http://{uvs['ALL_PROXY']}"
    if {"UV_INDEX_URL", "UV_DEFAULT_INDEX"} & set(os.environ):  # uv has its own index: pip's do not apply
        uvs = {name: value for name, value in uvs.items() if not name.endswith(("_INDEX", "_LINKS"))}
    # Like pip, search every index; this is safe, since files are checked by hash.
    uvs["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in uvs.items() if not os.environ.get(name)}


def run(command: list[str], title: str, environment: Mapping[str, str] | None = None) -> None:
    """Run `command`, with its progress on a terminal. Raises CommandError with its output."""
    started = time.monotonic()
    terminal = sys.stderr.isatty()
    if not terminal:
        sys.stderr.write(f"{title} …\n")
        sys.stderr.flush()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        # close_fds: the process inherits the lock of the repository (environment.py).
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, close_fds=False
        )
        try:
            while process.poll() is None:
                if terminal:
                    _show(title, time.monotonic() - started, _tail(output.fileno()))
                time.sleep(0.05 if time.monotonic() - started < 2 else 0.2)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        output.seek(0)
        text = output.read()
    if terminal:
        _show(title, time.monotonic() - started, "failed" if process.returncode else "done")
        sys.stderr.write("\n")
    if process.returncode:
        raise CommandError(text)


def _tail(file: int) -> str:
    """The last line of `file`, which is still being written."""
    end = os.fstat(file).st_size
    lines = os.pread(file, 300, max(end - 300, 0)).decode(errors="replace").splitlines()
    return lines[-1].strip() if lines else ""


def _show(title: str, seconds: float, what: str) -> None:
    sys.stderr.write(f"\r\033[K{title}: {seconds:.0f} s  {what[:60]}")
    sys.stderr.flush()
