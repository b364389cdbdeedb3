"""Alerts into Wazuh 4.x: datagrams to analysisd's queue."""

from pathlib import Path

import structlog

from firstsight.core.alerts import Alert
from firstsight.core.wazuh_event import datagram
from firstsight.ports import Clock
from firstsight.sinks.queue_socket import QueueSocket

_SHORT = 4_000  # bytes tried where the kernel refuses a datagram as too long

_log = structlog.get_logger(__name__)


class WazuhQueue(QueueSocket[Alert]):
    """The sink "wazuh" (ports.Sink)."""

    name = "wazuh"

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(path, clock, "[wazuh] queue")

    def _deliver(self, item: Alert) -> None:
        """An alert that can't be sent must not hold up the others."""
        if not self._put(datagram(item)) and not self._put(datagram(item, limit=_SHORT)):
            _log.error(
                "alert does not fit into a datagram, Wazuh will not see it; raise net.core.wmem_default",
                alert_id=item.id,
                queue=str(self._path),
            )
