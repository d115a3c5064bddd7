"""The download that begins before the function's imports: it is used once, and what goes wrong is told once."""

from pathlib import Path
from threading import get_ident

import pytest

from function.bundle import ahead, remote
from function.bundle.format import BundleError

URI = "s3://bucket/releases"
Answers = list[Path | BundleError]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], Answers]:
    """The threads in which the store was asked, and what it answers."""
    threads: list[int] = []
    answers: Answers = []

    def current_bundle(uri: str) -> Path:
        assert uri == URI
        threads.append(get_ident())
        answer = answers.pop(0)
        if isinstance(answer, BundleError):
            raise answer
        return answer

    monkeypatch.setattr(remote, "current_bundle", current_bundle)
    return threads, answers


def test_a_download_that_was_begun_is_used_once(asked: tuple[list[int], Answers]) -> None:
    threads, answers = asked
    answers += [Path("first"), Path("second")]
    ahead.begin(URI)
    ahead.begin(URI)  # the module may be asked twice
    assert ahead.current(URI) == Path("first")
    assert len(threads) == 1
    assert threads[0] != get_ident()
    assert ahead.current(URI) == Path("second")
    assert threads[1:] == [get_ident()]


def test_a_failure_is_raised_where_the_release_is_wanted_and_the_next_start_asks_again(
    asked: tuple[list[int], Answers],
) -> None:
    asked[1].extend([BundleError("out of reach"), Path("there again")])
    ahead.begin(URI)
    with pytest.raises(BundleError, match="out of reach"):
        ahead.current(URI)
    assert ahead.current(URI) == Path("there again")


def test_nothing_begins_without_a_store(asked: tuple[list[int], Answers]) -> None:
    ahead.begin("")
    assert not asked[0]
