import asyncio

import pytest

from firstsight.core.errors import StoreError
from firstsight.web.groups import Groups


async def test_what_comes_in_one_turn_is_committed_together_and_in_order() -> None:
    committed: list[list[int]] = []

    def commit(items: list[int]) -> list[int]:
        committed.append(items)
        return [10 * item for item in items]

    groups = Groups(commit)

    assert await asyncio.gather(*(groups.add(number) for number in range(3))) == [0, 10, 20]
    assert await groups.add(3) == 30
    assert committed == [[0, 1, 2], [3]]


async def test_a_failure_is_everybodys_and_the_next_group_begins_anew() -> None:
    failing = [True]

    def commit(items: list[int]) -> list[int]:
        if failing.pop():
            failing.append(False)
            raise StoreError("The disk is full.")
        return items

    groups = Groups(commit)
    told = await asyncio.gather(groups.add(1), groups.add(2), return_exceptions=True)

    assert [str(error) for error in told] == ["The disk is full."] * 2
    assert await groups.add(3) == 3


async def test_who_went_away_takes_nobody_along() -> None:
    groups: Groups[int, int] = Groups(lambda items: items)
    gone, stays = asyncio.ensure_future(groups.add(1)), asyncio.ensure_future(groups.add(2))
    await asyncio.sleep(0)
    gone.cancel()

    assert await stays == 2
    with pytest.raises(asyncio.CancelledError):
        await gone
