"""Newcomer notices failures: here `make` is a small program that serves, fails, or leaves processes."""

import os
from pathlib import Path

import pytest

from scripts.newcomer import MARK, BrokenPromiseError, Newcomer
from tests.support.program import program

SITE = """
import json, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition("?")[0]
        answers = {
            "/api/ready": {"ready": True},
            "/api/users": {"users": [{"id": "u1"}]},
            "/api/users/u1/recommendations": {"items": [{"title": "Pather Panchali"}]},
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answers[path]).encode())

    def log_message(self, *_):
        pass

"""
SERVE = "HTTPServer(('127.0.0.1', int(sys.argv[2].removeprefix('PORT='))), Handler).serve_forever()"
LEAVE = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"


def newcomer(folder: Path, make: str) -> Newcomer:
    programs = folder / "bin"
    programs.mkdir()
    program(programs / "make", make)
    return Newcomer(folder, {"PATH": f"{programs}:{os.defpath}", MARK: str(folder)})


def test_a_site_that_answers_and_ends(tmp_path: Path) -> None:
    with newcomer(tmp_path, SITE + SERVE) as somebody:
        site = somebody.up()
        assert site.recommended() == "Pather Panchali"
        assert site.process.pid in somebody.processes()
        somebody.stop(site)
        assert somebody.processes() == []


def test_a_make_that_fails(tmp_path: Path) -> None:
    with newcomer(tmp_path, "raise SystemExit(3)") as somebody:
        with pytest.raises(BrokenPromiseError, match="make up ended before it served: 3"):
            somebody.up()
        with pytest.raises(BrokenPromiseError, match="make test: status 3"):
            somebody.run("make", "test")


def test_what_is_left_behind_is_found_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.newcomer.STOP_SECONDS", 5)
    with newcomer(tmp_path, SITE + LEAVE + SERVE) as somebody:
        site = somebody.up()
        with pytest.raises(BrokenPromiseError, match="left processes behind"):
            somebody.stop(site)
        assert len(somebody.processes()) == 1
    assert somebody.processes() == []


def test_nothing_of_ours_is_in_their_environment(tmp_path: Path) -> None:
    with newcomer(tmp_path, "") as somebody:
        somebody.run("sh", "-c", "env | cut -d = -f 1 | sort > names")
    names = set((tmp_path / "names").read_text().split())
    assert names <= {"PATH", MARK, "PWD", "SHLVL", "_", "LC_CTYPE"}
