"""The rules as Wazuh's XML file."""

from collections.abc import Collection, Iterable
from itertools import groupby
from xml.sax.saxutils import escape

from firstsight.core.reasons import IMPLEMENTED
from firstsight.wazuh.ruletable import BASE, Rule, rules

FILE_NAME = "firstsight_rules.xml"
"""Files are loaded sorted by name: letters come after the stock files' digits, so our parents are there already."""

_XML_HEAD = """\
<!-- firstsight for Wazuh 4.x. Made by tools/make_rules.py out of firstsight/wazuh/ruletable.py: a change made here is
     lost at the next installation. Own rules belong into a file of your own, as children of these. -->
"""


def render(base: int = BASE, reasons: Collection[str] = IMPLEMENTED) -> str:
    """The rule file.

    Args:
        base: first id of the block, 100,000 to 999,900; ValueError beyond.
        reasons: codes that can occur.
    """
    return _XML_HEAD + "".join(
        group(enclosing, map(element, members))
        for enclosing, members in groupby(rules(base, reasons), key=lambda rule: rule.enclosing)
    )


def group(names: Iterable[str], elements: Iterable[str]) -> str:
    """A `<group>` of rules."""
    return f'<group name="{_listed(names)}">\n' + "\n".join(elements) + "</group>\n"


def element(rule: Rule, *, overwrite: bool = False) -> str:
    """A `<rule>`; one that overwrites takes the place of the one with its id."""
    lines = ["<decoded_as>json</decoded_as>" if rule.parent is None else f"<if_sid>{rule.parent}</if_sid>"]
    lines += [f'<field name="{name}">{escape(pattern)}</field>' for name, pattern in rule.fields]
    lines += [f"<description>{escape(rule.description)}</description>"]
    if rule.attack:
        lines += ["<mitre>", *(f"  <id>{technique}</id>" for technique in rule.attack), "</mitre>"]
    lines += ["<options>no_full_log</options>"]  # the message again as text: half the alert
    if rule.groups:
        lines += [f"<group>{_listed(rule.groups)}</group>"]
    body = "".join(f"    {line}\n" for line in lines)
    attributes = f'id="{rule.id}" level="{rule.level}"' + (' overwrite="yes"' if overwrite else "")
    return f"  <rule {attributes}>\n{body}  </rule>\n"


def _listed(groups: Iterable[str]) -> str:
    """Groups as Wazuh wants them: it joins the enclosing list and the rule's own, so each ends in a comma."""
    return "".join(f"{group}," for group in groups)
