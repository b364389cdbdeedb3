"""A manager's folder (WAZUH_HOME) for tests of what runs on a node: its queue is read, its integration script called
as integratord does it.

    with NodeHome() as home:
        home.configure(url=central.url)
        assert home.integrate(dns_alert("a.example")).status == 0
        eventually(lambda: home.received())
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import firstsight.wazuh
from firstsight.core.wazuh_event import INTEGRATION
from running import COMMAND, PATIENCE, environment
from script_modules import module_of

SCRIPT = Path(firstsight.wazuh.__file__).with_name("custom-firstsight")


def script_module() -> Any:
    """The script as a module."""
    return module_of(SCRIPT)


@dataclass(frozen=True)
class Ended:
    """A script's run. `output` ends where nobody holds the pipe any more: integratord waits for that."""

    status: int
    output: str


class NodeHome:
    """The folder; see the module."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="fs"))  # tmp_path may be too long for a socket
        for folder in ("etc", "integrations", "queue/sockets", "queue/firstsight", "tmp"):
            (self.path / folder).mkdir(parents=True)
        shutil.copy(SCRIPT, self.path / "integrations")
        self.queue = self.path / "queue/sockets/queue"
        self.spool = self.path / "queue/firstsight"
        self.disk_full = False  # scripts can open files, and write nothing to them
        self._received: list[bytes] = []
        self._reading: tuple[socket.socket, threading.Thread] | None = None
        self._count = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.end()
        shutil.rmtree(self.path)

    # -- analysisd -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """analysisd listens."""
        reader = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.queue.unlink(missing_ok=True)
        reader.bind(str(self.queue))

        def read() -> None:
            while message := reader.recv(65_535):
                self._received.append(message)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        self._reading = reader, thread

    def stop(self) -> None:
        """analysisd is gone; its socket's name stays."""
        if self._reading is not None:
            reader, thread = self._reading
            self._reading = None
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.connect(str(self.queue))
                out.send(b"")  # the last one
            thread.join(PATIENCE)
            reader.close()

    def datagrams(self) -> list[bytes]:
        """All so far, in order."""
        return list(self._received)

    def received(self) -> list[dict[str, Any]]:
        """Our fields of each datagram so far."""
        return [json.loads(message[message.index(b":{") + 1 :])[INTEGRATION] for message in self.datagrams()]

    def queries(self) -> list[str]:
        """What the alerts so far are about."""
        return [fields["query"] for fields in self.received() if "error" not in fields]

    def errors(self) -> list[str]:
        """The errors so far."""
        return [fields["error"] for fields in self.received() if "error" in fields]

    # -- the integration -------------------------------------------------------------------------------------------

    def configure(self, **keys: object) -> None:
        """Write etc/firstsight-node.conf."""
        lines = [f"{key} = {value}" for key, value in {"node": "node-1", **keys}.items()]
        (self.path / "etc/firstsight-node.conf").write_text("\n".join(["# of a test", "", *lines, ""]))

    def integrate(self, line: bytes) -> Ended:
        """What integratord does with an alert."""
        script, path = self.begin(line)
        output, _ = script.communicate(timeout=PATIENCE)
        path.unlink()
        return Ended(script.returncode, output.decode())

    def begin(self, line: bytes) -> "tuple[subprocess.Popen[bytes], Path]":
        """Only start it: for several at once."""
        self._count += 1
        path = self.path / "tmp" / f"custom-firstsight-1785407472-{self._count}.alert"
        path.write_bytes(line + b"\n")
        return self.call(str(path)), path

    def call(
        self, path: str, more: Sequence[str] = ("", "", "", "", "10", "3", "> /dev/null 2>&1")
    ) -> "subprocess.Popen[bytes]":
        """The script with its arguments, in the manager's folder, without input and without a terminal."""
        full = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh"] if self.disk_full else []
        return subprocess.Popen(
            [*full, sys.executable, "-IS", "integrations/custom-firstsight", path, *more],
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @contextlib.contextmanager
    def forwarding(self) -> "Iterator[subprocess.Popen[bytes]]":
        """`firstsight forward` on this node; killed at the end."""
        conf, state = str(self.path / "etc/firstsight-node.conf"), str(self.path / "state")
        options = ["--config", conf, "--home", str(self.path), "--state", state, "--from", "start", "--log", "json"]
        with (self.path / "stderr").open("ab") as stderr:
            process = subprocess.Popen([*COMMAND, "forward", *options], stderr=stderr, env=environment())
        try:
            yield process
        finally:
            process.kill()
            process.wait(PATIENCE)

    def told(self) -> list[str]:
        """What it has logged, by event."""
        return [json.loads(line)["event"] for line in (self.path / "stderr").read_text().splitlines()]

    def quiet(self) -> bool:
        """Whether a try has failed lately."""
        return (self.spool / "quiet").exists()

    def half_a_minute_later(self) -> None:
        """The time without another try is over."""
        stamp = self.spool / "quiet"
        with contextlib.suppress(FileNotFoundError):  # it is over already
            os.utime(stamp, (stamp.stat().st_mtime - 31,) * 2)

    def waiting(self) -> int:
        """Bytes in the spool."""
        return sum(path.stat().st_size for path in self.spool.glob("*ing") if path.name in {"incoming", "outgoing"})

    def children(self) -> list[int]:
        """Processes that live in this folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").readlink() == self.path:
                    found.append(int(process.name))
        return found

    def end(self) -> None:
        """Kill them."""
        for process in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, 9)
