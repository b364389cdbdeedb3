"""Each agent's window of what it asked in vain, kept as a mark in the store: nothing of it is only in memory."""

from dataclasses import dataclass
from dataclasses import replace as case_with

import msgspec
from msgspec.structs import replace

from firstsight.core.bursts import Burst, BurstRule, Vain, VainWindow
from firstsight.core.case import Case
from firstsight.core.events import Status
from firstsight.core.exceptions import Excepted
from firstsight.core.lens import Lens
from firstsight.core.marks import in_vain_mark
from firstsight.core.reasons import mask_of
from firstsight.ports import Changes, News, Store

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(VainWindow).decode
_NX_BURST = mask_of(["nx_burst"])


@dataclass(frozen=True, slots=True)
class Place:
    """Where news stands towards its agent's bursts.

    Attributes:
        begun: the burst that this event makes one.
        goes_on: it belongs to one that was told before.
    """

    begun: Burst | None = None
    goes_on: bool = False

    def taken_by(self, case: Case) -> Case:
        """The case and its agent's burst. A burst is told once an agent, not once a domain: `told` does not count."""
        if self.begun is not None:
            return case_with(case, burst=self.begun, told=case.told & ~_NX_BURST)
        return case_with(case, in_burst=True) if self.goes_on else case


_OUTSIDE, _GOES_ON = Place(), Place(goes_on=True)


class Bursts:
    """Says of news whether an agent's burst begins with it, or goes on.

    A window is written in the transaction that makes its domain known. So it is exact through crashes: an event that is
    read again is no news, finds itself in the window, or is too late for it.

    Args:
        store: the marks.
        lens: says which domains are popular: these exist, whatever a resolver says.
        rule: what is a burst.
        excepted: the exceptions in force.
    """

    def __init__(self, store: Store, lens: Lens, rule: BurstRule, excepted: Excepted) -> None:
        self._store = store
        self._lens = lens
        self._rule = rule
        self._excepted = excepted

    def take(self, changes: Changes, item: News) -> Place:
        """Count news of a name that doesn't exist; to be called for all news, in order.

        Args:
            changes: what is decided on the batch so far; the agent's window is added to it.
            item: the news.
        """
        if item.event.status is not Status.NXDOMAIN or not self._rule.window:
            return _OUTSIDE
        at, key = item.event.time, in_vain_mark(item.event.agent.key)
        kept = changes.marks.get(key) or self._store.mark(key)
        window = (_decode(kept) if kept else VainWindow()).as_of(at)
        if window.quiet(at, self._rule):
            if not window.held:
                return _GOES_ON
            if self._is_excepted(item):
                return _OUTSIDE  # to a burst that nobody was told of nothing belongs
            window = VainWindow()
        vain = Vain.of(item.name, at) if item.in_vain and not self._lens.is_popular(item.name) else None
        if vain is None:
            return _OUTSIDE
        counted, burst = window.add(vain, self._rule)
        if burst is not None:
            counted = replace(counted, held=self._is_excepted(item))
        if counted is not window:
            changes.marks[key] = _encode(counted).decode()
        return _OUTSIDE if burst is None else Place(begun=burst)

    def _is_excepted(self, item: News) -> bool:
        """Whether a burst of this agent is held back; what was asked for, and by which program, makes no difference."""
        return any(rule.holds("nx_burst") for rule in self._excepted(item.name, item.event.agent.name, ""))
