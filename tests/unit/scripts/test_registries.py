"""Which of this machine's registry settings `make stranger` passes on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.registries import files, registries


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name not in ("HOME", "PATH", "LANG"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PATH", "/nowhere")  # no npm


def test_the_environment_counts_where_it_is_about_registries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wanted = {
        "https_proxy": "http://proxy.example:3128",
        "NO_PROXY": "127.0.0.1",
        "SSL_CERT_FILE": "/certificates.pem",
        "PIP_INDEX_URL": "https://packages.example/simple",
        "UV_INDEX_URL": "https://packages.example/simple",
        "npm_config_registry": "https://packages.example/npm/",
    }
    others = {
        "AWS_SECRET_ACCESS_KEY": "secret",
        "EDITOR": "vi",
        "PYTHONPATH": "/somewhere",
        "PIP_REQUIRE_VIRTUALENV": "1",
    }
    for name, value in (wanted | others).items():
        monkeypatch.setenv(name, value)
    assert registries() == wanted


def test_pip_s_configuration_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        "[global]\nindex-url = https://packages.example/simple\ncert = /certificates.pem\nfind-links = /opt/wheels\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    assert registries() == {"PIP_INDEX_URL": "https://packages.example/simple", "PIP_CERT": "/certificates.pem"}


def test_npm_s_configuration_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    listed = {"cafile": "/certificates.pem", "registry": "https://packages.example/npm/", "proxy": None, "cache": "/c"}
    npm.write_text(f"#!/bin/sh\necho '{json.dumps(listed)}'\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert registries() == {
        "npm_config_registry": "https://packages.example/npm/",
        "npm_config_cafile": "/certificates.pem",
    }


def test_folders_of_this_machine_are_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"file://{tmp_path}")
    monkeypatch.setenv("PIP_INDEX_URL", str(tmp_path))
    assert registries() == {}


def test_certificates_are_named_as_files(tmp_path: Path) -> None:
    certificates = tmp_path / "all.pem"
    certificates.touch()
    assert files({"SSL_CERT_FILE": str(certificates), "PIP_INDEX_URL": "https://packages.example"}) == [certificates]


def test_it_prints_them_for_the_shell() -> None:
    command = [sys.executable, "-m", "scripts.registries"]
    environment = {"PATH": "/nowhere", "PIP_CONFIG_FILE": os.devnull, "SSL_CERT_FILE": "/certificates.pem"}
    done = subprocess.run(
        command, cwd=Path(__file__).parents[3], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "SSL_CERT_FILE=/certificates.pem\n"
