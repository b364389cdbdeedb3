"""The command line: one verb a file; a verb imports what it needs when it runs, so that `--help` is fast."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from firstsight import __version__
from firstsight.core.errors import FirstsightError

app = typer.Typer(
    name="firstsight",
    help="First sight, age, randomness and intelligence of every DNS name your endpoints ask for.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
imports = typer.Typer(help="Take lists and histories in.", no_args_is_help=True, rich_markup_mode=None)
wazuh = typer.Typer(help="What belongs into Wazuh.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(imports, name="import")
app.add_typer(wazuh, name="wazuh")

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="FIRSTSIGHT_CONFIG", help="Settings file (TOML).", show_default=False),
]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"firstsight {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass


@app.command()
def serve(config: Config = None) -> None:
    """Run the service: sources, alerts and the HTTP side in one process."""
    from firstsight.cli.serve import run

    raise typer.Exit(run(config))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its files; emptied first.")] = Path("demo-data"),
    leave: Annotated[
        bool, typer.Option("--exit", help="End after the summary instead of leaving the service up.")
    ] = False,
) -> None:
    """Play a small company's DNS through the service, with a registry on this machine, and show its alerts."""
    from firstsight.cli.demo import run

    raise typer.Exit(run(folder, leave=leave))


@app.command()
def train(
    file: Annotated[
        Path | None, typer.Argument(help="Ordinary names of this site, one a line; without it: the store's.")
    ] = None,
    agents: Annotated[int, typer.Option(min=1, help="A domain of the store is ordinary when so many asked,")] = 3,
    days: Annotated[int, typer.Option(min=0, help="and when it was first seen so many days ago.")] = 30,
    reset: Annotated[bool, typer.Option("--reset", help="Forget what was learnt.")] = False,
    config: Config = None,
) -> None:
    """Teach the randomness model this site's own ordinary names; shows what it changes.

    The store is read while no service runs on it; with a file the service may run.
    """
    from firstsight.cli.train import run

    raise typer.Exit(run(file, config, agents=agents, days=days, reset=reset))


@imports.command("popular")
def import_popular(
    file: Annotated[Path, typer.Argument(help="CSV `rank,domain` or `domain` a line; plain or .gz.")],
    config: Config = None,
) -> None:
    """Take a list of popular domains (Tranco, Umbrella, …); a running service reads it within a minute."""
    from firstsight.cli.import_popular import run

    raise typer.Exit(run(file, config))


@wazuh.command("rules")
def wazuh_rules(
    base: Annotated[int, typer.Option(min=1, max=999_900, help="First rule id of the block of 100.")] = 117000,
) -> None:
    """Print the rules for the manager's etc/rules/firstsight_rules.xml."""
    from firstsight.cli.wazuh_rules import run

    raise typer.Exit(run(base))


def main() -> None:
    """Entry point: a mistake is one sentence on stderr and exit status 1, never a traceback."""
    try:
        app()
    except FirstsightError as error:
        print(f"firstsight: {error}", file=sys.stderr)
        sys.exit(1)
