"""First contacts by group commit: all look-ups of one loop turn share one durable transaction, and one question."""

from firstsight.core.errors import StoreError
from firstsight.core.facts import Fact, Registration
from firstsight.core.lens import has_registration
from firstsight.core.names import Name
from firstsight.ports import Clock, Contact, Store
from firstsight.web.groups import Groups

Noted = tuple[Contact, Fact[Registration] | None]
"""A look-up's contact, and what is stored and fresh of its registration."""


class Contacts:
    """Records look-ups."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._groups: Groups[Name, Noted] = Groups(self._commit)

    async def note(self, name: Name) -> Noted:
        """Record a look-up; returns after it is safe on disk, with the stored registration if that is fresh.

        Raises:
            StoreError: it is not recorded.
        """
        return await self._groups.add(name)

    def _commit(self, names: list[Name]) -> list[Noted]:
        now = self._clock.now()
        contacts = self._store.contact(names, now)
        facts = self._facts({name.registered for name in names if has_registration(name)}, now)
        return [(contact, facts.get(name.registered)) for name, contact in zip(names, contacts, strict=True)]

    def _facts(self, registered: set[str], now: float) -> dict[str, Fact[Registration]]:
        """Stored registrations that are fresh; none where they can't be read: a contact must be told now or never."""
        try:
            answers = self._store.answers(sorted(registered))
        except StoreError:
            return {}
        return {name: answer.fact for name, answer in answers.items() if answer.fresh(now)}
