"""Run the two commands of README like a newcomer, on machines with only the requirements that README names.

    python3 -m scripts.stranger [bare] [here]          default: both

bare: on a minimal Debian (scripts/bare-root), as an ordinary user with an empty home, in a path with a space and an
umlaut, with another time zone and the locale C. Runs `make up` until it serves, opens the page, tests the bundle's
behaviour, presses Ctrl-C, and runs `make test` without the tests that need Docker (another verb:
STRANGER_TESTS=test-fast). Needs root.
here: on this machine, with an empty home and without our environment variables. Runs `make up` likewise, with the
Python that runs this and its pip.

Both use the commit that is checked out, and print the seconds of each step. artifacts/stranger gets screenshots, and
the commit's id if both succeeded (scripts/tag reads it).
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.newcomer import MARK, BrokenPromiseError, Newcomer
from scripts.registries import registries

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "artifacts" / "stranger"
LEGS = ("bare", "here")
USER = 1000  # id of the ordinary user on the bare Debian
# Missing on the bare Debian.
LEFT_OUT = {"CI": "true", "LEFT_OUT": "docker,debootstrap,python3.11"}

Steps = list[tuple[str, float]]


def main(arguments: list[str]) -> int:
    """Run the legs in `arguments`; returns the exit status."""
    legs = arguments or list(LEGS)
    if unknown := set(legs).difference(LEGS):
        return _refuse(f"there is no {unknown.pop()!r}. Use bare, here, or both.")
    if "bare" in legs and os.geteuid() != 0:
        return _refuse("only root can use debootstrap and chroot. Use sudo, or the leg `here`.")
    commit = _git("rev-parse", "HEAD")
    if _git("status", "--porcelain"):
        say("Some files differ from the commit; they are not used.")
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    steps: Steps = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # not before what was started is tidied up
    try:
        with tempfile.TemporaryDirectory(prefix="stranger-") as folder:
            if "bare" in legs:
                bare(Path(folder), steps)
            if "here" in legs:
                here(Path(folder), steps)
    except BrokenPromiseError as error:
        say(f"\n== {commit}: FAILED\n{_table(steps)}\n{error}")
        return 1
    say(f"\n== {commit}: succeeded\n{_table(steps)}")
    if set(legs) == set(LEGS):
        (RESULTS / "passed").write_text(f"{commit}\n")
    return 0


def bare(folder: Path, steps: Steps) -> None:
    """The commands of README on a bare Debian."""
    root, home = folder / "root", Path("/home/stranger")
    root.mkdir()
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "Pacific/Chatham"}
    with step("bare Debian", steps):
        _run("scripts/bare-root", str(root))
    _run("mount", "-t", "proc", "proc", str(root / "proc"))
    try:
        _run("chroot", str(root), "useradd", "--uid", str(USER), "--create-home", "--skel", "/none", home.name)
        _publish(root / "srv" / "films.git", owner=USER)
        project = home / "Filme für mich"
        chroot = (shutil.which("chroot") or "chroot", f"--userspec={USER}:{USER}", str(root))
        with Newcomer(project, _marked(folder, environment), chroot=chroot, root=root) as newcomer:
            with step("bare Debian: git clone", steps):
                newcomer.run("git", "clone", "--quiet", "/srv/films.git", str(project), folder=home)
            _up_to_the_first_view("bare Debian", newcomer, steps)
            with step("bare Debian: make test", steps):
                newcomer.run("make", os.environ.get("STRANGER_TESTS", "test"), environment=LEFT_OUT)
    finally:
        _run("umount", "--lazy", str(root / "proc"))


def here(folder: Path, steps: Steps) -> None:
    """`make up` with this machine's Python, in an empty folder."""
    python = getattr(sys, "_base_executable", sys.executable)  # not the one of our environment
    home, project = folder / "home", folder / "films"
    home.mkdir()
    programs = {Path(found).parent for name in ("node", "npm", "make", "git", "sh") if (found := shutil.which(name))}
    environment = {"HOME": str(home), "PATH": ":".join(map(str, programs)), "PYTHON": python}
    if chromium := os.environ.get("CHROMIUM"):
        environment["CHROMIUM"] = chromium
    what = f"this machine, {_output(python, '--version')}"
    _publish(folder / "films.git")
    with Newcomer(project, _marked(folder, environment)) as newcomer:
        with step(f"{what}: git clone", steps):
            newcomer.run("git", "clone", "--quiet", str(folder / "films.git"), str(project), folder=folder)
        _up_to_the_first_view(what, newcomer, steps)


def _up_to_the_first_view(what: str, newcomer: Newcomer, steps: Steps) -> None:
    with step(f"{what}: make up, until it serves", steps):
        site = newcomer.up()
        say(f"Recommended: {site.recommended()}")
    if newcomer.has_browser():
        with step(f"{what}: the page's first view", steps):
            shutil.copy(newcomer.view(site), RESULTS / f"{what}.png")
    else:
        say("The page is not opened: npm has no Chromium for this machine, and CHROMIUM is not set.")
    with step(f"{what}: likes and dislikes change what is recommended", steps):
        newcomer.run("make", "behaviour")
    with step(f"{what}: Ctrl-C, and nothing is left", steps):
        newcomer.stop(site)


@contextmanager
def step(what: str, steps: Steps) -> Iterator[None]:
    """Print the step, and record its seconds."""
    say(f"\n== {what}")
    started = time.monotonic()
    try:
        yield
    except BrokenPromiseError as error:
        raise BrokenPromiseError(f"{what}: {error}") from None
    steps.append((what, time.monotonic() - started))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _table(steps: Steps) -> str:
    return "\n".join(f"{seconds:6.0f} s  {what}" for what, seconds in steps)


def _marked(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    return {**environment, **registries(), MARK: folder.name}


def _publish(origin: Path, owner: int | None = None) -> None:
    """Make a repository to clone from, with only the commit."""
    _run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    _run("git", "--git-dir", str(origin), "config", "receive.shallowUpdate", "true")  # CI may have no history
    _run("git", "push", "--quiet", str(origin), "HEAD:refs/heads/main")
    if owner is not None:
        _run("chown", "--recursive", f"{owner}:{owner}", str(origin))


def _git(*arguments: str) -> str:
    return _output("git", *arguments)


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _run(*command: str) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise BrokenPromiseError(" ".join(command))


def _refuse(reason: str) -> int:
    sys.stderr.write(f"error: {reason}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
