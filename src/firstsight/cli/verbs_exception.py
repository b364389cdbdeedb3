"""`firstsight exception …`; a verb imports what it needs when it runs."""

from typing import Annotated

import typer

from firstsight.cli.options import Config

exceptions = typer.Typer(
    help="What raises no alert here, on purpose, with a reason and for a time.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

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
    on_behalf_of: Annotated[
        str,
        typer.Option(help="For whom; kept beside whoever runs this, who is its author.", show_default=False),
    ] = "",
    author: Annotated[str, typer.Option(hidden=True)] = "",  # as --on-behalf-of was called before
    config: Config = None,
) -> None:
    """Hold back alerts that match all of what is given; at once, also in a running service."""
    from firstsight.cli.exception import add
    from firstsight.cli.reach import Match

    raise typer.Exit(
        add(Match(domain, process, agent, tuple(scope or ())), reason, on_behalf_of or author, expires, config)
    )


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
