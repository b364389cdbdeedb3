"""The stage: a folder laid out as a Wazuh manager's, written to as analysisd writes."""

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from firstsight.core.errors import InputError

_MARK = ".firstsight-demo"
_SUN_PATH = 100  # a Unix socket's path may have 107 bytes


class Stage:
    """A manager's folder.

    Args:
        folder: made, or emptied where an earlier demo made it; another folder is refused.

    Raises:
        InputError: the folder holds something else.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._alerts = self.folder / "wazuh" / "logs" / "alerts"
        try:
            if self.folder.exists() and any(self.folder.iterdir()) and not (self.folder / _MARK).exists():
                raise InputError(f"{folder} holds something that is not a demo's. Name another --folder, or empty it.")
            shutil.rmtree(self.folder, ignore_errors=True)
            self._alerts.mkdir(parents=True)
            (self.folder / _MARK).touch()
        except OSError as error:
            raise InputError(f"{folder} can't be a demo's folder ({error.strerror}). Name another --folder.") from error
        self.alerts_json = self._alerts / "alerts.json"
        self.queue = self._queue_path()
        self._current: Path | None = None

    def _queue_path(self) -> Path:
        path = self.folder / "wazuh" / "queue" / "sockets" / "queue"
        if len(os.fsencode(path)) > _SUN_PATH:
            return Path(tempfile.mkdtemp(prefix="firstsight-demo-")) / "queue"
        path.parent.mkdir(parents=True)
        return path

    def write(self, at: float, lines: bytes) -> None:
        """Append to the file of a day; another day than before is a day change, as analysisd makes it.

        Args:
            at: seconds since the epoch; its day counts, UTC.
            lines: whole lines.
        """
        day = datetime.fromtimestamp(at, UTC)
        dated = self._alerts / day.strftime("%Y/%b") / f"ossec-alerts-{day:%d}.json"
        if dated != self._current:
            dated.parent.mkdir(parents=True, exist_ok=True)
            dated.touch()
            self.alerts_json.unlink(missing_ok=True)
            os.link(dated, self.alerts_json)
            self._current = dated
        with dated.open("ab") as out:
            out.write(lines)

    def play_queue(self, heard: Callable[[bytes], None]) -> Callable[[], None]:
        """Stand in for analysisd's queue socket.

        Args:
            heard: called with each datagram.

        Returns:
            What ends it.
        """
        queue = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        queue.setblocking(False)
        queue.bind(str(self.queue))
        loop = asyncio.get_running_loop()
        loop.add_reader(queue, lambda: heard(queue.recv(65_536)))

        def close() -> None:
            loop.remove_reader(queue)
            queue.close()
            self.queue.unlink(missing_ok=True)

        return close
