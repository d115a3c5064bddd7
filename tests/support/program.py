"""Fake programs for the PATH."""

import sys
from pathlib import Path


def program(path: Path, source: str) -> None:
    """Write a program that runs `source` with this Python, through the shell, since #! allows no path with a space."""
    code = path.with_name(f"{path.name}.py")
    code.write_text(source)
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{code}" "$@"\n')
    path.chmod(0o755)
