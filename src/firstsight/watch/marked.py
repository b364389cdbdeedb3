"""Whom it was told that they ask for a known indicator: each agent, once a window."""

from collections.abc import Callable, Sequence

from firstsight.core.alerts import Asked
from firstsight.core.case import Case
from firstsight.core.events import DnsEvent
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.front import Front
from firstsight.core.marks import indicator_mark
from firstsight.core.names import Name
from firstsight.core.reasons import REASONS
from firstsight.ports import Changes, News, Store

MARK = REASONS["known_indicator"].mask
"""As any reason's bit, it is set once that has alerted. It is set too where threat intelligence comes to know a
domain without an alert: from then on each event of the domain is news."""

_HELD_AT_HAND = 20_000


class Marked:
    """When each agent was told of for each domain, kept as marks in the store, in the transaction of the alert.

    Args:
        store: the marks.
        window: for so many seconds of event time an agent is not told of again.
    """

    def __init__(self, store: Store, window: float) -> None:
        self._store = store
        self._window = window
        # Only a saving: what is not in here is judged, and comes to the same.
        self._held: Front[tuple[tuple[str, str], str, tuple[ExceptionRule, ...]], tuple[float, tuple[str, ...]]] = (
            Front(_HELD_AT_HAND)
        )

    def told(self, changes: Changes, domain: str, asked: Asked | DnsEvent) -> bool:
        """Whether this agent was told of lately; `changes` are what is decided so far."""
        key = indicator_mark(asked.agent.key, domain)
        at = changes.marks.get(key) or self._store.mark(key)
        return at is not None and abs(asked.time - float(at)) < self._window

    def tell(self, changes: Changes, domain: str, asked: Asked) -> None:
        """Note that it is told now."""
        changes.marks[indicator_mark(asked.agent.key, domain)] = repr(asked.time)

    def hold(self, case: Case, rules: Sequence[ExceptionRule], held: tuple[str, ...]) -> None:
        """Note that exceptions hold something of a case back.

        Args:
            case: the case.
            rules: the exceptions that match it.
            held: ids of those that hold something back.
        """
        if case.asked is not None:
            self._held.tidy()
            self._held.put((case.asked.agent.key, case.name.fqdn, tuple(rules)), (case.asked.time, held))

    def holds_again(
        self, changes: Changes, item: News, asked: Asked, matching: Callable[[Name, Asked], Sequence[ExceptionRule]]
    ) -> bool:
        """Whether one more event of a known indicator is held back as an earlier one of this agent was, and counted.

        A domain that many ask for all day may be on somebody's list by mistake, and excepted for that: to judge each of
        its events anew would cost more than all the rest.

        Args:
            changes: what is decided so far.
            item: the event, as news.
            asked: who asked.
            matching: the exceptions in force that match; where they are others than before, it is judged.
        """
        if not (item.marked and item.known) or item.first_for_agent or item.spread:
            return False
        found = self._held.get((asked.agent.key, item.name.fqdn, tuple(matching(item.name, asked))))
        if found is None or abs(asked.time - found[0]) >= self._window:
            return False
        changes.hold("exception")
        changes.hit(found[1])
        return True
