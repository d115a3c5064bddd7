"""Downloads the current release in a thread while the rest of the function is imported, which takes about as long."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

_begun: dict[str, Future[Path | None]] = {}


def begin(uri: str) -> None:
    """Begin to download the current release of `uri`, unless that was begun. `current` raises what goes wrong."""
    if uri and uri not in _begun:
        pool = ThreadPoolExecutor(1)
        _begun[uri] = pool.submit(_download, uri)
        pool.shutdown(wait=False)


def current(uri: str) -> Path | None:
    """`function.bundle.remote.current_bundle`, of the download that was begun, if one was.

    It is taken once: after a failure, the next call asks the store again.
    """
    begun = _begun.pop(uri, None)
    return begun.result() if begun else _download(uri)


def _download(uri: str) -> Path | None:
    from function.bundle.remote import current_bundle  # in the thread, and imported only if releases are in S3

    return current_bundle(uri)
