"""Look-ups as DNS events, for a site whose only feed are Domain Stats' old clients: `[compat] lookups_are_events`."""

from firstsight.core.events import Agent, Batch, DnsEvent, Status
from firstsight.ports import Clock
from firstsight.watch.loop import Watch
from firstsight.web.groups import Groups

SOURCE = "compat"
"""The source that such events are of: its account, its learning period, and what their agents are kept by."""


class LookupEvents:
    """Records look-ups as events.

    The agent is the address that asks, as nothing more is told: one Zeek sensor, or the manager for all its agents.
    The status is `exists`, as a look-up tells no answer.

    Args:
        watch: takes the events.
        clock: the time.
    """

    def __init__(self, watch: Watch, clock: Clock) -> None:
        self._watch = watch
        self._clock = clock
        self._groups: Groups[DnsEvent, None] = Groups(self._commit)

    async def note(self, asked: str, client: str) -> None:
        """Record a look-up; returns after it is safe on disk.

        Args:
            asked: the name as it was asked for.
            client: the address that asks.

        Raises:
            StoreError: it is not recorded.
        """
        agent = Agent(SOURCE, client, ip=client)
        await self._groups.add(DnsEvent(asked, self._clock.now(), Status.EXISTS, agent))

    def _commit(self, events: list[DnsEvent]) -> list[None]:
        self._watch.ingest([Batch(SOURCE, len(events), {}, events, "")])
        return [None] * len(events)
