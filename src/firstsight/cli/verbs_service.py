"""`firstsight service …` and `firstsight store …`; a verb imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from firstsight.cli.options import Config, DryRun

store = typer.Typer(help="Copy, put back and look over what is kept.", no_args_is_help=True, rich_markup_mode=None)
service = typer.Typer(help="The service of this machine, under systemd.", no_args_is_help=True, rich_markup_mode=None)

Root = Annotated[Path, typer.Option(help="Where the machine's tree begins, such as an image that is being built.")]


@store.command("backup")
def store_backup(
    file: Annotated[
        Path | None,
        typer.Argument(help="The copy; else one named by the time, in `backups` beside the store.", show_default=False),
    ] = None,
    config: Config = None,
) -> None:
    """Copy the store, also while the service runs; the copy is checked before it gets its name."""
    from firstsight.cli.store import backup

    raise typer.Exit(backup(file, config))


@store.command("restore")
def store_restore(
    file: Annotated[Path, typer.Argument(help="A copy made by `store backup`.")], config: Config = None
) -> None:
    """Put a copy in the store's place; the service must be stopped, and the store that is there is kept aside."""
    from firstsight.cli.store import restore

    raise typer.Exit(restore(file, config))


@store.command("check")
def store_check(config: Config = None) -> None:
    """Look the whole store over, also while the service runs; exit status 1 where something is wrong."""
    from firstsight.cli.store import check

    raise typer.Exit(check(config))


@service.command("install")
def service_install(
    home: Annotated[Path, typer.Option(help="The Wazuh manager's folder.")] = Path("/var/ossec"),
    root: Root = Path("/"),
    dry_run: DryRun = False,
) -> None:
    """Make user, settings, access to Wazuh and a sandboxed unit, and start it; as root, and again after a change.

    Settings that are there (/etc/firstsight/firstsight.toml) stay, and say what the unit may reach.
    """
    from firstsight.cli.service import install

    raise typer.Exit(install(root, home, dry=dry_run))


@service.command("uninstall")
def service_uninstall(
    purge: Annotated[bool, typer.Option("--purge", help="Also settings, user, and all that was seen.")] = False,
    root: Root = Path("/"),
    dry_run: DryRun = False,
) -> None:
    """Stop the service, and take away its unit and its access to Wazuh; what was seen stays."""
    from firstsight.cli.service import uninstall

    raise typer.Exit(uninstall(root, purge=purge, dry=dry_run))
