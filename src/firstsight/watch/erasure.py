"""Erase who asked: what is too old once a day, and whom somebody wants forgotten at once. In steps, between turns."""

import asyncio

import structlog

from firstsight.core.errors import StoreError
from firstsight.core.privacy import Forgotten
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
    """

    def __init__(
        self, store: Store, clock: Clock, *, who_days: int | None, hosts_days: int | None, alerts_days: int | None
    ) -> None:
        self._store = store
        self._clock = clock
        self._days = (who_days, hosts_days, alerts_days)
        self._one = asyncio.Lock()  # passes share what memory notes of them

    async def run(self) -> None:
        """Erase what is too old once a day, until cancelled."""
        await asyncio.sleep(_AFTER_START)
        while self._days != (None, None, None):
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
        who, hosts, alerts = (None if days is None else now - days * _DAY for days in self._days)
        return await self._erase(Doomed(who, hosts, alerts), pause)

    async def forget(self, forgotten: Forgotten) -> dict[str, int]:
        """Erase a user or an agent; how much of what.

        Raises:
            StoreError: what is erased by then stays erased; asked again, it goes on.
        """
        erased = await self._erase(Doomed(forgotten=forgotten), 0)
        log.info("forgotten", **erased)  # not whom: the log is kept
        return erased

    async def _erase(self, doomed: Doomed, pause: float) -> dict[str, int]:
        erased: dict[str, int] = {}
        async with self._one:
            for erased in self._store.erase(doomed):  # noqa: B007  # the last one counts
                await asyncio.sleep(pause)
        return erased
