"""The rules as Wazuh's XML file and as a reference page."""

from itertools import groupby
from xml.sax.saxutils import escape

from firstsight.wazuh.ruletable import BASE, Rule, rules

FILE_NAME = "firstsight_rules.xml"
"""Files are loaded sorted by name: letters come after the stock files' digits, so our parents are there already."""

_XML_HEAD = """\
<!-- firstsight for Wazuh 4.x. Made by tools/make_rules.py out of firstsight/wazuh/ruletable.py: a change made here is
     lost at the next installation. Own rules belong into a file of your own, as children of these. -->
"""

_PAGE_HEAD = """\
# Wazuh rules

Made by `tools/make_rules.py` out of `src/firstsight/wazuh/ruletable.py`; `tools/make_rules.py --check` says whether it
is current. The ids are those of the default block, 117000–117099; with another block they move as a whole.

An alert fires one rule: by its severity first, then by the rarest of its reasons (the order below). All reasons stand
in `data.firstsight.reasons`. Rules for reasons that the service does not raise yet have their ids reserved. Write own
rules as children of these, in a file that sorts after `firstsight_rules.xml`.

An endpoint that can write any JSON into a log that its agent reads can forge an event of ours about itself. The genuine
ones have a `location` that ends in `firstsight`: a child with `<location>` tells them apart.

| id | level | child of | fires on | groups | ATT&CK |
|---|---|---|---|---|---|
"""


def render(base: int = BASE) -> str:
    """The rule file.

    Args:
        base: first id of the block, 1 to 999,900; ValueError beyond.
    """
    parts = [_XML_HEAD]
    for enclosing, members in groupby(rules(base), key=lambda rule: rule.enclosing):
        parts.append(f'<group name="{_listed(enclosing)}">\n')
        parts.append("\n".join(map(_xml, members)))
        parts.append("</group>\n")
    return "".join(parts)


def reference() -> str:
    """The reference page, Markdown."""
    return _PAGE_HEAD + "".join(map(_row, rules()))


def _xml(rule: Rule) -> str:
    lines = ["<decoded_as>json</decoded_as>" if rule.parent is None else f"<if_sid>{rule.parent}</if_sid>"]
    lines += [f'<field name="{name}">{escape(pattern)}</field>' for name, pattern in rule.fields]
    lines += [f"<description>{escape(rule.description)}</description>"]
    if rule.attack:
        lines += ["<mitre>", *(f"  <id>{technique}</id>" for technique in rule.attack), "</mitre>"]
    lines += ["<options>no_full_log</options>"]  # the message again as text: half the alert
    if rule.groups:
        lines += [f"<group>{_listed(rule.groups)}</group>"]
    body = "".join(f"    {line}\n" for line in lines)
    return f'  <rule id="{rule.id}" level="{rule.level}">\n{body}  </rule>\n'


def _listed(groups: tuple[str, ...]) -> str:
    """Groups as Wazuh wants them: it joins the enclosing list and the rule's own, so each ends in a comma."""
    return "".join(f"{group}," for group in groups)


def _row(rule: Rule) -> str:
    fires = (
        " and ".join(f"`{name}` matches `{pattern}`" for name, pattern in rule.fields) or "every match of its parent"
    )
    groups = ", ".join(rule.enclosing + rule.groups)
    parent = rule.parent or "decoded JSON"
    return f"| {rule.id} | {rule.level} | {parent} | {fires} | {groups} | {', '.join(rule.attack)} |\n"
