"""`firstsight wazuh install` and `uninstall`."""

from pathlib import Path

from firstsight.cli.wazuh_agents import AgentOptions, advice, endpoints
from firstsight.core.errors import InputError
from firstsight.settings import Settings, load
from firstsight.settings.checks import url_of
from firstsight.wazuh.setup.bundle import Bundle
from firstsight.wazuh.setup.carry_out import alone, carry_out, last_words, take_up
from firstsight.wazuh.setup.manager import ALERTS, Manager, find
from firstsight.wazuh.setup.originals import FOLDER, Mode, Originals
from firstsight.wazuh.setup.ossec_conf import has_response
from firstsight.wazuh.setup.plan import Change, Plan, describe, installing, uninstalling


def install(
    home: Path | None,
    mode: Mode | None,
    base: int | None,
    config: Path | None,
    *,
    agents: AgentOptions | None = None,
    dry_run: bool,
    reload: bool,
) -> int:
    """Put firstsight's files into a manager's folder.

    Args:
        home: the manager's folder; None finds it.
        mode: see `installing`; None = as it was installed, or else `follow`.
        base: first id of the block of rules; None = that of the settings.
        config: the settings file.
        agents: what is asked for the endpoints' active response; else it stays as it is installed.
        dry_run: only say what would be done.
        reload: have the manager take it up at once.

    Returns:
        Exit status.

    Raises:
        FirstsightError: it can't be done; nothing is changed then.
    """
    agents = agents or AgentOptions()
    settings = load(config)
    manager = find(home)
    followed = manager.is_followed(source.path for source in settings.sources)
    with alone(manager):
        originals = Originals(manager)
        mode = mode or originals.mode or "follow"
        response = not agents.without and (agents.folder is not None or has_response(manager.conf()))
        plan = installing(
            manager,
            originals,
            mode,
            settings.wazuh.rule_base if base is None else base,
            response=response,
            node_conf=_node_conf(settings),
            followed=followed,
        )
        if mode == "follow" and not followed:
            plan.notes.append(
                f"firstsight's settings don't follow {manager.home / ALERTS}: name it in [[sources]], or run "
                f"`firstsight forward` on this machine."
            )
        files = _files(settings, agents, plan.notes)
        return _carry_out(manager, originals, plan, files, dry_run=dry_run, reload=reload)


def uninstall(home: Path | None, *, dry_run: bool, reload: bool) -> int:
    """Give a manager's folder back as it was before `install`; arguments and errors as there."""
    manager = find(home)
    with alone(manager):
        originals = Originals(manager)
        return _carry_out(manager, originals, uninstalling(manager, originals), None, dry_run=dry_run, reload=reload)


_Files = tuple[Bundle, list[Change]]  # the endpoints' bundle, and what is to be changed in it


def _files(settings: Settings, agents: AgentOptions, notes: list[str]) -> _Files | None:
    """The endpoints' files, where they are asked for."""
    if agents.folder is None:
        return None
    wanted = endpoints(settings, agents)
    bundle = Bundle(agents.folder)
    changes = bundle.changes(wanted)
    notes.extend(advice(settings, wanted))
    if not wanted.token and bundle.lacks_token:
        notes.append(
            f"endpoints need a token of scope intel, and {bundle.folder} has none yet: its README.md says how to make "
            f"one; --token-file puts it there."
        )
    return bundle, changes


def _carry_out(
    manager: Manager, originals: Originals, plan: Plan, files: _Files | None, *, dry_run: bool, reload: bool
) -> int:
    _show(manager, f"{manager.words()}:", plan.changes)
    if files:
        bundle, changes = files
        _show(manager, f"For endpoints, in {bundle.folder}:", changes, bundle.folder)
    for note in plan.notes:
        print(f"  note: {note}")
    if dry_run:
        print("Nothing was changed: that is what --dry-run is for.")
        return 0
    carry_out(manager, originals, plan)
    if plan.changes:
        kept = f" What stood there before is kept in {manager.home / FOLDER}." if plan.mode else ""
        print(f"Done, and Wazuh's own test is passed.{kept}")
        _take_up(manager, take_up(manager, plan), now=reload)
    if files:
        bundle.write(changes)  # last: a manager that refuses leaves no files for endpoints behind
        print(f"What goes to endpoints is in {bundle.folder}; its README.md says how. It is secret.")
    return 0


def _show(manager: Manager, title: str, changes: list[Change], root: Path | None = None) -> None:
    print(title)
    for change in changes:
        print(f"  {describe(manager, change, root)}")
    if not changes:
        print("  nothing to do: all is as it shall be.")


def _take_up(manager: Manager, command: list[str], *, now: bool) -> None:
    words = " ".join([str(manager.home / "bin" / command[0]), *command[1:]])
    if not now:
        print(f"The running manager takes it up with this command:\n  {words}")
        return
    status, said = manager.run(*command)
    if status:
        raise InputError(
            f"The files are in place, but `{words}` ended with status {status}: {last_words(said)}. Run it by hand."
        )
    print(f"The manager has taken it up ({words}).")


def _node_conf(settings: Settings) -> str:
    """The integration script's settings for a service on this machine; empty where they can't be known from here."""
    if not settings.loopback or settings.tls.cert:
        return ""
    return f"url = {url_of(*settings.address, secure=False)}\n"
