"""Alerts into Wazuh 4.x: datagrams to the socket that analysisd reads (`queue/sockets/queue`)."""

import errno
import os
import pwd
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import structlog

from firstsight.core.alerts import Alert
from firstsight.core.wazuh_event import datagram
from firstsight.ports import Clock
from firstsight.sinks.backoff import Backoff

_SUN_PATH = 107  # bytes of a UNIX socket's path on Linux, without the closing NUL (unix(7))
_FULL = {errno.EAGAIN, errno.ENOBUFS}
_FULL_PAUSE = 0.02  # seconds; the kernel's queue holds ten datagrams or so, and analysisd empties it at once
_FULL_TROUBLE = 30.0  # seconds of a full queue until somebody should hear of it
_SHORT = 4_000  # bytes tried where the kernel refuses a datagram as too long

_log = structlog.get_logger(__name__)


class Render(Protocol):
    """Makes the datagram of an alert, of at most so many bytes where that can be."""

    def __call__(self, alert: Alert, *, limit: int = ...) -> bytes:
        """The datagram."""
        ...


class WazuhQueue:
    """The sink "wazuh" (ports.Sink).

    The socket is connected when there is something to send and kept while it works: analysisd makes a new one at each
    start, and the first send to the old one fails. A datagram taken by the kernel counts as delivered: analysisd
    never acknowledges.

    Args:
        path: the socket.
        clock: the time.
        renders: make the events that an alert is sent as, in this order.
    """

    name = "wazuh"

    def __init__(self, path: Path, clock: Clock, renders: Sequence[Render] = (datagram,)) -> None:
        self._path = path
        self._clock = clock
        self._renders = tuple(renders)
        self._sent_of_first = 0  # events of the alert in front that have been sent: the queue was full after them
        self._socket: socket.socket | None = None
        self._backoff = Backoff()
        self._full_since: float | None = None
        self._trouble: str | None = None
        self._unusable = len(os.fsencode(path)) > _SUN_PATH
        if self._unusable:
            self._trouble = (
                f"Wazuh's queue {path} can't be used: a socket's path holds at most {_SUN_PATH} bytes. "
                "Set [wazuh] queue to a shorter path, for example through a symbolic link to its directory."
            )

    def send(self, alerts: Sequence[Alert]) -> int:
        """Deliver from the front until the queue refuses one; 0 at once while it is too early to try again."""
        if not alerts or self._unusable or self._backoff.waiting(self._clock.now()):
            return 0
        delivered = 0
        try:
            for alert in alerts:
                for render in self._renders[self._sent_of_first :]:
                    self._deliver(alert, render)
                    self._sent_of_first += 1
                self._sent_of_first = 0
                delivered += 1
        except OSError as error:
            if delivered:  # it did work a moment ago, so the waits start afresh
                self._worked()
            self._failed(error)
        else:
            self._worked()
        return delivered

    def trouble(self) -> str | None:
        """Why nothing can be delivered, and what to do; None while it works."""
        return self._trouble

    def close(self) -> None:
        """Close the socket; the next send opens a new one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _deliver(self, alert: Alert, render: Render) -> None:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
            self._socket.connect(os.fspath(self._path))
        try:
            self._socket.send(render(alert))
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            self._deliver_short(self._socket, alert, render)

    def _deliver_short(self, connection: socket.socket, alert: Alert, render: Render) -> None:
        """Only where net.core.wmem_default is set very low. An alert that can't be sent must not hold up the others."""
        try:
            connection.send(render(alert, limit=_SHORT))
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            _log.error(
                "alert does not fit into a datagram, Wazuh will not see it; raise net.core.wmem_default",
                alert_id=alert.id,
                queue=str(self._path),
            )

    def _worked(self) -> None:
        self._backoff.worked()
        self._full_since = self._trouble = None

    def _failed(self, error: OSError) -> None:
        now = self._clock.now()
        if error.errno in _FULL:
            self._full(now)
            return
        self.close()
        self._full_since = None
        self._backoff.failed(now)
        self._trouble = f"Wazuh's queue {self._path}: {_advice(error, self._path)}. Alerts wait and are sent later."

    def _full(self, now: float) -> None:
        """A full queue is everyday life under load: the socket stays, and the wait is short."""
        if self._full_since is None or now < self._full_since:
            self._full_since = now
        self._backoff.pause(now, _FULL_PAUSE)
        self._trouble = None
        if now - self._full_since > _FULL_TROUBLE:
            self._trouble = (
                f"Wazuh's queue {self._path} has been full for {now - self._full_since:.0f} s: is wazuh-analysisd "
                "overloaded or stopped? Alerts wait and are sent later."
            )


def _advice(error: OSError, path: Path) -> str:
    match error.errno:
        case errno.ENOENT:
            return "there is no such socket; is wazuh-manager running, and is [wazuh] queue its queue/sockets/queue?"
        case errno.ECONNREFUSED | errno.ECONNRESET | errno.ENOTCONN:
            return "nobody listens on it; is wazuh-manager running?"
        case errno.EACCES | errno.EPERM:
            return f"user {_user()} may not write it; grant it with `setfacl -m u:{_user()}:rw {path}`"
        case errno.EPROTOTYPE:
            return "it is no datagram socket; [wazuh] queue must be the manager's queue/sockets/queue"
        case _:
            return f"{os.strerror(error.errno or 0)}; check [wazuh] queue and the manager"


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
