"""Put the service on a machine, and take it off again."""

from pathlib import Path

from firstsight.core.errors import InputError
from firstsight.installation import access, unit
from firstsight.installation.host import Host
from firstsight.installation.needs import SETTINGS, USER, Needs

_SHELL = "/usr/sbin/nologin"
_HIDDEN = tuple(map(Path, ("/home", "/root", "/run/user", "/tmp", "/var/tmp")))  # noqa: S108  # the unit hides them


def reachable(program: Path, python: Path) -> None:
    """Whether the service's user can run the program.

    Args:
        program: the `firstsight` that is to be run.
        python: the folder of the interpreter that runs it.

    Raises:
        InputError: it can't, and what to do instead.
    """
    for path in (program, python):
        real = path.resolve()
        hidden = [folder for folder in _HIDDEN if real.is_relative_to(folder)]
        closed = [folder for folder in real.parents if folder.exists() and not folder.stat().st_mode & 0o001]
        if not path.exists() or hidden or closed:
            why = f"{(hidden or closed)[0]} is closed to it" if hidden or closed else "it is not there"
            raise InputError(
                f"The service's user could not run {path}: {why}. Install firstsight where everyone may read, such as "
                f"/opt/firstsight (docs/install-service.md), and run that one's `service install`."
            )


def write_settings(host: Host, text: str) -> None:
    """Settings for a machine that has none; those that are there stay."""
    if not host.at(SETTINGS).exists():
        host.write(SETTINGS, text, mode=0o600)


def install(host: Host, program: Path, needs: Needs) -> None:
    """User, folders, access, unit; then start it, or restart it where the unit changed. Done twice, it changes nothing.

    Args:
        host: the machine.
        program: the `firstsight` that is run.
        needs: what it must reach.

    Raises:
        InputError: a step failed; those before it stand, and the next run goes on from there.
    """
    _not_of_others(host, needs.state)
    owner, group = _user(host, needs.state)
    host.folder(SETTINGS.parent, mode=0o750, owner=0, group=group)
    host.own(SETTINGS, mode=0o640, group=group)
    host.folder(needs.state, mode=0o700, owner=owner, group=group)
    for folder in needs.writable:
        if not host.at(folder).is_dir():  # one that is there belongs to somebody
            host.folder(folder, mode=0o750, owner=owner, group=group)
    for folder in set(_granted(host)) - set(unit.folders(needs)):
        access.revoke(host, folder, owner)
    access.grant(host, needs, USER if host.this or host.ids(USER) is None else str(owner))
    changed = host.write(unit.PATH, unit.render(program, needs), mode=0o644)
    _start(host, changed=changed)


def uninstall(host: Host, state: Path, *, purge: bool) -> None:
    """Stop it and take away its unit and its access to Wazuh.

    Args:
        host: the machine.
        state: where state is kept.
        purge: remove settings, state and the user too; without it they stay, as what was seen can't be had again.

    Raises:
        InputError: a step failed; those before it stand, and the next run goes on from there.
    """
    there = host.at(unit.PATH).exists()
    if there:
        _systemctl(host, "disable", *(["--now"] if host.systemd else []), unit.NAME)
    ids = host.ids(USER)
    if ids is not None:
        for folder in _granted(host):
            access.revoke(host, folder, ids[0])
    if host.remove(unit.PATH) and host.systemd:
        host.run("systemctl", "daemon-reload")
    if purge:
        _not_of_others(host, state)
    else:
        host.say(f"kept     {SETTINGS.parent}, {state} and the user {USER} that owns it; --purge removes them")
        return
    host.remove(SETTINGS.parent)
    host.remove(state)
    if ids is not None:
        host.run("userdel", *_prefix(host), USER)
        if host.has_group(USER):  # userdel leaves it where login.defs does not say USERGROUPS_ENAB
            host.run("groupdel", *_prefix(host), USER)


def _not_of_others(host: Host, state: Path) -> None:
    """Refuse a folder that holds something of others: its mode would be changed, or all that is in it removed."""
    folder, ids = host.at(state), host.ids(USER)
    if folder.is_dir() and any(folder.iterdir()) and (ids is None or folder.stat().st_uid != ids[0]):
        raise InputError(
            f"{folder} is not empty, and does not belong to {USER}. If it is firstsight's, give it to it (`chown -R "
            f"{USER}: {folder}`) and run this again; else name a folder of its own as `data_dir`."
        )


def _user(host: Host, home: Path) -> tuple[int, int]:
    """The user's and the group's number; made where there is none."""
    if host.ids(USER) is None:
        options = ["--system", "--user-group", "--home-dir", str(home), "--no-create-home", "--shell", _SHELL]
        host.run("useradd", *_prefix(host), *options, USER)
    ids = host.ids(USER)
    if ids is None and not host.dry:
        raise InputError(
            f"useradd made no user {USER} in {host.at(Path('/etc/passwd'))}. Make one (a system user without a login) "
            f"and run this again."
        )
    return ids or (0, 0)


def _granted(host: Host) -> tuple[Path, ...]:
    """What the unit that stands says was granted."""
    written = host.at(unit.PATH)
    return unit.folders_of(written.read_text("utf-8")) if written.exists() else ()


def _start(host: Host, *, changed: bool) -> None:
    if host.systemd and changed:
        host.run("systemctl", "daemon-reload")
    _systemctl(host, "enable", unit.NAME)
    if host.systemd:
        host.run("systemctl", "restart" if changed else "start", unit.NAME)
    else:
        host.say("         systemd does not run here: it starts with the machine")


def _systemctl(host: Host, *words: str) -> None:
    host.run("systemctl", *([] if host.systemd else [f"--root={host.root}"]), *words)


def _prefix(host: Host) -> list[str]:
    return [] if host.this else ["--prefix", str(host.root)]
