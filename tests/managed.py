"""A service that delivers into a manager's queue and a file, and the manager's end of that queue."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from running import Client, Process

CONFIG = """
data_dir = "{folder}/data"
http.offline = true
learning.days = 0
wazuh.queue = "{queue}"
alerts.file = "{folder}/alerts.jsonl"
alerts.digest = ""
[[sources]]
path = "{path}"
from = "start"
name = "manager"
"""


class Manager:
    """analysisd's end of the queue: hears everything while it is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[bytes] = []

    @contextlib.contextmanager
    def listening(self, *, here: bool = True) -> Iterator[None]:
        """Be there, or not."""
        if not here:
            yield
            return
        queue = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        queue.bind(str(self.path))
        queue.settimeout(0.05)
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    self.heard.append(queue.recv(65_536))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            queue.setblocking(False)
            with contextlib.suppress(BlockingIOError):  # what the kernel took counts as delivered
                while True:
                    self.heard.append(queue.recv(65_536))
            queue.close()
            self.path.unlink()

    def alerts(self) -> list[dict[str, Any]]:
        """The fields of every datagram."""
        return [json.loads(data[data.index(b":{") + 1 :])["firstsight"] for data in self.heard]


def figure(client: Client, name: str) -> float:
    """One figure of /metrics, without labels."""
    text = client.get("/metrics").body.decode()
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))


def all_is_done(service: Process, lines: int) -> bool:
    """Every line is read, and every alert delivered."""
    client = service.client
    return figure(client, "firstsight_lines_total") >= lines and figure(client, "firstsight_outbox") == 0
