"""Group commit: what comes in during one turn of the event loop is written together."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from firstsight.core.errors import StoreError

T = TypeVar("T")
R = TypeVar("R")


class Groups(Generic[T, R]):
    """Collects items of one turn, and commits them at its end. No timer: a group is what came while the loop was busy.

    Args:
        commit: writes some items and returns what it is to tell of each, in order; may raise StoreError.
    """

    def __init__(self, commit: Callable[[list[T]], Sequence[R]]) -> None:
        self._commit = commit
        self._group: list[tuple[T, asyncio.Future[R]]] = []

    async def add(self, item: T) -> R:
        """Commit an item with its group; what is told of it.

        Raises:
            StoreError: nothing of the group is written.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        if not self._group:
            loop.call_soon(self._end)
        self._group.append((item, future))
        return await future

    def _end(self) -> None:
        group, self._group = self._group, []
        try:
            told = self._commit([item for item, _ in group])
        except StoreError as error:
            for _, future in group:
                if not future.done():
                    future.set_exception(StoreError(str(error)))
            return
        for (_, future), each in zip(group, told, strict=True):
            if not future.done():
                future.set_result(each)
