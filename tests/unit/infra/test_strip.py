"""Stripped libraries load."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from infra.strip import strip


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A copy of an extension module of the environment."""
    spec = find_spec("pydantic_core._pydantic_core")
    assert spec is not None
    assert spec.origin is not None
    return Path(shutil.copy(spec.origin, tmp_path))


def test_a_stripped_library_loads_and_is_smaller(library: Path) -> None:
    before = library.stat().st_size
    saved = strip(library)
    assert saved > 0
    assert library.stat().st_size == before - saved
    load = "import ctypes, sys; ctypes.PyDLL(sys.argv[1]).PyInit__pydantic_core"
    subprocess.run([sys.executable, "-c", load, str(library)], check=True)


def test_nothing_is_left_to_cut_off_a_second_time(library: Path) -> None:
    strip(library)
    content = library.read_bytes()
    assert strip(library) == 0
    assert library.read_bytes() == content


def test_other_files_stay(tmp_path: Path) -> None:
    script = tmp_path / "linker-script.so"
    script.write_text("GROUP ( libm.so.6 )")
    assert strip(script) == 0
    assert script.read_text() == "GROUP ( libm.so.6 )"
