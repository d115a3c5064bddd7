"""When CI runs `make stranger`, and the conditions of a release: the scripts, in a small repository."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NOBODY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull} | {
    f"GIT_{who}_{what}": "nobody@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}


class Repository:
    """A repository with the scripts under test and a commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for script in (".ci/stranger-due", "scripts/tag"):
            (folder / script).parent.mkdir()
            shutil.copy(ROOT / script, folder / script)
        (folder / ".gitignore").write_text("artifacts/\n")
        self.git("init", "--quiet")
        self.commit("README.md")

    def commit(self, *names: str) -> str:
        """Commit a change of each file; returns the commit."""
        for name in names:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(path.read_text() + "more\n" if path.exists() else "new\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, *command: str, base: str = "") -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, **NOBODY, "CI_BASE": base}
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def due(self, base: str = "") -> bool:
        """Whether `make stranger` is due; the script prints a reason in either case."""
        done = self.run(".ci/stranger-due", base=base)
        assert done.returncode in (0, 1)
        assert done.stdout.startswith("The stranger is due" if done.returncode == 0 else "The stranger is not due")
        assert done.stderr == ""
        return done.returncode == 0


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_without_anything_to_compare_with_the_stranger_is_due(repository: Repository) -> None:
    assert repository.due()
    assert repository.due(base="0123456789abcdef0123456789abcdef01234567")  # not in a shallow clone


@pytest.mark.parametrize(
    "name",
    [
        "Makefile",
        "scripts/setup.py",
        ".ci/run",
        "requirements/serve.txt",
        "function/requirements-image.txt",
        "web/package.json",
        "web/package-lock.json",
    ],
)
def test_what_sets_the_project_up_makes_the_stranger_due(repository: Repository, name: str) -> None:
    base = repository.commit("web/src/main.ts")
    repository.commit(name)
    repository.commit("training/model.py")
    assert repository.due(base)


def test_other_changes_do_not(repository: Repository) -> None:
    base = repository.commit("Makefile")
    repository.commit("training/model.py", "web/src/main.ts", "docs/api.md")
    assert not repository.due(base)


def test_by_default_the_last_release_is_the_base(repository: Repository) -> None:
    repository.git("tag", "v1.0.0")
    repository.commit("docs/api.md")
    assert not repository.due()
    repository.commit("Makefile")
    repository.commit("docs/api.md")
    assert repository.due()


def test_the_stranger_is_due_for_every_release(repository: Repository) -> None:
    base = repository.commit("docs/api.md")
    repository.git("tag", "v1.0.0")
    assert repository.due(base)


def passed(repository: Repository, commit: str) -> None:
    results = repository.folder / "artifacts" / "stranger"
    results.mkdir(parents=True)
    (results / "passed").write_text(f"{commit}\n")


def test_a_release_is_tagged_where_the_stranger_got_through(repository: Repository) -> None:
    passed(repository, repository.commit("Makefile"))
    done = repository.run("scripts/tag", "1.2.3")
    assert done.returncode == 0, done.stderr
    assert repository.git("describe", "--exact-match").strip() == "v1.2.3"


@pytest.mark.parametrize(
    ("version", "words"),
    [("", "'' is not a version"), ("v1", "'v1' is not a version"), ("1.2.3", "make stranger has not succeeded")],
)
def test_a_release_is_refused(repository: Repository, version: str, words: str) -> None:
    passed(repository, repository.commit("Makefile"))
    repository.commit("Makefile")  # `make stranger` succeeded on the previous commit
    done = repository.run("scripts/tag", version)
    assert done.returncode == 1
    assert words in done.stderr
    assert repository.git("tag") == ""


def test_what_is_not_committed_is_not_released(repository: Repository) -> None:
    passed(repository, repository.commit("Makefile"))
    (repository.folder / "Makefile").write_text("up:")
    done = repository.run("scripts/tag", "1.2.3")
    assert done.returncode == 1
    assert "Commit them first" in done.stderr
