"""`make emulator`: requests reach the function as over HTTP, its logs appear, and breakpoint() opens a debugger."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from tests.support.emulator import HOST, debugging
from tests.support.sam import ROOT, free_port


def test_requests_are_answered_and_logged_until_ctrl_c(root: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.emulator", "--bundle", str(root), "--port", str(port)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process, httpx.Client(base_url=f"http://{HOST}:{port}", timeout=60) as client:
        try:
            assert "curl" in process.stderr.readline()
            films = client.get("/api/films", params={"limit": 3}).json()["items"]
            body = {"ratings": [{"film_id": films[0]["id"], "rating": 5}], "limit": 2}
            assert len(client.post("/api/recommendations", json=body).json()["items"]) == 2
            assert client.get("/api/films/none").status_code == 404
            lines = iter(process.stderr.readline, "")
            assert any('"route":"/api/recommendations"' in line for line in lines)
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_breakpoint_waits_for_a_debugger() -> None:
    port = free_port()
    code = "def half(n):\n    breakpoint()\n    return n / 2\nprint(half(3))"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **debugging(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        assert process.stderr.readline() == f"<string>:2: debug with `nc {HOST} {port}`\n"
        with socket.create_connection((HOST, port), timeout=30) as client, client.makefile("rw") as debugger:
            debugger.write("p n\n!n = 5\nc\n")
            debugger.flush()
            assert "(Pdb)\n3\n" in debugger.read()
        assert process.stdout.read() == "2.5\n"
