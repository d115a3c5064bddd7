"""Set-up in a test repository with a test index: installed packages and error messages."""

import ast
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.package_index import Index, package_index

pytestmark = pytest.mark.installs

ROOT = Path(__file__).parents[3]
UV = Path(sys.executable).with_name("uv")


class Repository:
    """A copy of what set-up needs, with small locks, an empty home, and pip configured for the test index."""

    def __init__(self, root: Path, index: Index) -> None:
        self.root, self.index = root, index
        self.home = root.parent / "home"
        self.home.mkdir(exist_ok=True)
        root.mkdir()
        shutil.copytree(ROOT / "scripts", root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "Makefile", root)
        (root / "requirements").mkdir()
        # The real uv, under the name of a package that is at home in this index.
        self.lock("uv", index.add("uv", "1.0", programs={"uv": f'#!/bin/sh\nexec "{UV}" "$@"\n'}))
        self.use(index.url)

    def use(self, url: str) -> None:
        """Configure only pip for the index at `url`."""
        (self.home / "pip.conf").write_text(f"[global]\nindex-url = {url}\ntimeout = 5\nretries = 1\n")

    def lock(self, name: str, *lines: str) -> None:
        (self.root / "requirements" / f"{name}.txt").write_text("".join(lines))

    def environment(self, **more: str) -> dict[str, str]:
        kept = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self.home), "UV_HTTP_RETRIES": "0"}
        return {**kept, "PIP_CONFIG_FILE": str(self.home / "pip.conf"), **more}

    def start(self, *arguments: str, code: str = "", **more: str) -> "subprocess.Popen[str]":
        """Start set-up; `code` runs before it, in the same process."""
        run = f"import runpy, sys; sys.argv[1:] = {arguments!r}; runpy.run_module('scripts.setup', None, '__main__')"
        return subprocess.Popen(
            [sys.executable, "-c", f"{code}\n{run}"],
            cwd=self.root,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def setup(self, *arguments: str, code: str = "", **more: str) -> tuple[int, str]:
        """Run set-up; returns exit status and output."""
        process = self.start(*arguments, code=code, **more)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def refused(self, *arguments: str, code: str = "", **more: str) -> str:
        """The error message of a failing set-up: a line or two, and no traceback."""
        status, output = self.setup(*arguments, code=code, **more)
        assert status == 1, output
        error = output[output.index("error: ") :]
        assert len(error.splitlines()) <= 2
        assert "Traceback" not in output
        return error

    def version(self, name: str) -> str:
        """The version of `name` in .venv; empty if it is not installed."""
        code = f"import {name}; print({name}.version, end='')"
        python = self.root / ".venv" / "bin" / "python"
        # -B: bytecode of 1.0 would pass for that of 2.0, a source of the same size, if installed in the same second.
        return subprocess.run([python, "-B", "-c", code], capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with package_index() as index:
        for name, version in (("apple", "1.0"), ("apple", "2.0"), ("pear", "1.0"), ("plum", "1.0")):
            index.add(name, version)
        yield index


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, index: Index) -> Repository:
    """A repository whose .venv has the first layer. Tests only try failing commands, which do not change it."""
    repository = Repository(tmp_path_factory.mktemp("kept") / "with a space", index)
    repository.lock("serve", index.line("apple", "1.0"))
    status, output = repository.setup("serve")
    assert status == 0, output
    return repository


@pytest.fixture
def sound(kept: Repository, index: Index) -> Iterator[Repository]:
    yield kept
    kept.use(index.url)
    index.asked.clear()
    assert kept.setup("serve") == (0, ""), "the layer before is no longer there"
    assert index.asked == []


@pytest.fixture
def fresh(tmp_path: Path, index: Index) -> Repository:
    repository = Repository(tmp_path / "fresh", index)
    repository.lock("serve", index.line("apple", "1.0"))
    return repository


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_a_layer_is_what_its_lock_names_from_the_index_that_pip_is_configured_for(kept: Repository) -> None:
    assert kept.version("apple") == "1.0"
    assert (kept.root / ".venv" / "bin" / "pip").read_text().startswith(("#!/bin/sh", f"#!{kept.root}"))


def test_where_nothing_changed_nothing_is_asked_and_it_is_quick(sound: Repository) -> None:
    def seconds() -> float:
        """Of the processor, whatever else this machine does."""
        times = os.times()
        return times.children_user + times.children_system

    spent = []
    for _ in range(5):
        before = seconds()
        assert sound.setup("serve") == (0, "")
        spent.append(seconds() - before)
    assert min(spent) < 0.2


def test_a_changed_lock_installs_again_and_development_takes_away_what_no_lock_names(fresh: Repository) -> None:
    assert fresh.setup("serve")[0] == 0
    fresh.lock("train", fresh.index.line("apple", "1.0"), fresh.index.line("pear", "1.0"))
    assert fresh.setup("train")[0] == 0
    assert [fresh.version("apple"), fresh.version("pear")] == ["1.0", "1.0"]
    fresh.lock("serve", fresh.index.line("apple", "2.0"))
    assert fresh.setup("serve")[0] == 0
    assert fresh.version("apple") == "2.0"
    fresh.lock("dev", fresh.index.line("apple", "2.0"), fresh.index.line("plum", "1.0"))
    assert fresh.setup("dev")[0] == 0
    assert [fresh.version("plum"), fresh.version("pear")] == ["1.0", ""]


def test_an_environment_apart_takes_the_installer_of_the_first(kept: Repository) -> None:
    kept.lock("apart", kept.index.line("plum", "1.0"))
    status, output = kept.setup("environment", "artifacts/apart", "requirements/apart.txt")
    assert status == 0, output
    code = "import plum; print(plum.version)"
    python = kept.root / "artifacts" / "apart" / "bin" / "python"
    assert subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout == "1.0\n"
    assert not python.with_name("uv").exists()
    assert kept.setup("environment", "artifacts/apart", "requirements/apart.txt") == (0, "")


def test_where_the_index_has_no_uv_for_this_machine_pip_does_it(fresh: Repository, index: Index) -> None:
    fresh.lock("uv", index.line("uv", "1.0").replace("1.0", "7.7"))
    status, output = fresh.setup("serve")
    assert status == 0, output
    assert fresh.version("apple") == "1.0"
    assert not (fresh.root / ".venv" / "bin" / "uv").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("apple==9.9 --hash=sha256:" + "0" * 64, r"has no apple==9\.9 \(requirements/train\.txt\).*try later"),
        ("cherry==1.0 --hash=sha256:" + "0" * 64, r"has no cherry==1\.0 \(requirements/train\.txt\)"),
        (
            "pear==1.0 --hash=sha256:" + "0" * 64,
            r"pear==1\.0: the hash of the downloaded file differs .*Do not use the file",
        ),
    ],
    ids=["an old mirror", "no such package", "another file"],
)
def test_an_index_that_lacks_what_is_locked_is_told_by_name(sound: Repository, line: str, words: str) -> None:
    sound.lock("train", line)
    assert re.search(words, sound.refused("train"))


