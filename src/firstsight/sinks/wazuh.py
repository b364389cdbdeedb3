"""Alerts and notices into Wazuh 4.x: datagrams to the socket that analysisd reads (`queue/sockets/queue`)."""

from pathlib import Path

import structlog

from firstsight.core.wazuh_event import datagram
from firstsight.ports import Clock, Outgoing
from firstsight.sinks.queue_socket import QueueSocket

_SHORT = 4_000  # bytes tried where the kernel refuses a datagram as too long

_log = structlog.get_logger(__name__)


class WazuhQueue(QueueSocket[Outgoing]):
    """The sink "wazuh" (ports.Sink)."""

    name = "wazuh"

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(path, clock, "[wazuh] queue")

    def _deliver(self, item: Outgoing) -> None:
        """What can't be sent must not hold up the others."""
        if not self._put(datagram(item)) and not self._put(datagram(item, limit=_SHORT)):
            _log.error(
                "alert or notice does not fit into a datagram, Wazuh will not see it; raise net.core.wmem_default",
                id=item.id,
                queue=str(self._path),
            )
