"""Whom it was told that they ask for a known indicator: each agent, once a window."""

from firstsight.core.alerts import Asked
from firstsight.core.events import DnsEvent
from firstsight.core.marks import indicator_mark
from firstsight.core.reasons import REASONS
from firstsight.ports import Changes, Store

MARK = REASONS["known_indicator"].mask
"""As any reason's bit, it is set once that has alerted. It is set too where threat intelligence comes to know a
domain without an alert: from then on each event of the domain is news."""


class Marked:
    """When each agent was told of for each domain, kept as marks in the store, in the transaction of the alert.

    Args:
        store: the marks.
        window: for so many seconds of event time an agent is not told of again.
    """

    def __init__(self, store: Store, window: float) -> None:
        self._store = store
        self._window = window

    def told(self, changes: Changes, domain: str, asked: Asked | DnsEvent) -> bool:
        """Whether this agent was told of lately; `changes` are what is decided so far."""
        key = indicator_mark(asked.agent.key, domain)
        at = changes.marks.get(key) or self._store.mark(key)
        return at is not None and abs(asked.time - float(at)) < self._window

    def tell(self, changes: Changes, domain: str, asked: Asked) -> None:
        """Note that it is told now."""
        changes.marks[indicator_mark(asked.agent.key, domain)] = repr(asked.time)
