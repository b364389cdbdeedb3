"""The tree of a machine with a Wazuh manager on it, for what is installed there; root is needed, as for the real one.

with machine_tree() as tree:
    tree.host()                                 # what installation takes
    tree.new_day()                              # analysisd opens the next day's file, as its own user would
    tree.may(1234, "cat", tree.alerts)          # whether a user may
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstsight.installation.host import Host

WAZUH = Path("/var/ossec")
_CLOSED = ("logs", "logs/alerts", "logs/alerts/2026", "logs/alerts/2026/Nov", "queue", "queue/sockets", "etc")

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setfacl") is None, reason="makes users and ACLs: root, and package acl"
)


class MachineTree:
    """A folder that holds what of a machine matters here, with owners and modes as Wazuh 4.14 makes them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said: list[str] = []
        self.alerts = root / "var/ossec/logs/alerts/alerts.json"
        self.sockets = root / "var/ossec/queue/sockets"
        self.keys = root / "var/ossec/etc/client.keys"
        (root / "etc").mkdir()
        for name in ("passwd", "group", "shadow", "gshadow"):
            (root / "etc" / name).touch()
        home = root / "var/ossec"
        home.mkdir(parents=True)
        home.chmod(0o750)
        for folder in _CLOSED:
            (home / folder).mkdir()
            (home / folder).chmod(0o750)
        self._listener: socket.socket | None = None
        _written(self.keys, "001 a any secret\n")
        self.new_day(24)
        self.start_manager()

    def new_day(self, day: int) -> None:
        """analysisd opens a dated file, and links the fixed name to it."""
        dated = self.alerts.parent / f"2026/Nov/ossec-alerts-{day}.json"
        _written(dated, "{}\n")
        self.alerts.unlink(missing_ok=True)
        self.alerts.hardlink_to(dated)

    def start_manager(self) -> None:
        """analysisd makes its socket anew."""
        self.stop_manager()
        path = self.sockets / "queue"
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._listener.bind(str(path))
        path.chmod(0o660)

    def stop_manager(self) -> None:
        """Its socket stays, and nobody listens."""
        if self._listener is not None:
            self._listener.close()

    def host(self, *, dry: bool = False) -> Host:
        """The machine, as installation sees it."""
        return Host(self.root, dry=dry, systemd=False, say=self.said.append)

    def user(self) -> int:
        """The number of the user firstsight."""
        ids = self.host().ids("firstsight")
        assert ids is not None
        return ids[0]

    def may(self, user: int, *command: str | Path) -> bool:
        """Whether a user without any group succeeds with a command."""
        done = subprocess.run(
            list(map(str, command)),
            user=user,
            group=user,
            extra_groups=[],
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode == 0

    def state(self) -> dict[str, str]:
        """Owner, mode, ACL and content of all of Wazuh."""
        listed = subprocess.run(
            ["getfacl", "-R", "-n", "-p", self.root / "var/ossec"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        blocks = {block.splitlines()[0]: block for block in listed.stdout.strip().split("\n\n")}
        files = (path for path in (self.root / "var/ossec").rglob("*") if path.is_file())
        return blocks | {str(path): f"{path.stat().st_mode:o} {path.read_text('utf-8')}" for path in files}


@contextlib.contextmanager
def machine_tree() -> Iterator[MachineTree]:
    """A tree that every user can reach, unlike pytest's own folders."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        tree = MachineTree(Path(folder))
        try:
            yield tree
        finally:
            tree.stop_manager()


def _written(path: Path, text: str) -> None:
    """A file as a daemon opens it: with its mode from the start, which is where a default ACL has its say."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
