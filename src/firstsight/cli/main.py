"""The command line: one verb a file; a verb imports what it needs when it runs, so that `--help` is fast."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from firstsight import __version__
from firstsight.cli.options import Config
from firstsight.cli.verbs_accounts import tokens, users
from firstsight.cli.verbs_exception import exceptions
from firstsight.cli.verbs_lists import exports, imports
from firstsight.cli.verbs_privacy import privacy
from firstsight.cli.verbs_service import service, store
from firstsight.cli.verbs_wazuh import wazuh
from firstsight.core.errors import FirstsightError

_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]

app = typer.Typer(
    name="firstsight",
    help="First sight, age, randomness and intelligence of every DNS name your endpoints ask for.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.add_typer(imports, name="import")
app.add_typer(exports, name="export")
app.add_typer(exceptions, name="exception")
app.add_typer(wazuh, name="wazuh")
app.add_typer(store, name="store")
app.add_typer(service, name="service")
app.add_typer(privacy, name="privacy")
app.add_typer(tokens, name="token")
app.add_typer(users, name="user")


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
def forward(
    to: Annotated[str, typer.Option(metavar="URL", help="The service; wins over the node's settings.")] = "",
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="The node's settings, firstsight-node.conf.")
    ] = None,
    home: Annotated[Path, typer.Option(help="The manager's folder.")] = Path("/var/ossec"),
    alerts: Annotated[
        Path | None, typer.Option(help="Log that is followed; the manager's logs/alerts/alerts.json.")
    ] = None,
    queue: Annotated[Path | None, typer.Option(help="The manager's queue socket; its queue/sockets/queue.")] = None,
    state: Annotated[Path, typer.Option(help="Folder that keeps how far was read.")] = Path("/var/lib/firstsight"),
    node: Annotated[str, typer.Option(help="The node's name; the machine's.")] = "",
    token_file: Annotated[Path | None, typer.Option(help="File that holds the service's token.")] = None,
    ca: Annotated[Path | None, typer.Option(help="Certificate authority, PEM; the system's.")] = None,
    start: Annotated[Literal["start", "end"], typer.Option("--from", help="Where to begin at first.")] = "end",
    log: Annotated[Literal["console", "json"], typer.Option(help="How log lines on stderr look.")] = "console",
) -> None:
    """Be a node without the service: follow its alerts, hand DNS queries over, deliver what comes back."""
    from firstsight.cli.forward import run
    from firstsight.settings.node import load_node

    settings = load_node(config, home, url=to, node=node, ca=ca, token_file=token_file)
    alerts, queue = alerts or home / "logs/alerts/alerts.json", queue or home / "queue/sockets/queue"
    raise typer.Exit(run(settings, alerts, queue, state, start=start, form=log))


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


@app.command()
def check(
    names: Annotated[list[str], typer.Argument(help="Names; `-` reads them from standard input, one a line.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    config: Config = None,
) -> None:
    """Tell everything known of names, also while the service runs; exit status 3 where one is no DNS name."""
    from firstsight.cli.check import run

    raise typer.Exit(run(names, config, as_json=as_json))


@app.command()
def forget(
    user: Annotated[
        str | None, typer.Option(help="A user as alerts name it, such as 'CORP\\alice'.", show_default=False)
    ] = None,
    agent: Annotated[str | None, typer.Option(help="An agent's name in Wazuh.", show_default=False)] = None,
    config: Config = None,
) -> None:
    """Erase a user or an agent from all that is kept, also while the service runs; status 1 where none is known."""
    from firstsight.cli.forget import run

    raise typer.Exit(run(user, agent, config))


@app.command()
def audit(
    since: Annotated[
        datetime | None,
        typer.Option(formats=_TIMES, help="Only what was done from then on (UTC).", show_default=False),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_TIMES, help="Only what was done before (UTC).", show_default=False)
    ] = None,
    who: Annotated[str, typer.Option(help="Only deeds of whose name this is a part.", show_default=False)] = "",
    what: Annotated[str, typer.Option(help="Only deeds of this kind.", show_default=False)] = "",
    config: Config = None,
) -> None:
    """Print who did what, a JSON object a line, also while the service runs."""
    from firstsight.cli.audit import run

    raise typer.Exit(run(since, until, who, what, config))


def main() -> None:
    """Entry point: a mistake is one sentence on stderr and exit status 1, never a traceback."""
    try:
        app()
    except FirstsightError as error:
        print(f"firstsight: {error}", file=sys.stderr)
        sys.exit(1)
