"""Write files atomically."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def replace(path: Path, text: str) -> None:
    """Write `text` to `path` by rename: readers, even after a crash, see the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    os.close(handle)
    part = Path(name)
    try:
        write_durably(part, (text.encode(),))
        part.chmod(0o644)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_durably(path: Path, content: Iterable[bytes]) -> None:
    """Write the parts of `content` to `path` and flush them to disk before returning."""
    with path.open("wb") as file:
        file.writelines(content)
        file.flush()
        os.fsync(file.fileno())
