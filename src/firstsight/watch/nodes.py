"""What nodes of a cluster collect: alerts of their own events, as datagrams for their own queue."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from firstsight.core.nodes import kept_by
from firstsight.core.wazuh_event import datagram
from firstsight.ports import Clock, Outgoing, Render, Store

_MOST = 100  # datagrams a collection
_MOST_BYTES = 1 << 20
_CURSOR = re.compile(r"([1-9][0-9]{0,2})-[0-9a-f]{32}")
_PATIENCE = 15 * 60.0  # seconds that an alert lies there until somebody should hear of it
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Collected:
    """What a node is to deliver now.

    Attributes:
        datagrams: for its queue, in order.
        pending: what may still come soon: cases that wait with a deadline, and alerts beyond these.
        cursor: acknowledges these datagrams; empty where there are none.
    """

    datagrams: list[str]
    pending: int
    cursor: str


class Nodes:
    """The way out through nodes: at least once, in order, and never through another node.

    Args:
        store: holds an outbox a node.
        clock: the time.
        renders: make the events that an alert is delivered as, in this order.
    """

    def __init__(self, store: Store, clock: Clock, renders: Sequence[Render] = (datagram,)) -> None:
        self._store = store
        self._clock = clock
        self._renders = tuple(renders)

    def acknowledge(self, node: str, cursor: str) -> None:
        """Take what a node has delivered out of its outbox.

        A cursor says how many alerts it stands for, and digests their ids. It counts only while the outbox begins
        with exactly these: an old one, another node's, or one from before a backup was put back acknowledges nothing.

        Raises:
            StoreError: the store can't be read.
        """
        shape = _CURSOR.fullmatch(cursor)
        if shape is None:
            return
        delivered = self._store.unsent(kept_by(node), int(shape[1]))
        if delivered and cursor == _cursor(node, [alert for _, alert in delivered]):
            self._store.sent(kept_by(node), delivered[-1][0])

    def collect(self, node: str) -> Collected:
        """The next alerts of a node's events; they come again until they are acknowledged.

        Raises:
            StoreError: the store can't be read.
        """
        outbox = kept_by(node)
        alerts: list[Outgoing] = []
        datagrams: list[str] = []
        room = _MOST_BYTES
        for _, alert in self._store.unsent(outbox, _MOST):
            messages = [message for render in self._renders if (message := render(alert)) is not None]
            room -= sum(map(len, messages))
            if room < 0:
                break
            alerts.append(alert)
            datagrams += [message.decode() for message in messages]
        beyond = self._store.waiting(outbox) - len(alerts)
        return Collected(datagrams, self._store.awaited(node) + beyond, _cursor(node, alerts) if alerts else "")

    def trouble(self) -> list[str]:
        """A sentence for each node that leaves its alerts lying.

        Raises:
            StoreError: the store can't be read.
        """
        now = self._clock.now()
        return [
            f"Node {waiting.node} has not collected {waiting.alerts:,} of its alerts, the oldest for "
            f"{(now - waiting.since) / 60:,.0f} minutes: does its hand-over (integration script or `firstsight "
            f"forward`) run, and can it write its Wazuh's queue? They wait, and are delivered in order."
            for waiting in self._store.uncollected(_MOST_TOLD)
            if now - waiting.since >= _PATIENCE
        ]


def _cursor(node: str, alerts: Sequence[Outgoing]) -> str:
    digest = blake2b("\0".join([node, *(alert.id for alert in alerts)]).encode(), digest_size=16)
    return f"{len(alerts)}-{digest.hexdigest()}"
