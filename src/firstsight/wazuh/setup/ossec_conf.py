"""What stands in a manager's ossec.conf, and our block in it. Text in, text out; nothing else of it is touched.

The file is no XML document: it may have several `<ossec_config>` roots, raw `&`, and odd indentation, and Wazuh's own
reader (`src/os_xml`) takes all that. So it is searched, not parsed. Later values win over earlier ones.
"""

import re
from textwrap import indent

from firstsight.core.errors import InputError
from firstsight.wazuh.active_response.parts import COMMANDS, manager_block
from firstsight.wazuh.rules import FILE_NAME

SCRIPT_NAME = "custom-firstsight"
"""The integration's name, and its script's."""

_BEGIN = "<!-- firstsight: begin"
_END = "<!-- firstsight: end -->"
_BLOCK = re.compile(rf"{re.escape(_BEGIN)}.*?{re.escape(_END)}(?:\r?\n)?", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_INTEGRATION = f"""\
<integration>
  <name>{SCRIPT_NAME}</name>
  <group>sysmon_event_22</group>
  <alert_format>json</alert_format>
</integration>
"""


def with_block(text: str, *, integration: bool = False, response: bool = False) -> str:
    """With our block at its end, as a root of its own; a block that is there already is made anew.

    Args:
        text: ossec.conf's.
        integration: the block runs the integration script.
        response: it calls the endpoints' active response. With neither there is no block.

    Raises:
        InputError: see `without_block`.
    """
    content = (_INTEGRATION if integration else "") + (manager_block() if response else "")
    if not content:
        return without_block(text)
    block = f"""\
{_BEGIN}; `firstsight wazuh install` writes this, and `uninstall` takes it away -->
<ossec_config>
{indent(content, "  ")}</ossec_config>
{_END}
"""
    return without_block(text) + block.replace("\n", "\r\n" if "\r\n" in text else "\n")


def without_block(text: str) -> str:
    """Without it: what it was before, byte for byte.

    Raises:
        InputError: the markers are not a pair any more.
    """
    rest = _BLOCK.sub("", text)
    if _BEGIN in rest or _END in rest:
        raise InputError(
            f"The markers of firstsight's block in ossec.conf (`{_BEGIN} …` and `{_END}`) are no pair any more: "
            f"somebody edited them. Remove what is left of the block by hand, with its markers, and run this again."
        )
    return rest


def foreign_integration(text: str) -> bool:
    """Whether an `<integration>` outside our block runs our script."""
    return runs_script(without_block(text))


def runs_script(text: str) -> bool:
    """Whether an `<integration>` runs our script, ours or not."""
    return SCRIPT_NAME in _values(text, "integration", "name")


def foreign_response(text: str) -> bool:
    """Whether a `<command>` outside our block has a name of the active response's."""
    return _defines_response(without_block(text))


def has_response(text: str) -> bool:
    """Whether our block calls the active response."""
    return any(map(_defines_response, _BLOCK.findall(text)))


def _defines_response(text: str) -> bool:
    return not COMMANDS.keys().isdisjoint(_values(text, "command", "name"))


def called_responses(text: str) -> dict[str, list[str]]:
    """By the names of our commands that are called, the groups of the rules that call each; none: every rule does."""
    called: dict[str, list[str]] = {}
    for part in _elements(without_comments(text), "active-response"):
        off = any(word.strip() == "yes" for word in _elements(part, "disabled"))
        for name in _elements(part, "command"):
            if not off and name.strip() in COMMANDS:
                called.setdefault(name.strip(), []).extend(group.strip() for group in _elements(part, "rules_group"))
    return called


def rule_folders(text: str) -> list[str]:
    """Folders that rules are loaded from, relative to the manager's; Wazuh's own where none is said."""
    return _values(text, "ruleset", "rule_dir") or ["ruleset/rules", "etc/rules"]


def rules_excluded(text: str) -> list[str]:
    """Names of rule files that are left out."""
    return [file.rpartition("/")[2] for file in _values(text, "ruleset", "rule_exclude")]


def excludes_ours(text: str) -> bool:
    """Whether our rule file is left out, or its folder not loaded."""
    loaded = any(folder.rstrip("/").endswith("etc/rules") for folder in rule_folders(text))
    return FILE_NAME in rules_excluded(text) or not loaded


def log_alert_level(text: str) -> int:
    """The lowest level of a rule that reaches alerts.json."""
    said = _values(text, "alerts", "log_alert_level")
    return int(said[-1]) if said and said[-1].isdigit() else 3


def cluster_role(text: str) -> str:
    """`master` or `worker`; empty where it is no node of a cluster."""
    disabled = _values(text, "cluster", "disabled")
    if not _elements(without_comments(text), "cluster") or disabled[-1:] == ["yes"]:
        return ""
    return "worker" if _values(text, "cluster", "node_type")[-1:] == ["worker"] else "master"


def without_comments(text: str) -> str:
    """What Wazuh reads of a file."""
    return _COMMENT.sub("", text)


def _values(text: str, section: str, tag: str) -> list[str]:
    """What is said in elements with that tag within sections of that name, in order."""
    sections = _elements(without_comments(text), section)
    return [value.strip() for part in sections for value in _elements(part, tag)]


def _elements(text: str, tag: str) -> list[str]:
    """The contents of elements with that tag, in order."""
    return re.findall(rf"<{tag}(?:\s[^>]*)?>(.*?)</{tag}\s*>", text, re.DOTALL)
