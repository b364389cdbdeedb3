"""What is common to all that is sent into the queue; waits and troubles are tested with alerts (test_wazuh_sink)."""

import socket
from pathlib import Path

from alert_samples import FakeClock
from firstsight.sinks.queue_socket import QueueSocket
from manager_queue import Manager


class Texts(QueueSocket[str]):
    """Sends texts, and drops those that are too long."""

    def _deliver(self, item: str) -> None:
        self._put(item.encode())


def test_what_is_too_long_holds_up_nobody(manager: Manager) -> None:
    manager.start()
    queue = Texts(manager.path, FakeClock(), "--queue")
    assert queue.send(["a"]) == 1
    assert queue._socket
    queue._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # the kernel's minimum, about 4.5 kB
    assert queue.send(["b" * 50_000, "c"]) == 2
    assert manager.read() == [b"a", b"c"]
    queue.close()


def test_trouble_names_the_setting_that_can_mend_it(manager: Manager) -> None:
    queue = Texts(manager.path, FakeClock(), "--queue")
    assert queue.send(["a"]) == 0
    assert "is --queue its queue/sockets/queue?" in (queue.trouble() or "")
    assert "Set --queue to a shorter path" in (Texts(Path("/" + "x" * 200), FakeClock(), "--queue").trouble() or "")