def test_a_package_without_a_wheel_for_this_machine(sound: Repository, index: Index) -> None:
    sound.lock("train", index.add("quince", "1.0", tag="cp27-cp27m-win32"))
    assert re.search(r"quince==1\.0.*no wheel for this Python or machine", sound.refused("train"))


def test_without_a_network(sound: Repository) -> None:
    sound.lock("train", sound.index.line("plum", "1.0"))
    sound.use(f"http://127.0.0.1:{closed_port()}/simple")
    output = sound.refused("train", UV_NO_CACHE="1")
    assert "is there a network?" in output
    assert "continues where it stopped" in output


def test_behind_a_proxy_that_does_not_answer(sound: Repository) -> None:
    port = closed_port()
    sound.lock("train", sound.index.line("plum", "1.0"))
    sound.use("http://index.invalid/simple")
    proxy = f"http://somebody:secret@127.0.0.1:{port}"
    output = sound.refused("train", HTTP_PROXY=proxy, HTTPS_PROXY=proxy, UV_NO_CACHE="1")
    assert f"through the proxy 127.0.0.1:{port}" in output
    assert "secret" not in output


def test_through_a_proxy_that_pip_is_configured_for(sound: Repository, index: Index) -> None:
    """The index also acts as a proxy, for any host."""
    sound.lock("train", index.add("grape", "1.0"))
    (sound.home / "pip.conf").write_text(
        f"[global]\nindex-url = http://index.invalid/simple\nproxy = {index.url.removesuffix('/simple')}\n"
    )
    status, output = sound.setup("train", UV_NO_CACHE="1")
    assert status == 0, output
    assert any("index.invalid" in path for path in index.asked)


