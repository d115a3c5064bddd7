"""The lines of a mapped file are those of the file, wherever they are cut to be searched."""

from pathlib import Path

import pytest

from function.bundle import films
from function.bundle.films import Lines


@pytest.mark.parametrize("part", [1, 5, 1 << 22])
@pytest.mark.parametrize("content", [b"one", b"one\n", b"\n\nthree\nfour is longer"])
def test_lines_are_those_of_the_file(
    content: bytes, part: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(films, "PART", part)
    (tmp_path / "lines").write_bytes(content)
    lines, expected = Lines.of(tmp_path / "lines"), content.split(b"\n")
    assert list(lines) == expected
    assert [lines[index] for index in range(len(lines))] == expected
    assert lines[1:] == expected[1:]


def test_an_empty_file_has_no_lines_to_map(tmp_path: Path) -> None:
    (tmp_path / "lines").touch()
    with pytest.raises(ValueError, match="empty"):
        Lines.of(tmp_path / "lines")
