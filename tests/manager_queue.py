"""The end of Wazuh's queue that analysisd holds: started, stopped, and read at the test's pace."""

import socket
from pathlib import Path


class Manager:
    """analysisd at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket: socket.socket | None = None

    def start(self, kind: socket.SocketKind = socket.SOCK_DGRAM) -> None:
        self.path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, kind)
        self._socket.bind(str(self.path))
        if kind == socket.SOCK_STREAM:
            self._socket.listen()
        self._socket.setblocking(False)

    def stop(self) -> None:
        """Like a stopped analysisd: nobody reads, and the socket's name stays."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def read(self) -> list[bytes]:
        assert self._socket
        taken = []
        while True:
            try:
                taken.append(self._socket.recv(65_535))
            except BlockingIOError:
                return taken
