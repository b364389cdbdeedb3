"""First contacts by group commit: all look-ups of one loop turn share one durable transaction."""

import asyncio

from firstsight.core.errors import StoreError
from firstsight.core.names import Name
from firstsight.ports import Clock, Contact, Store


class Contacts:
    """Records look-ups. No timer: a group is what has come in while the loop was busy."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._group: list[tuple[Name, asyncio.Future[Contact]]] = []

    async def note(self, name: Name) -> Contact:
        """Record a look-up; returns after it is safe on disk.

        Raises:
            StoreError: it is not recorded.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Contact] = loop.create_future()
        if not self._group:
            loop.call_soon(self._commit)
        self._group.append((name, future))
        return await future

    def _commit(self) -> None:
        group, self._group = self._group, []
        try:
            contacts = self._store.contact([name for name, _ in group], self._clock.now())
        except StoreError as error:
            for _, future in group:
                if not future.done():
                    future.set_exception(StoreError(str(error)))
            return
        for (_, future), contact in zip(group, contacts, strict=True):
            if not future.done():
                future.set_result(contact)
