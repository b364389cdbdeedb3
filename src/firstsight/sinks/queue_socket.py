"""Datagrams to the socket that Wazuh 4.x's analysisd reads (`queue/sockets/queue`)."""

import errno
import os
import pwd
import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

from firstsight.ports import Clock
from firstsight.sinks.backoff import Backoff

_SUN_PATH = 107  # bytes of a UNIX socket's path on Linux, without the closing NUL (unix(7))
_FULL = {errno.EAGAIN, errno.ENOBUFS}
_FULL_PAUSE = 0.02  # seconds; the kernel's queue holds ten datagrams or so, and analysisd empties it at once
_FULL_TROUBLE = 30.0  # seconds of a full queue until somebody should hear of it


Item = TypeVar("Item")


class QueueSocket(ABC, Generic[Item]):
    """The way into analysisd, for items that a subclass makes datagrams of.

    The socket is connected when there is something to send and kept while it works: analysisd makes a new one at each
    start, and the first send to the old one fails. A datagram taken by the kernel counts as delivered: analysisd
    never acknowledges.

    Args:
        path: the socket.
        clock: the time, for waiting.
        setting: where the path was set, for the operator.
    """

    def __init__(self, path: Path, clock: Clock, setting: str) -> None:
        self._path = path
        self._clock = clock
        self._setting = setting
        self._socket: socket.socket | None = None
        self._backoff = Backoff()
        self._full_since: float | None = None
        self._trouble: str | None = None
        self._unusable = len(os.fsencode(path)) > _SUN_PATH
        if self._unusable:
            self._trouble = (
                f"Wazuh's queue {self._path} can't be used: a socket's path holds at most {_SUN_PATH} bytes. "
                f"Set {setting} to a shorter path, for example through a symbolic link to its directory."
            )

    @abstractmethod
    def _deliver(self, item: Item) -> None:
        """Send one item with `_put`; OSError where the queue refuses it for now."""

    def send(self, items: Sequence[Item]) -> int:
        """Deliver from the front until the queue refuses one; 0 at once while it is too early to try again."""
        if not items or self._unusable or self._backoff.waiting(self._clock.now()):
            return 0
        delivered = 0
        try:
            for item in items:
                self._deliver(item)
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

    def _put(self, datagram: bytes) -> bool:
        """Send a datagram; False where the kernel takes it for too long: net.core.wmem_default is set very low."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
            self._socket.connect(os.fspath(self._path))
        try:
            self._socket.send(datagram)
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            return False
        return True

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
        self._trouble = (
            f"Wazuh's queue {self._path}: {_advice(error, self._path, self._setting)}. Alerts wait and are sent later."
        )

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


def _advice(error: OSError, path: Path, setting: str) -> str:
    match error.errno:
        case errno.ENOENT:
            return f"there is no such socket; is wazuh-manager running, and is {setting} its queue/sockets/queue?"
        case errno.ECONNREFUSED | errno.ECONNRESET | errno.ENOTCONN:
            return "nobody listens on it; is wazuh-manager running?"
        case errno.EACCES | errno.EPERM:
            return f"user {_user()} may not write it; grant it with `setfacl -m u:{_user()}:rw {path}`"
        case errno.EPROTOTYPE:
            return f"it is no datagram socket; {setting} must be the manager's queue/sockets/queue"
        case _:
            return f"{os.strerror(error.errno or 0)}; check {setting} and the manager"


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
