"""Every lock is complete: it has all requirements of its packages, including extras."""

import json
import re
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.lock import LOCKS, METADATA, hashes_of, pins

ROOT = Path(__file__).parents[3]
STATED: dict[str, list[str]] = json.loads(METADATA.read_text())
PYTHONS = ("3.11.7", "3.12.1", "3.13.0")
SYSTEMS = (
    ("linux", "Linux", "x86_64"),
    ("linux", "Linux", "aarch64"),
    ("darwin", "Darwin", "x86_64"),
    ("darwin", "Darwin", "arm64"),
)
ENVIRONMENTS = [
    {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "implementation_name": "cpython",
        "implementation_version": python,
        "platform_python_implementation": "CPython",
        "os_name": "posix",
        "sys_platform": platform,
        "platform_system": system,
        "platform_machine": machine,
        "platform_release": "",
        "platform_version": "",
    }
    for python, (platform, system, machine) in product(PYTHONS, SYSTEMS)
]


def locked(text: str, environment: dict[str, str]) -> dict[str, Requirement]:
    """The packages that a lock's `text` installs in `environment`, by name."""
    lines = re.findall(r"^([a-z0-9][^\\\n]*?)\s*(?:\\|--hash|$)", text, re.M | re.I)
    requirements = map(Requirement, lines)
    return {
        canonicalize_name(one.name): one
        for one in requirements
        if one.marker is None or one.marker.evaluate(environment)
    }


def unmet(text: str, environment: dict[str, str]) -> list[str]:
    """The requirements of locked packages that the lock does not satisfy in `environment`."""
    here = locked(text, environment)
    found = []
    for name, requirement in here.items():
        (version,) = (specifier.version for specifier in requirement.specifier)
        for stated in map(Requirement, STATED[f"{name}=={version}"]):
            extras = {"", *requirement.extras}
            if stated.marker and not any(stated.marker.evaluate({**environment, "extra": extra}) for extra in extras):
                continue
            other = here.get(canonicalize_name(stated.name))
            if other is None or stated.extras - other.extras or not fits(stated, other):
                found.append(f"{name} {version} requires {stated}; the lock has {other or 'none'}")
    return found


def fits(stated: Requirement, other: Requirement) -> bool:
    (version,) = (specifier.version for specifier in other.specifier)
    return stated.specifier.contains(version, prereleases=True)


def test_what_every_locked_package_requires_is_recorded() -> None:
    assert set(pins()) == set(STATED), "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_complete(lock: str) -> None:
    text = (ROOT / lock).read_text()
    environments = (
        ENVIRONMENTS if lock != "function/requirements-tflite-runtime.txt" else ENVIRONMENTS[:2]
    )  # Linux, Python 3.11
    missing = {line for environment in environments for line in unmet(text, environment)}
    assert not missing, f"{lock}: run `make lock`"


def test_an_extra_that_the_lock_does_not_name_is_missed() -> None:
    """A lock that older versions of pip could not install, since they resolve `coverage[toml]` again."""
    text = (ROOT / "requirements" / "dev.txt").read_text()
    assert re.search(r"^coverage\[toml\]==", text, re.M)
    (line,) = unmet(text.replace("coverage[toml]==", "coverage=="), ENVIRONMENTS[0])
    assert re.fullmatch(r"pytest-cov \S+ requires coverage\[toml\]>=\S+; the lock has coverage==\S+", line)


def test_a_package_that_is_left_out_or_too_old_is_missed() -> None:
    text = (ROOT / "requirements" / "serve.txt").read_text()
    without = re.sub(r"^h11==", "h12==", text, flags=re.M)
    STATED["h12==0.16.0"] = []
    assert any("requires h11" in line for line in unmet(without, ENVIRONMENTS[0]))
    older = re.sub(r"^starlette==\S+", "starlette==0.1.0", text, flags=re.M)
    STATED["starlette==0.1.0"] = []
    assert any("requires starlette" in line for line in unmet(older, ENVIRONMENTS[0]))


@pytest.mark.parametrize("lock", [lock for lock, shared in LOCKS.items() if shared])
def test_locks_that_share_an_environment_have_the_same_versions(lock: str) -> None:
    shared = LOCKS[lock]
    assert shared is not None
    for environment in ENVIRONMENTS:
        theirs = locked((ROOT / shared).read_text(), environment)
        for name, requirement in locked((ROOT / lock).read_text(), environment).items():
            assert requirement.specifier == theirs[name].specifier, name


@pytest.mark.parametrize(("smaller", "larger"), [("serve", "train"), ("train", "dev")])
def test_each_layer_has_the_one_before_it(smaller: str, larger: str) -> None:
    for environment in ENVIRONMENTS:
        names = [
            set(locked((ROOT / "requirements" / f"{lock}.txt").read_text(), environment)) for lock in (smaller, larger)
        ]
        assert names[0] < names[1]


def test_serving_has_no_tensorflow_and_training_nothing_of_the_tests() -> None:
    environment = ENVIRONMENTS[0]
    serve, train = (
        locked((ROOT / "requirements" / f"{lock}.txt").read_text(), environment) for lock in ("serve", "train")
    )
    assert not serve.keys() & {"tensorflow", "pandas", "scipy", "scikit-learn", "matplotlib"}
    assert not train.keys() & {"pytest", "moto", "ruff", "mypy", "awslambdaric"}


def test_a_release_has_the_same_hashes_in_every_lock() -> None:
    """A lock made where a package index was a folder has the hash of one machine's wheel only."""
    known: dict[str, set[str]] = {}
    for lock in LOCKS:
        for pin, hashes in hashes_of((ROOT / lock).read_text()).items():
            assert hashes == known.setdefault(pin, hashes), f"{lock}: {pin}"
    assert len(known) > 200