def test_an_old_python_reads_the_file_and_is_told(kept: Repository) -> None:
    ast.parse((ROOT / "scripts" / "setup.py").read_text(), feature_version=(3, 6))
    output = kept.refused("serve", code="import sys; sys.version_info = (3, 9, 2)")
    assert re.fullmatch(
        r"error: Python 3\.11 or newer is needed; 3\.9\.2 was found\. Try: make PYTHON=python3\.1\d up\n", output
    )


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("PYTHON=python4.2", "there is no python4.2. Install Python 3.11 or newer"),
        (".FEATURES=", "GNU make 3.81 or newer is needed"),  # older ones have no such variable
    ],
)
def test_without_python_or_with_an_old_make(kept: Repository, variable: str, words: str) -> None:
    done = subprocess.run(["make", "serving", variable], cwd=kept.root, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert words in done.stderr


def test_make_up_tries_what_is_quick_first() -> None:
    """First the serving layer, the port and Node; then the steps that take minutes."""
    command = ["make", "--dry-run", "--what-if=web/package-lock.json", "up"]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    steps = ["scripts.setup serve", "--check-port", "scripts.setup page", "training.up_to_date", "OPEN_USERS"]
    assert [output.index(step) for step in steps] == sorted(output.index(step) for step in steps)


def test_what_is_missing_at_first_is_told_and_afterwards_the_same_command_goes_on(fresh: Repository) -> None:
    output = fresh.refused("serve", code="import sys; sys.modules['ensurepip'] = None")
    assert re.search(r"no venv module.*apt-get install python3\.\d+-venv", output)
    full = "import shutil, types; shutil.disk_usage = lambda _: types.SimpleNamespace(free=150e6)"
    output = fresh.refused("serve", code=full)
    assert re.search(r"\.venv needs \d+ MB more, and the disk of .* has 150 MB free", output)
    fresh.use(f"http://127.0.0.1:{closed_port()}/simple")
    assert "is there a network?" in fresh.refused("serve")
    fresh.use(fresh.index.url)
    assert fresh.setup("serve")[0] == 0
    assert fresh.version("apple") == "1.0"


def test_a_run_that_is_killed_anywhere_is_taken_up_again(fresh: Repository) -> None:
    chance = random.Random(4)
    fresh.lock("train", *(fresh.index.line(name, "1.0") for name in ("apple", "pear", "plum")))
    for seconds in (0.3, 1.5, chance.uniform(0, 6), chance.uniform(0, 6)):
        process = fresh.start("train")
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert fresh.setup("train")[0] == 0
    assert [fresh.version(name) for name in ("apple", "pear", "plum")] == ["1.0"] * 3
    assert fresh.setup("train") == (0, "")


def test_what_is_half_made_or_of_another_python_or_moved_is_made_anew(fresh: Repository, tmp_path: Path) -> None:
    assert fresh.setup("serve")[0] == 0
    record, rest = fresh.root / ".venv" / "installed.json", fresh.root / ".venv" / "rest.txt"
    for change in ({"altering": True}, {"python": "3.10"}):
        rest.touch()
        record.write_text(json.dumps({**json.loads(record.read_text()), **change}))
        assert fresh.setup("serve")[0] == 0
        assert not rest.exists()
    fresh.root = fresh.root.rename(tmp_path / "moved")
    assert fresh.setup("serve")[0] == 0
    assert str(fresh.root) in (fresh.root / ".venv" / "bin" / "pip").read_text()


def test_two_at_once_do_it_once(fresh: Repository) -> None:
    first, second = fresh.start("serve"), fresh.start("serve")
    output = [first.communicate(timeout=120)[0], second.communicate(timeout=120)[0]]
    assert [first.returncode, second.returncode] == [0, 0], output
    assert "".join(output).count("Making .venv") == 1
    assert fresh.setup("serve") == (0, "")


def test_an_environment_that_is_a_link_is_left_to_its_owner(fresh: Repository, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (fresh.root / ".venv").symlink_to(tmp_path / "theirs")
    assert fresh.setup("serve") == (0, "")
    assert list((tmp_path / "theirs").iterdir()) == []
