"""`firstsight service install` and `service uninstall`."""

import os
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firstsight.core.errors import InputError
from firstsight.installation import service
from firstsight.installation.host import Host
from firstsight.installation.needs import LOW_PORT, SETTINGS, STATE, Needs, first_settings
from firstsight.settings import Settings, load


@contextmanager
def _explained() -> Iterator[None]:
    """A file of the machine that can't be looked at, or changed, in a sentence."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{error.filename or 'A file of the machine'} can't be read or written ({error.strerror}). See that the "
            f"disk is neither full nor read-only, and run this again as root (sudo): what was done so far is not done "
            f"twice."
        ) from error


@_explained()
def install(root: Path, home: Path, *, dry: bool) -> int:
    """Put the service on the machine.

    Args:
        root: where the machine's tree begins.
        home: the Wazuh manager's folder.
        dry: only say what would be done.

    Raises:
        FirstsightError: who asks is not root, the settings can't be used, or a step failed.
    """
    host = _host(root, dry=dry)
    program = Path(sys.executable).with_name("firstsight")
    if host.this:
        service.reachable(program, Path(sys.base_prefix))
    begun = first_settings(home)
    service.write_settings(host, begun)
    written = host.at(SETTINGS)
    settings = load(written) if written.exists() else Settings.model_validate(tomllib.loads(begun))
    service.install(host, program, _needs(settings, home))
    return 0


@_explained()
def uninstall(root: Path, *, purge: bool, dry: bool) -> int:
    """Take the service off the machine.

    Args:
        root: where the machine's tree begins.
        purge: also what it has learnt.
        dry: only say what would be done.

    Raises:
        FirstsightError: as above.
    """
    host = _host(root, dry=dry)
    written = host.at(SETTINGS)
    settings = load(written) if written.exists() else Settings(data_dir=STATE)
    service.uninstall(host, settings.data_dir, purge=purge)
    if purge and not settings.store_path.is_relative_to(settings.data_dir):
        host.say(f"kept     {settings.store_path}: it lies outside {settings.data_dir}")
    return 0


def _host(root: Path, *, dry: bool) -> Host:
    if os.geteuid() and not dry:
        raise InputError("This makes a user, a unit and ACLs: run it as root (sudo), or look at it with --dry-run.")
    root = root.resolve()
    systemd = root == Path("/") and Path("/run/systemd/system").is_dir()
    return Host(root, dry=dry, systemd=systemd, say=print)


def _needs(settings: Settings, home: Path) -> Needs:
    folders = [settings.store_path.parent, *([Path(settings.alerts.file).parent] if settings.alerts.file else [])]
    addresses = [settings.address, *([settings.old_clients_address] if settings.old_clients_address else [])]
    return Needs(
        home=home,
        sources=tuple(source.path for source in settings.sources),
        queue=Path(settings.wazuh.queue) if settings.wazuh.queue else None,
        state=settings.data_dir,
        writable=tuple(folder for folder in dict.fromkeys(folders) if not folder.is_relative_to(settings.data_dir)),
        low_port=any(port < LOW_PORT for _, port in addresses),
    )
