"""The page's packages: error messages without Node, npm or a network, all simulated."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.errors import SetupError
from scripts.page import install_page

NPM = shutil.which("npm")
LOCK = """{"name": "x", "lockfileVersion": 3, "requires": true, "packages": {
 "": {"name": "x", "dependencies": {"left-pad": "1.3.0"}},
 "node_modules/left-pad": {"version": "1.3.0",
  "integrity": "sha512-XI5MPzVNApjAyhQzphX8BkmKsKUxD4LdyK24iZeQGinBN9yTQT3bFlCBy/aVx2HrNcqQGsdot8ghrjyrvMCoEA=="}}}"""


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "x", "dependencies": {"left-pad": "1.3.0"}}')
    (folder / "package-lock.json").write_text(LOCK)
    return folder


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_without_node(web: Path, programs: Path) -> None:
    with pytest.raises(SetupError, match=r"there is no node on the PATH\. Install Node 20 or newer, with npm"):
        install_page(web, dev=True)


@pytest.mark.parametrize(("says", "found"), [("v18.19.0", r"v18\.19\.0"), ("", "one that does not start")])
def test_an_old_node(web: Path, programs: Path, says: str, found: str) -> None:
    program(programs, "node", f"echo {says}")
    with pytest.raises(SetupError, match=f"Node 20 or newer is needed; {found} was found"):
        install_page(web, dev=True)


def test_without_npm(web: Path, programs: Path) -> None:
    program(programs, "node", "echo v20.1.0")
    with pytest.raises(SetupError, match="there is no npm; on Debian and Ubuntu it is a separate package"):
        install_page(web, dev=True)


def test_a_full_disk(web: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(programs, "node", "echo v20.1.0")
    program(programs, "npm", "exit 0")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=40e6))
    with pytest.raises(SetupError, match=r"needs 730 MB, and the disk of .* has 40 MB free"):
        install_page(web, dev=True)


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ("npm error code ETARGET\nnpm error notarget No matching version found for left-pad@9.9.9.", "left-pad@9.9.9"),
        ("npm error code ENOSPC\nnpm error nospc no space left on device, write", "the disk is full"),
        (
            "npm error code EINTEGRITY\nnpm error sha512-abc integrity checksum failed",
            "the hash of the downloaded file differs",
        ),
        ("npm error code E404\nnpm error 404 Not Found - GET http://host/left-pad - Not found", "has no left-pad"),
    ],
    ids=["an old mirror", "a full disk", "another file", "no such package"],
)
def test_what_npm_says_is_told_in_short(web: Path, programs: Path, says: str, words: str) -> None:
    program(programs, "node", "echo v20.1.0")
    program(programs, "npm", f"echo '{says}'\nexit 1")
    with pytest.raises(SetupError, match=words):
        install_page(web, dev=True)


def test_without_a_network_npm_is_not_waited_for_long(web: Path, tmp_path: Path) -> None:
    """The real npm, with an unused port as its registry."""
    assert NPM is not None
    code = (
        "import sys, pathlib; from scripts.page import install_page; install_page(pathlib.Path(sys.argv[1]), dev=True)"
    )
    environment = {"PATH": str(Path(NPM).parent), "HOME": str(tmp_path), "npm_config_registry": "http://127.0.0.1:9/"}
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", code, str(web)]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "is there a network?" in done.stderr, done.stderr
