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
exceptions = typer.Typer(
    help="What raises no alert here, on purpose, with a reason and for a time.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(imports, name="import")
app.add_typer(exceptions, name="exception")
app.add_typer(wazuh, name="wazuh")

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="FIRSTSIGHT_CONFIG", help="Settings file (TOML).", show_default=False),
]

Domain = Annotated[
    str,
    typer.Argument(
        help="example.com: it and all below; *.example.com: all below. May be left out.", show_default=False
    ),
]
Process = Annotated[
    str,
    typer.Option(help="The program's file name or path; * and ? stand for any characters.", show_default=False),
]
Agent = Annotated[str, typer.Option(help="The agent's name, likewise.", show_default=False)]
ReasonCodes = Annotated[
    list[str] | None,
    typer.Option(
        "--scope", help="A reason to hold back, repeatable; else all but known_indicator.", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="As the API tells it.")]


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


@imports.command("popular")
def import_popular(
    source: Annotated[
        str, typer.Argument(metavar="FILE|URL", help="CSV `rank,domain` or `domain` a line; plain, .gz or .zip.")
    ],
    config: Config = None,
) -> None:
    """Take a list of popular domains (Tranco, Umbrella, …); a running service reads it within a minute."""
    from firstsight.cli.import_popular import run

    raise typer.Exit(run(source, config))


@exceptions.command("add")
def exception_add(
    reason: Annotated[str, typer.Option(help="Why, for whoever reads it in a year.", show_default=False)],
    expires: Annotated[
        str, typer.Option(help="A date, an RFC 3339 time, a duration such as 30d, or never.", show_default=False)
    ],
    domain: Domain = "",
    process: Process = "",
    agent: Agent = "",
    scope: ReasonCodes = None,
    author: Annotated[str, typer.Option(help="Who makes it; else whoever runs this.", show_default=False)] = "",
    config: Config = None,
) -> None:
    """Hold back alerts that match all of what is given; at once, also in a running service."""
    from firstsight.cli.exception import add
    from firstsight.cli.reach import Match

    raise typer.Exit(add(Match(domain, process, agent, scope or []), reason, author, expires, config))


@exceptions.command("list")
def exception_list(as_json: AsJson = False, config: Config = None) -> None:
    """Show all exceptions, of the file and made here, expired ones too, and how often each held something back."""
    from firstsight.cli.exception import list_all

    raise typer.Exit(list_all(config, as_json=as_json))


@exceptions.command("remove")
def exception_remove(
    exception_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` tells it.", show_default=False)],
    config: Config = None,
) -> None:
    """End an exception and forget it."""
    from firstsight.cli.exception import remove

    raise typer.Exit(remove(exception_id, config))


@exceptions.command("preview")
def exception_preview(
    domain: Domain = "",
    process: Process = "",
    agent: Agent = "",
    scope: ReasonCodes = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Show what an exception would have held back in the last 30 days, out of the stored alerts; makes none."""
    from firstsight.cli.exception import preview
    from firstsight.cli.reach import Match

    raise typer.Exit(preview(Match(domain, process, agent, scope or []), config, as_json=as_json))


@wazuh.command("rules")
def wazuh_rules(
    base: Annotated[
        int | None,
        typer.Option(
            min=100_000,
            max=999_900,
            help="First rule id of the block of 100; else `[wazuh] rule_base` of the settings, 117000 by default.",
            show_default=False,
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Print the rules for the manager's etc/rules/firstsight_rules.xml."""
    from firstsight.cli.wazuh_rules import run

    raise typer.Exit(run(base, config))


def main() -> None:
    """Entry point: a mistake is one sentence on stderr and exit status 1, never a traceback."""
    try:
        app()
    except FirstsightError as error:
        print(f"firstsight: {error}", file=sys.stderr)
        sys.exit(1)
