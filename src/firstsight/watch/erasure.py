"""Erase who asked: what is too old once a day, and whom somebody wants forgotten at once. In steps, between turns."""

import asyncio
from collections.abc import Callable, Iterator

import structlog

from firstsight.core.disguise import Disguise
from firstsight.core.errors import InputError, StoreError
from firstsight.core.privacy import Forgotten, known_as
from firstsight.core.usernames import Users
from firstsight.ports import Clock, Doomed, Store

log = structlog.get_logger()

_DAY = 86400.0
_AFTER_START = 600.0  # seconds; a start has more urgent things to do
_BETWEEN_STEPS = 0.05  # seconds: others have most of the time
_AGAIN = 3600.0  # seconds after a pass that failed


class Erasure:
    """Keeps to the ages that the settings give.

    Args:
        store: what is erased from.
        clock: the time.
        who_days: how long is kept who asked; None: for ever.
        hosts_days: how long host names are kept of a domain that nobody asks for any more; None: for ever.
        alerts_days: how long alerts are kept; None: for ever.
        charts_days: how long is kept what pages show over time; None: for ever.
        disguise: takes people's names away; None: they are kept.
        known_by: gives the pseudonyms that people may go by in what is stored; None: there are none.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        who_days: int | None,
        hosts_days: int | None,
        alerts_days: int | None,
        charts_days: int | None,
        disguise: Disguise | None = None,
        known_by: Callable[[], Disguise | None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._days = (who_days, hosts_days, alerts_days, charts_days)
        self._disguise = disguise
        self._known_by = known_by
        self._one = asyncio.Lock()  # passes share what memory notes of them

    async def run(self) -> None:
        """Erase what is too old once a day, until cancelled."""
        await asyncio.sleep(_AFTER_START)
        while any(days is not None for days in self._days):
            try:
                erased = await self.by_age(_BETWEEN_STEPS)
                log.info("erased_by_age", **erased)
            except StoreError as error:
                log.warning("not_erased", what=str(error))
                await asyncio.sleep(_AGAIN)
            else:
                await asyncio.sleep(_DAY)

    async def by_age(self, pause: float = 0) -> dict[str, int]:
        """Erase what is too old; how much of what.

        Args:
            pause: seconds between steps.

        Raises:
            StoreError: what is erased by then stays erased; the rest is tried again.
        """
        now = self._clock.now()
        who, hosts, alerts, charts = (None if days is None else now - days * _DAY for days in self._days)
        return await self._steps(self._store.erase(Doomed(who, hosts, alerts, charts)), pause)

    async def forget(self, forgotten: Forgotten) -> dict[str, int]:
        """Erase a user, also under the pseudonym, or an agent; how much of what.

        Raises:
            SettingsError: the key of pseudonyms can't be used.
            StoreError: what is erased by then stays erased; asked again, it goes on.
        """
        erased = await self._steps(self._store.erase(Doomed(forgotten=known_as(forgotten, self._known_by()))), 0)
        log.info("forgotten", **erased)  # not whom: the log is kept
        return erased

    async def take_names_away(self, users: Users, note: Callable[[], None]) -> dict[str, int]:
        """Take people's names away from what is stored, as those that come are taken away; from how much of what.

        Args:
            users: as whoever asks for it understands the settings.
            note: called before anything is changed.

        Raises:
            InputError: this service goes by other settings.
            StoreError: what is done by then stays done; asked again, it goes on.
        """
        in_force = Users.KEEP if self._disguise is None else self._disguise.users
        if self._disguise is None or in_force is not users:
            raise InputError(
                f"The service runs with [privacy] users = {in_force}, and the settings say {users}: restart it, and "
                f"try again. Nothing was changed."
            )
        note()
        changed = await self._steps(self._store.take_names_away(self._disguise), 0)
        log.info("names_taken_away", kept=str(users), **changed)
        return changed

    async def _steps(self, steps: Iterator[dict[str, int]], pause: float) -> dict[str, int]:
        done: dict[str, int] = {}
        async with self._one:
            for done in steps:  # noqa: B007  # the last one counts
                await asyncio.sleep(pause)
        return done
