"""A Wazuh 4.x manager as it is installed: its folder, its version, its users, its own tools."""

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from firstsight.core.errors import InputError
from firstsight.wazuh.setup.ossec_conf import cluster_role
from firstsight.wazuh.setup.tree import File, Folder, Tree

USUAL = Path("/var/ossec")
"""Where Wazuh 4.x is, unless somebody chose another folder."""

CONF = "etc/ossec.conf"
QUEUE = "queue/sockets/queue"
ALERTS = "logs/alerts/alerts.json"

_FIVE = Path("/var/wazuh-manager")
_PATIENCE = 180.0  # seconds for a tool of Wazuh's; `analysisd -t` reads the whole ruleset
_RELOADS = (4, 13)  # from this version on the rules are taken up without a restart
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Manager:
    """A manager.

    Attributes:
        home: its folder, without symbolic links.
        version: such as (4, 14, 7); empty where it does not say.
        root: number of the user whose the folder is, root's in practice.
        wazuh: numbers of the user and the group that Wazuh runs as.
    """

    home: Path
    version: tuple[int, ...]
    root: int
    wazuh: tuple[int, int]

    @property
    def tree(self) -> Tree:
        """Its files."""
        return Tree(self.home)

    @property
    def reloads(self) -> bool:
        """Whether it takes new rules up without a restart."""
        return self.version >= _RELOADS

    def conf_file(self) -> File:
        """Its ossec.conf.

        Raises:
            InputError: there is none, or it can't be read.
        """
        found = self.tree.look(CONF)
        if not isinstance(found, File):
            raise InputError(f"{self.home / CONF} is not there. Is {self.home} the manager's folder?")
        return found

    def conf(self) -> str:
        """The text of its ossec.conf, a character a byte, so that nothing is lost on its way back."""
        return self.conf_file().content.decode("latin-1")

    def is_followed(self, logs: Iterable[Path]) -> bool:
        """Whether its alerts.json is among these logs."""
        return any(log.resolve() == self.home / ALERTS for log in logs)

    def worker(self) -> bool:
        """Whether a master hands the rules to it."""
        return cluster_role(self.conf()) == "worker"

    def words(self) -> str:
        """What it is, in words."""
        version = ".".join(map(str, self.version)) or "of an unknown version"
        role = cluster_role(self.conf())
        return f"Wazuh {version} in {self.home}{f', {role} of a cluster' if role else ''}"

    def run(self, tool: str, *arguments: str) -> tuple[int, str]:
        """Run a tool of `bin/`: its exit status, and what it said.

        Raises:
            InputError: it can't be started, or does not end.
        """
        return _run(self.home, tool, *arguments)


def find(home: Path | None = None) -> Manager:
    """The manager in a folder; None looks where it usually is.

    Raises:
        InputError: there is none, or not one of version 4; the text says what there is.
    """
    folder = home or USUAL
    if home is None and not folder.exists() and _FIVE.exists():
        raise _too_new(_FIVE)
    if folder.exists() and not os.access(folder / "bin", os.X_OK):
        raise InputError(f"{folder} is not open to you. Run this as root (sudo).")
    if not (folder / "bin/wazuh-analysisd").exists():
        what = "a Wazuh agent's, not a manager's" if (folder / "bin/wazuh-agentd").exists() else "no Wazuh manager's"
        raise InputError(f"{folder} is {what}. Run this on the manager; --home names another folder.")
    folder = folder.resolve()
    _, said = _run(folder, "wazuh-control", "info")
    found = _VERSION.search(said)
    version = tuple(map(int, found.groups())) if found else ()
    if version and version[0] != 4:  # noqa: PLR2004  # the one that is known
        raise _too_new(folder)
    sockets = Tree(folder).look("queue/sockets")
    if not isinstance(sockets, Folder):
        raise InputError(f"{folder} has no queue/sockets. Is Wazuh's installation whole? `wazuh-control status` tells.")
    return Manager(folder, version, folder.stat().st_uid, (sockets.uid, sockets.gid))


def _too_new(folder: Path) -> InputError:
    return InputError(
        f"{folder} is not Wazuh 4: its rules, queue and integrations are others, which firstsight does not know."
    )


def _run(home: Path, tool: str, *arguments: str) -> tuple[int, str]:
    command = [str(home / "bin" / tool), *arguments]
    try:
        done = subprocess.run(  # root runs what only root may write
            command,
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE,
            check=False,
        )
    except OSError as error:
        raise InputError(f"{' '.join(command)} can't be run ({error.strerror}). Run this as root.") from error
    except subprocess.TimeoutExpired as error:
        raise InputError(f"{' '.join(command)} did not end within {_PATIENCE:.0f} seconds.") from error
    return done.returncode, done.stdout.decode("utf-8", "replace")
