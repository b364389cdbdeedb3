"""What the service must reach on its machine, as its settings say; and the settings that a new one begins with."""

import json
from dataclasses import dataclass
from pathlib import Path

USER = "firstsight"
"""The system user, and its group, that the service runs as."""

SETTINGS = Path("/etc/firstsight/firstsight.toml")
STATE = Path("/var/lib/firstsight")

LOW_PORT = 1024
"""Ports below it are a privilege."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the service must reach.

    Attributes:
        home: the Wazuh manager's folder; all of it that is not named below is hidden from the service.
        sources: logs that are followed.
        queue: the socket that alerts go to; None = none.
        state: where state is kept.
        writable: further folders that it writes to.
        low_port: whether it listens on a port that is a privilege.
    """

    home: Path
    sources: tuple[Path, ...]
    queue: Path | None
    state: Path
    writable: tuple[Path, ...] = ()
    low_port: bool = False

    @property
    def read(self) -> tuple[Path, ...]:
        """Folders of logs: their files are followed through rotations, which happen beside them."""
        return tuple(dict.fromkeys(source.parent for source in self.sources))


def first_settings(home: Path) -> str:
    """Settings for a service beside a Wazuh manager, TOML.

    Args:
        home: the manager's folder.
    """
    return f"""\
# What firstsight does. Every key: docs/settings.md. After a change: firstsight service install, which grants what it
# needs and restarts it.
data_dir = {json.dumps(str(STATE))}

[[sources]]
path = {json.dumps(str(home / "logs/alerts/alerts.json"))}
from = "start"                              # take today's alerts in too

[wazuh]
queue = {json.dumps(str(home / "queue/sockets/queue"))}

[names]
internal = []                               # your own domains: never asked outside, never alerted
"""
