"""The end of the way: a datagram socket that is emptied, as analysisd does; a process of its own.

`python -m bench.drain SOCKET OUT` runs until it gets the datagram `end`; then OUT holds one line a datagram: when it
came (CLOCK_MONOTONIC, seconds) and the domain it speaks of.
"""

import contextlib
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import processes
from bench.plan import CHECKOUT

_KEY = b'"domain":"'


def main(path: str, out: str) -> None:
    """Empty the socket, as fast as it goes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as queue:
        queue.bind(path)
        came: list[tuple[float, bytes]] = []
        note, receive, now = came.append, queue.recv, time.monotonic
        while (datagram := receive(65536)) != b"end":
            note((now(), datagram))
    with Path(out).open("w") as file:
        for at, datagram in came:
            name = datagram.partition(_KEY)[2].partition(b'"')[0].decode()
            file.write(f"{at:.6f} {name}\n")
        file.write("end\n")


class Drain:
    """A socket that is being emptied."""

    def __init__(self, path: Path, out: Path) -> None:
        self.path = path
        self._out = out
        self._came: list[tuple[float, str]] | None = None

    def came(self) -> list[tuple[float, str]]:
        """End it; what came, in order."""
        if self._came is None:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as queue:
                queue.connect(str(self.path))
                queue.send(b"end")
            until = time.perf_counter() + 30
            while not self._out.exists() or not self._out.read_text().endswith("end\n"):
                if time.perf_counter() > until:
                    raise processes.Trouble("The bench's own socket did not end; nothing came through it.")
                time.sleep(0.01)
            lines = (line.split(" ") for line in self._out.read_text().splitlines()[:-1])
            self._came = [(float(at), name) for at, name in lines]
        return self._came


@contextlib.contextmanager
def drain(folder: Path, out: Path) -> Iterator[Drain]:
    """A socket `queue` in a folder, emptied by a process of its own while the block lasts."""
    path = folder / "queue"
    path.unlink(missing_ok=True)
    out.unlink(missing_ok=True)
    log = out.with_suffix(".log")
    with processes.process([sys.executable, "-m", "bench.drain", path, out], log, folder=CHECKOUT):
        until = time.perf_counter() + 10
        while not path.exists():
            if time.perf_counter() > until:
                raise processes.Trouble(f"No socket could be made at {path}:\n{log.read_text()}")
            time.sleep(0.005)
        yield Drain(path, out)
    path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
