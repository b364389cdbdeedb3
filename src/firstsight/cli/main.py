"""The command line: one verb a file; a verb imports what it needs when it runs, so that `--help` is fast."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from firstsight import __version__
from firstsight.cli.accounts import tokens, users
from firstsight.cli.options import Config, DryRun
from firstsight.cli.verbs_wazuh import wazuh
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
exports = typer.Typer(help="Hand lists and histories out.", no_args_is_help=True, rich_markup_mode=None)
exceptions = typer.Typer(
    help="What raises no alert here, on purpose, with a reason and for a time.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
store = typer.Typer(help="Copy, put back and look over what is kept.", no_args_is_help=True, rich_markup_mode=None)
service = typer.Typer(help="The service of this machine, under systemd.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(imports, name="import")
app.add_typer(exports, name="export")
app.add_typer(exceptions, name="exception")
app.add_typer(wazuh, name="wazuh")
app.add_typer(store, name="store")
app.add_typer(service, name="service")
app.add_typer(tokens, name="token")
app.add_typer(users, name="user")

Root = Annotated[Path, typer.Option(help="Where the machine's tree begins, such as an image that is being built.")]

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

    raise typer.Exit(add(Match(domain, process, agent, tuple(scope or ())), reason, author, expires, config))


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

    raise typer.Exit(preview(Match(domain, process, agent, tuple(scope or ())), config, as_json=as_json))


@imports.command("freq")
def import_freq(
    file: Annotated[Path, typer.Argument(help="A .freq file as Domain Stats writes it, such as freqtable2018.freq.")],
    config: Config = None,
) -> None:
    """Take Domain Stats' table of letter pairs: `freq_score` is then the same to the last digit."""
    from firstsight.cli.import_freq import run

    raise typer.Exit(run(file, config))


Day = Annotated[
    str | None,
    typer.Option("--date", help="The list's day, YYYY-MM-DD; else its name or lines tell.", show_default=False),
]


@imports.command("nrd")
def import_nrd(
    file: Annotated[str, typer.Argument(help="File or URL of newly registered domains, a line each; also .gz, .zip.")],
    day: Day = None,
    span: Annotated[int, typer.Option(min=1, max=366, help="Days that the list covers, up to its date.")] = 1,
    config: Config = None,
) -> None:
    """Take a list of newly registered domains; it tells an age where no registry does."""
    from firstsight.cli.import_days import run
    from firstsight.core.evidence import NRD

    raise typer.Exit(run(NRD, file, day, span, config))


@imports.command("isc")
def import_isc(
    file: Annotated[str, typer.Argument(help="SANS ISC's domaindata.json, plain or .gz; a file or its URL.")],
    config: Config = None,
) -> None:
    """Take SANS ISC's list of domains and when it first met them; it tells an age where no registry does."""
    from firstsight.cli.import_days import run
    from firstsight.core.evidence import ISC

    raise typer.Exit(run(ISC, file, None, 1, config))


@imports.command("known-since")
def import_known_since(
    file: Annotated[str, typer.Argument(help="File or URL of domains that were there on a day: an old popular list.")],
    day: Day = None,
    config: Config = None,
) -> None:
    """Take a dated list: its domains are at least as old, whatever a list of new ones says."""
    from firstsight.cli.import_days import run
    from firstsight.core.evidence import KNOWN_SINCE

    raise typer.Exit(run(KNOWN_SINCE, file, day, 1, config))


@imports.command("domain-stats")
def import_domain_stats(
    source: Annotated[str, typer.Argument(help="Address of the old server, or a file of its export (JSON).")],
    config: Config = None,
) -> None:
    """Take the history of a Domain Stats server: its domains are no first contacts again. May be given again."""
    from firstsight.cli.import_domain_stats import run

    raise typer.Exit(run(source, config))


@exports.command("domain-stats")
def export_domain_stats(
    file: Annotated[Path, typer.Argument(help="File that is written.")],
    config: Config = None,
) -> None:
    """Write the domains whose age is known to a file that Domain Stats imports; the service may run meanwhile."""
    from firstsight.cli.export_domain_stats import run

    raise typer.Exit(run(file, config))


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


@app.command()
def audit(
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"],
            help="Only what was done from then on (UTC).",
            show_default=False,
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Print who did what, a JSON object a line, also while the service runs."""
    from firstsight.cli.audit import run

    raise typer.Exit(run(since, config))


def main() -> None:
    """Entry point: a mistake is one sentence on stderr and exit status 1, never a traceback."""
    try:
        app()
    except FirstsightError as error:
        print(f"firstsight: {error}", file=sys.stderr)
        sys.exit(1)
