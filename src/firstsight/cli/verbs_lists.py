"""`firstsight import …` and `firstsight export …`; a verb imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from firstsight.cli.options import Config

imports = typer.Typer(help="Take lists and histories in.", no_args_is_help=True, rich_markup_mode=None)
exports = typer.Typer(help="Hand lists and histories out.", no_args_is_help=True, rich_markup_mode=None)

Day = Annotated[
    str | None,
    typer.Option("--date", help="The list's day, YYYY-MM-DD; else its name or lines tell.", show_default=False),
]


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


@imports.command("freq")
def import_freq(
    file: Annotated[Path, typer.Argument(help="A .freq file as Domain Stats writes it, such as freqtable2018.freq.")],
    config: Config = None,
) -> None:
    """Take Domain Stats' table of letter pairs: `freq_score` is then the same to the last digit."""
    from firstsight.cli.import_freq import run

    raise typer.Exit(run(file, config))


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
