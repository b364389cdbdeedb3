"""Alerts and notices into Wazuh 4.x: datagrams to the socket that analysisd reads (`queue/sockets/queue`)."""

from collections.abc import Sequence
from pathlib import Path

import structlog

from firstsight.core.wazuh_event import datagram
from firstsight.ports import Clock, Outgoing, Render
from firstsight.sinks.queue_socket import QueueSocket

_SHORT = 4_000  # bytes tried where the kernel refuses a datagram as too long

_log = structlog.get_logger(__name__)


class WazuhQueue(QueueSocket[Outgoing]):
    """The sink "wazuh" (ports.Sink).

    Args:
        path: the socket.
        clock: the time.
        renders: make the events that an alert is sent as, in this order.
    """

    name = "wazuh"

    def __init__(self, path: Path, clock: Clock, renders: Sequence[Render] = (datagram,)) -> None:
        super().__init__(path, clock, "[wazuh] queue")
        self._renders = tuple(renders)
        self._sent_of_first = 0  # events of the item in front that have been sent: the queue was full after them

    def _deliver(self, item: Outgoing) -> None:
        for render in self._renders[self._sent_of_first :]:
            message = render(item)
            if message is not None:
                self._send(item, message, render)
            self._sent_of_first += 1
        self._sent_of_first = 0

    def _send(self, item: Outgoing, message: bytes, render: Render) -> None:
        """What can't be sent must not hold up the others."""
        if not self._put(message) and not self._put(render(item, limit=_SHORT) or b""):
            _log.error(
                "alert or notice does not fit into a datagram, Wazuh will not see it; raise net.core.wmem_default",
                id=item.id,
                queue=str(self._path),
            )
