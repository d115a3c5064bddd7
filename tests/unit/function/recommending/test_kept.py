"""What a process keeps: the latest, and not more than its memory allows."""

import pytest

from function.recommending.kept import MEMORY, Kept


def test_the_latest_are_kept() -> None:
    made: list[int] = []

    def make(key: int) -> int:
        made.append(key)
        return 10 * key

    kept = Kept(make, most=2, size=1)
    assert [kept[key] for key in (1, 2, 1, 3, 1, 2)] == [10, 20, 10, 30, 10, 20]
    assert made == [1, 2, 3, 2]  # 2 was the oldest when 3 came
    assert len(kept) == 2


@pytest.mark.parametrize(("size", "most"), [(0, 16), (1, 16), (MEMORY // 4, 4), (2 * MEMORY, 1)])
def test_large_values_are_fewer(size: int, most: int) -> None:
    assert Kept(str, most=16, size=size).most == most
