"""`firstsight token …` and `firstsight user …`; a verb imports what it needs when it runs."""

from typing import Annotated, Literal

import typer

from firstsight.cli.options import Config

tokens = typer.Typer(help="Programs that may ask.", no_args_is_help=True, rich_markup_mode=None)
users = typer.Typer(help="People who may log in.", no_args_is_help=True, rich_markup_mode=None)


@tokens.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="Whose it is; the log and the trail name it.")],
    scopes: Annotated[str, typer.Option(help="read, intel, ingest, review, admin; with commas.")],
    until: Annotated[str, typer.Option(metavar="DATE", help="When it ends: a date or a time; `-` for never.")] = "-",
    config: Config = None,
) -> None:
    """Make a token and print it, this once; only its hash is kept. The service may run."""
    from firstsight.cli.tokens import add

    raise typer.Exit(add(name, scopes, until, config))


@tokens.command("list")
def token_list(config: Config = None) -> None:
    """List the tokens of the store: scopes, end, last use."""
    from firstsight.cli.tokens import listed

    raise typer.Exit(listed(config))


@tokens.command("revoke")
def token_revoke(name: Annotated[str, typer.Argument(help="Its name.")], config: Config = None) -> None:
    """Have a token refused, at once."""
    from firstsight.cli.tokens import revoke

    raise typer.Exit(revoke(name, config))


@users.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="The name to log in with.")],
    role: Annotated[
        Literal["viewer", "analyst", "admin"],
        typer.Option(help="viewer reads, analyst also reviews, admin may do everything."),
    ] = "viewer",
    config: Config = None,
) -> None:
    """Let a person log in; the password is asked for, or read from standard input. The service may run."""
    from firstsight.cli.users import add

    raise typer.Exit(add(name, role, config))


@users.command("list")
def user_list(config: Config = None) -> None:
    """List who may log in: role, last login."""
    from firstsight.cli.users import listed

    raise typer.Exit(listed(config))


@users.command("role")
def user_role(
    name: Annotated[str, typer.Argument(help="The name.")],
    role: Annotated[Literal["viewer", "analyst", "admin"], typer.Argument(help="What they are here for from now on.")],
    config: Config = None,
) -> None:
    """Give a person another role, and log them out everywhere."""
    from firstsight.cli.users import change_role

    raise typer.Exit(change_role(name, role, config))


@users.command("remove")
def user_remove(name: Annotated[str, typer.Argument(help="The name.")], config: Config = None) -> None:
    """Let a person in no more, and log them out everywhere, at once."""
    from firstsight.cli.users import remove

    raise typer.Exit(remove(name, config))


@users.command("passwd")
def user_passwd(name: Annotated[str, typer.Argument(help="The name.")], config: Config = None) -> None:
    """Give a person a new password, and log them out everywhere."""
    from firstsight.cli.users import passwd

    raise typer.Exit(passwd(name, config))
