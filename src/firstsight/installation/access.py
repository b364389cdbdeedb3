"""Access to Wazuh's logs and to its queue, by ACLs: acl(5), setfacl(1).

Not by the group wazuh: its members can read the agents' keys and write rules and active responses. Wazuh makes a new
dated file each day and a new socket at each start: what they inherit is the folder's default ACL. A file's own mode
(0640, 0660) is then the mask, so they are never open to more than the mode says.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from firstsight.installation.host import Host
from firstsight.installation.needs import Needs

_ANYONE_MAY_PASS = 0o001
_AT_ONCE = 500  # paths a command


def grant(host: Host, needs: Needs, user: str) -> None:
    """Let a user read the logs, and write to the queue's socket.

    Args:
        host: the machine.
        needs: logs and socket.
        user: its name, or its number where the machine is a tree.

    Raises:
        InputError: setfacl is not there, or refuses.
    """
    read = [folder for folder in needs.read if _there(host, folder)]
    sockets = [] if needs.queue is None or not _there(host, needs.queue.parent) else [needs.queue.parent]
    for folder in _closed_above(host, read + sockets):
        host.run("setfacl", "-m", f"u:{user}:x", folder)
    for folder in read:
        host.run("setfacl", "-R", "-P", "-m", f"u:{user}:rX,d:u:{user}:rX", host.at(folder))
    for folder in sockets:
        host.run("setfacl", "-m", f"u:{user}:x,d:u:{user}:rw", host.at(folder))
    if needs.queue is not None and host.at(needs.queue).is_socket():  # else the manager's next start makes it
        host.run("setfacl", "-m", f"u:{user}:rw", host.at(needs.queue))


def revoke(host: Host, folder: Path, user: int) -> None:
    """Take a user's entries away from a folder, all that is in it, and the folders above.

    Owner, group and mode of everything stay as they are.

    Args:
        host: the machine.
        folder: one that was granted.
        user: the user's number.

    Raises:
        InputError: getfacl or setfacl is not there, or refuses.
    """
    target = host.at(folder)
    if not target.is_dir():
        return
    listed = host.ask("getfacl", "-R", "-P", "-p", "-n", "-s", target)
    above = [host.at(parent) for parent in folder.parents if parent != Path("/")]
    listed += host.ask("getfacl", "-p", "-n", "-s", *above) if above else ""
    alike: dict[tuple[str, ...], list[Path]] = {}
    for acl in _parsed(listed):
        alike.setdefault(_stripping(acl, user), []).append(acl.path)
    for options, paths in alike.items():
        if options:
            _strip(host, options, paths)


@dataclass(slots=True)
class _Acl:
    """Who is named beside owner, group and others: in the ACL itself, and in the default one."""

    path: Path
    own: set[str] = field(default_factory=set)
    default: set[str] = field(default_factory=set)


def _parsed(listed: str) -> Iterator[_Acl]:
    """What `getfacl -n -p` prints: a block a file, `# file: PATH`, then entries such as `default:user:998:r-x`."""
    acl: _Acl | None = None
    for line in listed.splitlines():
        if line.startswith("# file: "):
            if acl is not None:
                yield acl
            acl = _Acl(Path(_unescaped(line.removeprefix("# file: "))))
        elif acl is not None and line and not line.startswith("#"):
            entry = line.partition("\t")[0]
            names = acl.default if entry.startswith("default:") else acl.own
            kind, name, _ = entry.removeprefix("default:").split(":", 2)
            if name:
                names.add(f"{kind}:{name}")
    if acl is not None:
        yield acl


def _unescaped(path: str) -> str:
    """getfacl writes some characters of a name as a backslash and three octal digits."""
    return path.encode("latin-1", "backslashreplace").decode("unicode_escape") if "\\" in path else path


def _stripping(acl: _Acl, user: int) -> tuple[str, ...]:
    """Options of setfacl that take the user's entries away; empty where there are none."""
    entry = f"user:{user}"
    options: tuple[str, ...] = ()
    if entry in acl.own:
        # Without its mask an ACL is the plain mode again; it may only go with the last that is named.
        options += ("-x", f"u:{user},m" if acl.own == {entry} else f"u:{user}")
    if entry in acl.default:
        options += ("-k",) if acl.default == {entry} else ("-x", f"d:u:{user}")
    return options


def _strip(host: Host, options: tuple[str, ...], paths: list[Path]) -> None:
    for first in range(0, len(paths), _AT_ONCE):
        some = [path for path in paths[first : first + _AT_ONCE] if path.exists()]  # Wazuh packs and removes meanwhile
        if not some:
            continue
        modes = [path.lstat().st_mode for path in some]
        said = " ".join(["setfacl", *options, "--", str(some[0]), *([f"… {len(some)} in all"] if some[1:] else [])])
        host.run("setfacl", *options, "--", *some, said=said)
        if not host.dry:
            # The mask was what a mode shows for the group; without it an entry that the group inherited would show.
            for path, mode in zip(some, modes, strict=True):
                _restore(path, stat.S_IMODE(mode))


def _restore(path: Path, mode: int) -> None:
    """Give a file its mode. A link that Wazuh's user put in its place meanwhile leads root nowhere."""
    try:
        held = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISLNK(os.fstat(held).st_mode):
            Path(f"/proc/self/fd/{held}").chmod(mode)
    finally:
        os.close(held)


def _closed_above(host: Host, folders: list[Path]) -> list[Path]:
    """The folders on the way to these that not anyone may pass, from the top down."""
    above = [host.at(parent) for folder in folders for parent in reversed(folder.parents) if parent != Path("/")]
    there = [parent for parent in dict.fromkeys(above) if parent.is_dir()]
    return [parent for parent in there if not parent.stat().st_mode & _ANYONE_MAY_PASS]


def _there(host: Host, folder: Path) -> bool:
    if host.at(folder).is_dir():
        return True
    host.say(f"missing  {folder}: once it is there (is Wazuh installed?), run this again")
    return False
