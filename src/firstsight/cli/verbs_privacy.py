"""`firstsight privacy …`; a verb imports what it needs when it runs."""

import typer

from firstsight.cli.options import Config

privacy = typer.Typer(help="What becomes of people's names.", no_args_is_help=True, rich_markup_mode=None)


@privacy.command("status")
def status(config: Config = None) -> None:
    """Tell whether names, pseudonyms or neither are kept, and what is stored; also while the service runs."""
    from firstsight.cli.privacy import status as run

    raise typer.Exit(run(config))


@privacy.command("apply")
def apply(config: Config = None) -> None:
    """Take people's names away from what is stored, as [privacy] users says; also while the service runs.

    It goes in small steps, and on where it was cut short. Names that are taken away don't come back.
    """
    from firstsight.cli.privacy import apply as run

    raise typer.Exit(run(config))


@privacy.command("pseudonym")
def pseudonym(config: Config = None) -> None:
    """Print the pseudonym of each user (as alerts name them) that is read from standard input, one a line.

    For whoever may read the key: to find somebody's alerts, or to forget them.
    """
    from firstsight.cli.privacy import pseudonym as run

    raise typer.Exit(run(config))
