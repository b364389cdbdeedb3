"""What an installation changes: worked out before anything is touched, shown by `--dry-run`, then carried out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from firstsight.core.errors import InputError
from firstsight.wazuh.rules import FILE_NAME, render
from firstsight.wazuh.ruletable import rules
from firstsight.wazuh.setup import ossec_conf
from firstsight.wazuh.setup.manager import ALERTS, CONF, USUAL, Manager
from firstsight.wazuh.setup.originals import Mode, Originals
from firstsight.wazuh.setup.rule_ids import conflict, rules_of
from firstsight.wazuh.setup.tree import File, Folder, State

RULES = f"etc/rules/{FILE_NAME}"
SCRIPT = f"integrations/{ossec_conf.SCRIPT_NAME}"
SPOOL = "queue/firstsight"
NODE_CONF = "etc/firstsight-node.conf"
PATHS = (SPOOL, NODE_CONF, SCRIPT, RULES, CONF)
"""All that may be changed, in the order in which it is put there: ossec.conf names what must be there already."""

WAITING = ("incoming", "outgoing")
"""Files of the spool in which alerts wait, as the script names them."""

_HEADS = {RULES: b"<!-- firstsight for Wazuh", SCRIPT: b"Hands Sysmon's DNS queries over to firstsight"}
_HEAD_BYTES = 400  # in which these stand


@dataclass(frozen=True, slots=True)
class Change:
    """One path: what is there, what shall be there, and why, in words."""

    path: str
    was: State
    becomes: State
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        mode: how it will be installed; None where all is taken away.
        changes: in order.
        dropped: paths that stand as they stood before us, then.
        rule_ids: ids of the rules that are put there.
        notes: what else a person should know of.
    """

    mode: Mode | None
    changes: list[Change] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    rule_ids: frozenset[int] = frozenset()
    notes: list[str] = field(default_factory=list)


def script(manager: Manager) -> bytes:
    """The integration script, run by this manager's own Python."""
    text = resources.files("firstsight.wazuh").joinpath(ossec_conf.SCRIPT_NAME).read_bytes()
    return text.replace(b"#!" + bytes(USUAL), b"#!" + bytes(manager.home), 1)


def installing(
    manager: Manager,
    originals: Originals,
    mode: Mode,
    base: int,
    *,
    response: bool = False,
    node_conf: str = "",
    followed: bool = False,
) -> Plan:
    """What makes a manager work with firstsight.

    Args:
        manager: the manager.
        originals: what was there before us.
        mode: how queries come to firstsight.
        base: first id of the block of rules.
        response: ossec.conf calls the endpoints' active response.
        node_conf: the script's settings, put there where there are none; empty: they must be there.
        followed: firstsight's own settings follow this manager's alerts.json.

    Raises:
        InputError: something stands in the way; nothing is to be done then.
    """
    text = manager.conf()
    _refuse_two_roads(manager, mode, text, followed=followed)
    if response and ossec_conf.foreign_response(text):
        raise InputError(
            f"{manager.home / CONF} has a <command> of the active response that this verb did not write. Take it out, "
            f"with its <active-response>, and run this again: what is needed is written anew."
        )
    if ossec_conf.excludes_ours(text):
        raise InputError(
            f"{manager.home / CONF} loads no rules from etc/rules, or excludes {FILE_NAME}: no alert of firstsight's "
            f"would be seen. Add <rule_dir>etc/rules</rule_dir> to <ruleset>, or take the <rule_exclude> out."
        )
    if problem := conflict(rules_of(manager.home, text), base):
        raise InputError(f"{problem} Nothing was written.")
    plan = Plan(mode, rule_ids=frozenset(rule.id for rule in rules(base)))
    wanted = _wanted(manager, originals, mode, base, node_conf, response=response)
    if RULES not in wanted:
        plan.notes.append("The master hands the rules to this worker: install there too, and they come by themselves.")
    for path in PATHS:
        if path in wanted:
            _refuse_foreign(manager, originals, path, wanted[path][0])
            plan.changes.extend(_difference(manager, path, *wanted[path]))
        elif path in originals.paths:
            plan.changes.extend(_restored(manager, originals, path, plan.notes))
            plan.dropped.append(path)
    return plan


def uninstalling(manager: Manager, originals: Originals) -> Plan:
    """What gives a manager back as it was.

    Raises:
        InputError: something of ours was changed by somebody since.
    """
    plan = Plan(None)
    without = _conf(manager, ossec_conf.without_block(manager.conf()))
    plan.changes.extend(_difference(manager, CONF, without, "without firstsight's part"))
    for path in reversed(PATHS):
        if path != CONF and path in originals.paths:
            plan.changes.extend(_restored(manager, originals, path, plan.notes))
    if not originals.paths:
        plan.notes.extend(
            f"{manager.home / path} was not put there by this verb, and stays."
            for path in _HEADS
            if manager.tree.look(path) is not None
        )
    return plan


def describe(manager: Manager, change: Change, root: Path | None = None) -> str:
    """A change in a line: what, where (below `root`, else the manager's folder), whose, why."""
    where, after = (root or manager.home) / change.path, change.becomes
    if after is None:
        return f"remove  {where}"
    names = {manager.root: "root", manager.wazuh[0]: "wazuh"}
    owner = f"{names.get(after.uid, after.uid)}:{'wazuh' if after.gid == manager.wazuh[1] else after.gid}"
    verb = "write " if change.was is None else "change"
    return f"{verb}  {where} ({owner} {after.mode:04o}): {change.why}"


