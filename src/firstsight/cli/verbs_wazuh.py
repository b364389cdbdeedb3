"""`firstsight wazuh …`; a verb imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from firstsight.cli.options import Config, DryRun

wazuh = typer.Typer(help="What belongs into Wazuh.", no_args_is_help=True, rich_markup_mode=None)
"""The group."""


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


@wazuh.command("script")
def wazuh_script() -> None:
    """Print the integration script for a node's integrations/custom-firstsight; docs/nodes.md says how it is used."""
    from firstsight.cli.wazuh_script import run

    raise typer.Exit(run())


Home = Annotated[
    Path | None, typer.Option(help="The manager's folder; else /var/ossec is looked at.", show_default=False)
]
Reload = Annotated[bool, typer.Option("--reload", help="Have the manager take it up at once, by reload or restart.")]


@wazuh.command("install")
def wazuh_install(
    home: Home = None,
    mode: Annotated[
        Literal["follow", "integration"] | None,
        typer.Option(
            help="It follows alerts.json, or integratord starts its script; else as installed, `follow` at first.",
            show_default=False,
        ),
    ] = None,
    rule_base: Annotated[
        int | None,
        typer.Option(
            min=100_000,
            max=999_900,
            help="First rule id of the block of 100; else that of the settings.",
            show_default=False,
        ),
    ] = None,
    with_agents: Annotated[
        Path | None,
        typer.Option(
            help="Have endpoints ask threat intelligence, and write the files for them into this folder.",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    without_agents: Annotated[
        bool, typer.Option("--without-agents", help="Have them ask no more; else it stays as it is installed.")
    ] = False,
    service_url: Annotated[
        str,
        typer.Option(help="Where endpoints reach the service, https://HOST:PORT; else by the settings' [tls]."),
    ] = "",
    ca: Annotated[
        Path | None,
        typer.Option(help="Certificate of the authority that signed the service's, where it is your own; PEM."),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="File of a token of scope intel, for endpoints.", show_default=False)
    ] = None,
    dry_run: DryRun = False,
    reload: Reload = False,
    config: Config = None,
) -> None:
    """Put rules (and the integration) into a Wazuh 4 manager, test them, or leave all as it was; may be run again."""
    from firstsight.cli.wazuh_agents import AgentOptions
    from firstsight.cli.wazuh_install import install

    agents = AgentOptions(with_agents, service_url, ca, token_file, without=without_agents)
    raise typer.Exit(install(home, mode, rule_base, config, agents=agents, dry_run=dry_run, reload=reload))


@wazuh.command("uninstall")
def wazuh_uninstall(home: Home = None, dry_run: DryRun = False, reload: Reload = False) -> None:
    """Give the manager's folder back as it was before `install`, byte for byte."""
    from firstsight.cli.wazuh_install import uninstall

    raise typer.Exit(uninstall(home, dry_run=dry_run, reload=reload))


@wazuh.command("check")
def wazuh_check(
    home: Home = None,
    fire: Annotated[
        bool, typer.Option("--fire", help="Send a marked DNS query through the whole chain; it raises one alert.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File of a token of scope read; where the service wants one.", show_default=False),
    ] = None,
    config: Config = None,
) -> None:
    """Look over the manager, the service and the roads between, with what mends each; status 1 where one is wrong."""
    from firstsight.cli.wazuh_check import run

    raise typer.Exit(run(home, config, token_file, fire=fire, as_json=as_json))


@wazuh.command("dashboards")
def wazuh_dashboards(
    folder: Annotated[Path, typer.Argument(help="Folder that the files are written to.")],
) -> None:
    """Write dashboards that the Wazuh dashboard imports: firstsight's own events, and Domain Stats'."""
    from firstsight.cli.wazuh_dashboards import run

    raise typer.Exit(run(folder))
