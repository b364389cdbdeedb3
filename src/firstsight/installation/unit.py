"""The systemd unit: what runs, and a sandbox that leaves it what it needs. Directives: systemd.exec(5)."""

import re
from pathlib import Path

from firstsight.installation.needs import SETTINGS, USER, Needs

NAME = "firstsight.service"
PATH = Path("/etc/systemd/system") / NAME

_BOUND = re.compile(r"^BindReadOnlyPaths=-(.+)$", re.MULTILINE)


def render(program: Path, needs: Needs) -> str:
    """The unit file.

    Type=exec: the start counts once the program runs; `/readyz` says whether it records. A reload opens files and
    sockets anew; settings are read at the start only. Rights of Wazuh's files that Wazuh changes later are no reason
    not to start, hence the `-` before a path.

    Args:
        program: the `firstsight` that is run.
        needs: what it must reach.
    """
    capability = "CAP_NET_BIND_SERVICE" if needs.low_port else ""
    bound = "".join(f"BindReadOnlyPaths=-{_path(folder)}\n" for folder in folders(needs))
    beside = any(folder.is_relative_to(needs.home) for folder in folders(needs))
    hidden = f"TemporaryFileSystem={_path(needs.home)}:ro\n" if beside else ""
    writable = "".join(f"ReadWritePaths={_path(folder)}\n" for folder in (needs.state, *needs.writable))
    return f"""\
# Made by `firstsight service install` out of {SETTINGS}, which writes it anew.
# Changes of your own belong into `systemctl edit {NAME.removesuffix(".service")}`.
[Unit]
Description=firstsight: first sight of every DNS name that endpoints ask for
Wants=network-online.target
After=network-online.target wazuh-manager.service

[Service]
Type=exec
User={USER}
Group={USER}
ExecStart={_path(program)} serve --config {SETTINGS}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
UMask=0077

# Files: everything is read-only but what is named, and of Wazuh only what is named is there.
ProtectSystem=strict
ProtectHome=tmpfs
PrivateTmp=yes
{hidden}{bound}{writable}
# Rights
NoNewPrivileges=yes
CapabilityBoundingSet={capability}
AmbientCapabilities={capability}
RestrictSUIDSGID=yes
RemoveIPC=yes
KeyringMode=private

# The kernel
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def folders(needs: Needs) -> tuple[Path, ...]:
    """Folders of others that the service reaches into: logs, and the one of the queue's socket.

    The socket's folder, not the socket: analysisd makes a new one at each start.
    """
    sockets = () if needs.queue is None else (needs.queue.parent,)
    return tuple(dict.fromkeys((*needs.read, *sockets)))


def folders_of(unit: str) -> tuple[Path, ...]:
    """The same, of a unit that was written before."""
    return tuple(Path(text.replace("%%", "%").replace("\\x20", " ")) for text in _BOUND.findall(unit))


def _path(path: Path) -> str:
    """A path as a unit takes it: `%` begins a specifier, a blank ends the word."""
    return str(path).replace("%", "%%").replace(" ", "\\x20")