def _wanted(
    manager: Manager, originals: Originals, mode: Mode, base: int, node_conf: str, *, response: bool
) -> dict[str, tuple[File | Folder, str]]:
    """What shall stand at each path that is ours, and why; owners and modes as docs/install-wazuh.md has them."""
    user, group = manager.wazuh
    wanted: dict[str, tuple[File | Folder, str]] = {}
    if not manager.worker():
        wanted[RULES] = File(render(base).encode(), 0o660, user, group), f"{len(rules(base))} rules from id {base} on"
    if mode == "integration":
        wanted[SPOOL] = Folder(0o750, user, group), "where alerts wait for firstsight"
        wanted[SCRIPT] = File(script(manager), 0o750, manager.root, group), "what integratord starts"
        if node := _node_conf(manager, originals, node_conf):
            wanted[NODE_CONF] = node, "how the script reaches firstsight"
    integration = mode == "integration"
    text = ossec_conf.with_block(manager.conf(), integration=integration, response=response)
    wanted[CONF] = _conf(manager, text), _our_part(integration=integration, response=response)
    return wanted


def _our_part(*, integration: bool, response: bool) -> str:
    """What ossec.conf has of ours, in words."""
    parts = [*(["an <integration>"] if integration else []), *(["the active response"] if response else [])]
    return f"{' and '.join(parts)} at its end" if parts else "without firstsight's part"


def _conf(manager: Manager, text: str) -> File:
    """ossec.conf with another text."""
    conf = manager.conf_file()
    return File(text.encode("latin-1"), conf.mode, conf.uid, conf.gid)


def _refuse_two_roads(manager: Manager, mode: Mode, text: str, *, followed: bool) -> None:
    """One road a node: with two, one of them is always the one that nobody looks after."""
    if followed and mode == "integration":
        raise InputError(
            f"firstsight's settings follow {manager.home / ALERTS} already, and an <integration> beside that would "
            f"hand each query over twice. Take --mode follow; or take the [[sources]] out first."
        )
    if ossec_conf.foreign_integration(text):
        raise InputError(
            f"{manager.home / CONF} has an <integration> named {ossec_conf.SCRIPT_NAME} that this verb did not write. "
            f"Take that block out, and run this again: --mode integration writes it anew, and --mode follow needs none."
        )


def _node_conf(manager: Manager, originals: Originals, content: str) -> File | None:
    """The script's settings; None where an administrator's are there, which stay."""
    found = manager.tree.look(NODE_CONF)
    if found is not None and not originals.ours(NODE_CONF, found):
        return None
    if not content and found is None:
        raise InputError(
            f"{manager.home / NODE_CONF} is not there, and the script needs it: `url = https://HOST:5730`, "
            f"`token_file` and `ca` (docs/nodes.md). Write it, and run this again."
        )
    if not content and isinstance(found, File):
        return found
    return File(content.encode(), 0o640, manager.root, manager.wazuh[1])


def _refuse_foreign(manager: Manager, originals: Originals, path: str, becomes: File | Folder) -> None:
    """What somebody else has put, or changed, where we want to write."""
    found = manager.tree.look(path)
    where = manager.home / path
    if found is None:
        return
    if type(found) is not type(becomes):
        what = "a folder" if isinstance(found, Folder) else "a file"
        raise InputError(f"{where} is {what}. Move it away, and run this again.")
    if path not in _HEADS or not isinstance(found, File):
        return
    if path in originals.paths:
        if not originals.ours(path, found):
            raise _changed(manager, path)
    elif _HEADS[path] not in found.content[:_HEAD_BYTES]:
        raise InputError(f"{where} is there already, and not firstsight's. Move it away, and run this again.")


def _changed(manager: Manager, path: str) -> InputError:
    advice = "Own rules belong into local_rules.xml" if path == RULES else "Its settings belong into " + NODE_CONF
    return InputError(
        f"{manager.home / path} was changed by somebody since firstsight wrote it, and that would be lost. {advice}; "
        f"take what you need out of it, remove the file, and run this again."
    )


def _restored(manager: Manager, originals: Originals, path: str, notes: list[str]) -> Iterator[Change]:
    """Bring a path back to what stood there before us."""
    found, before = manager.tree.look(path), originals.before(path)
    if path == SPOOL and before is None and isinstance(found, Folder):
        yield from _spool_emptied(manager, notes)
        return
    if not originals.ours(path, found):
        if path != NODE_CONF:
            raise _changed(manager, path)
        notes.append(f"{manager.home / path} was changed since it was written, and stays.")
        return
    yield from _difference(manager, path, before, "as it was")


def _spool_emptied(manager: Manager, notes: list[str]) -> Iterator[Change]:
    """Take the spool away, unless alerts wait in it."""
    tree, names = manager.tree, manager.tree.names(SPOOL)
    if any((manager.home / SPOOL / name).lstat().st_size for name in names if name in WAITING):
        notes.append(
            f"{manager.home / SPOOL} holds alerts that firstsight has not got, and stays. They stand in alerts.json "
            f"too; remove it when they are of no use."
        )
        return
    for path in (*(f"{SPOOL}/{name}" for name in names), SPOOL):
        yield Change(path, tree.look(path), None, "")


def _difference(manager: Manager, path: str, becomes: State, why: str) -> Iterator[Change]:
    was = manager.tree.look(path)
    if was != becomes:
        yield Change(path, was, becomes, why)
