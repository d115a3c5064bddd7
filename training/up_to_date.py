"""Whether `training train --if-needed` has anything to do, without imports of TensorFlow, pandas or tyro.

    python -m training.up_to_date [FLAGS OF train]    exits with 0 if the bundle in artifacts/bundles is up to date

The command train writes a fingerprint into the bundle root: its flags, and the digest of every file that it read. If
they are unchanged and the bundle is complete, there is nothing to do. Otherwise train decides, and may still find that
the bundle is up to date.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from function.bundle.format import BundleError, read_bundle
from training.files import replace

FINGERPRINT = "fingerprint.json"


def up_to_date(root: Path, flags: Sequence[str]) -> bool:
    """Whether the current bundle of `root` is what `train --if-needed` with `flags` would make."""
    try:
        stored = json.loads((root / FINGERPRINT).read_bytes())
        if stored != {**stored, **_asked(flags)} or stored["day"] not in (None, _today()):
            return False
        files: dict[str, str | None] = stored["files"]
        return digests(map(Path, files)) == files and read_bundle(root).manifest.release == stored["release"]
    except (OSError, ValueError, KeyError, TypeError, BundleError):
        return False


def write_fingerprint(root: Path, files: dict[str, str | None], *, for_today: bool) -> None:
    """Write the fingerprint of the current bundle of `root`: the flags of this command, and `files` (from `digests`).

    With `for_today`, it is valid until the end of the day, since posters expire.
    """
    result = {"files": files, "release": read_bundle(root).manifest.release, "day": _today() if for_today else None}
    replace(root / FINGERPRINT, json.dumps({**_asked(_flags()), **result}, indent=1) + "\n")


def digests(paths: Iterable[Path]) -> dict[str, str | None]:
    """SHA-256 by path; None for missing files, so that a new file is noticed."""
    return {str(path): _sha256(path) if path.is_file() else None for path in paths}


def source_digests() -> list[str]:
    """SHA-256 of every source of training."""
    return [_sha256(source) for source in sorted(Path(__file__).parent.rglob("*.py"))]


def _asked(flags: Sequence[str]) -> dict[str, Any]:
    """The fingerprint without the files: flags, data folder, sources."""
    return {"flags": list(flags), "data": os.environ.get("RECOMMENDER_DATA", ""), "sources": source_digests()}


def _flags() -> list[str]:
    """The flags that this process was given, without the command and the one that asks for this."""
    return [argument for argument in sys.argv[1:] if argument not in ("train", "--if-needed")]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def main() -> int:
    """Exit status: 0 where the bundle is up to date, 1 where train is to be asked."""
    root = Path("artifacts/bundles")
    if not up_to_date(root, _flags()):
        return 1
    sys.stderr.write(f"The bundle in {root} is up to date.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
