"""First contacts by group commit: all look-ups of one loop turn share one durable transaction, and one question."""

import asyncio

from firstsight.core.errors import StoreError
from firstsight.core.facts import Fact, Registration
from firstsight.core.lens import has_registration
from firstsight.core.names import Name
from firstsight.ports import Clock, Contact, Store

Noted = tuple[Contact, Fact[Registration] | None]
"""A look-up's contact, and what is stored and fresh of its registration."""


class Contacts:
    """Records look-ups. No timer: a group is what has come in while the loop was busy."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._group: list[tuple[Name, asyncio.Future[Noted]]] = []

    async def note(self, name: Name) -> Noted:
        """Record a look-up; returns after it is safe on disk, with the stored registration if that is fresh.

        Raises:
            StoreError: it is not recorded.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Noted] = loop.create_future()
        if not self._group:
            loop.call_soon(self._commit)
        self._group.append((name, future))
        return await future

    def _commit(self) -> None:
        group, self._group = self._group, []
        now = self._clock.now()
        try:
            contacts = self._store.contact([name for name, _ in group], now)
        except StoreError as error:
            for _, future in group:
                if not future.done():
                    future.set_exception(StoreError(str(error)))
            return
        facts = self._facts({name.registered for name, _ in group if has_registration(name)}, now)
        for (name, future), contact in zip(group, contacts, strict=True):
            if not future.done():
                future.set_result((contact, facts.get(name.registered)))

    def _facts(self, registered: set[str], now: float) -> dict[str, Fact[Registration]]:
        """Stored registrations that are fresh; none where they can't be read: a contact must be told now or never."""
        try:
            answers = self._store.answers(sorted(registered))
        except StoreError:
            return {}
        return {name: answer.fact for name, answer in answers.items() if answer.fresh(now)}
