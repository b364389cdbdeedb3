"""What analysisd 4.14.7 does with an event and a rule file, as far as our rules use it.

Siblings are tried level 0 first, then by level, highest first, then in file order; the first that matches wins, and
its children are tried next. `field` is an osregex on the field's text, where an array's text is its JSON with blanks.
Anything a rule holds beyond that is an error here, so that no untested option slips in.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

STATIC = {
    "srcip", "dstip", "srcgeoip", "dstgeoip", "srcport", "dstport", "user", "srcuser", "dstuser", "url", "id", "data",
    "extra_data", "status", "protocol", "system_name", "action",
}  # fmt: skip

_CLASSES = {
    ".": ".",
    "d": "[0-9]",
    "w": "[A-Za-z0-9@_-]",
    "s": " ",
    "S": "[^ ]",
    "p": r"[()*+,\-.:;<=>?\[\]!\"'#$%&|{}]",
}


@dataclass(frozen=True)
class LoadedRule:
    id: int
    level: int
    parent: int | None
    decoder: str | None
    fields: tuple[tuple[str, re.Pattern[str]], ...]
    groups: str
    description: str
    options: tuple[str, ...]
    mitre: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    decoder: str
    location: str
    fields: dict[str, str]


@dataclass
class Ruleset:
    """Rules in load order."""

    rules: list[LoadedRule] = field(default_factory=list)

    def load(self, text: str) -> None:
        """Load a file; its parents must be there already, or stand above."""
        for group in ET.fromstring(f"<file>{text}</file>"):
            assert group.tag == "group"
            for element in group:
                rule = _rule(element, group.attrib["name"])
                known = {loaded.id for loaded in self.rules}
                assert rule.id not in known, f"duplicate id {rule.id}: analysisd skips the second"
                assert rule.parent is None or rule.parent in known, f"{rule.id}: no parent {rule.parent} yet"
                self.rules.append(rule)

    def fired(self, event: Event) -> LoadedRule | None:
        """The rule an event ends at; None where it makes no alert (no rule, or level 0)."""
        winner, siblings = None, self._children(None)
        while (rule := next((rule for rule in siblings if _matches(rule, event)), None)) is not None:
            winner, siblings = rule, self._children(rule.id)
        return winner if winner and winner.level > 0 else None

    def _children(self, parent: int | None) -> list[LoadedRule]:
        children = [rule for rule in self.rules if rule.parent == parent]
        return sorted(children, key=lambda rule: (rule.level != 0, -rule.level))


def decode(datagram: bytes) -> Event:
    """A datagram of the queue as an event."""
    queue, _, rest = datagram.decode().partition(":")
    assert queue == "1"
    match = re.match(r"((?:\|.|[^|:])*):", rest, re.DOTALL)
    assert match
    message = rest[match.end() :]
    where = re.sub(r"\|([|:])", r"\1", match[1])
    where = re.sub(r"^\[\d+\] ", "", where)
    if not re.match(r'\{\s*"', message):
        return Event("", where, {})
    return Event("json", where, flattened(json.loads(message)))


def flattened(value: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Decoded fields by dotted, lower-case name."""
    fields: dict[str, str] = {}
    for key, item in value.items():
        name = f"{prefix}{key}".lower()
        if isinstance(item, dict):
            fields |= flattened(item, f"{name}.")
        elif isinstance(item, list):
            fields[name] = json.dumps(item, ensure_ascii=False)
        elif item is None or isinstance(item, bool):
            fields[name] = json.dumps(item)
        elif item != "":
            fields[name] = f"{item:f}" if isinstance(item, float) else str(item)
    return fields


def osregex(pattern: str) -> re.Pattern[str]:
    """The subset: `^`, `$`, `\\.` (any character), classes with `+` or `*`, literals; case doesn't matter."""
    translated, position, after_class = "", 0, False
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 1
            escaped = pattern[position]
            after_class = escaped in _CLASSES
            translated += _CLASSES.get(escaped, re.escape(escaped))
        elif character in "+*" and after_class:
            translated += character
        else:
            anchor = (character == "^" and position == 0) or (character == "$" and position == len(pattern) - 1)
            assert anchor or character not in "^$|()", f"{pattern}: not in the subset"
            translated += character if anchor else re.escape(character)
            after_class = False
        position += 1
    return re.compile(translated, re.IGNORECASE | re.DOTALL)


def _matches(rule: LoadedRule, event: Event) -> bool:
    if rule.decoder is not None and rule.decoder != event.decoder:
        return False
    # A missing field never matches.
    return all(name in event.fields and pattern.search(event.fields[name]) for name, pattern in rule.fields)


def _rule(element: ET.Element, enclosing: str) -> LoadedRule:
    assert element.tag == "rule"
    known = {"if_sid", "decoded_as", "field", "description", "mitre", "options", "group"}
    assert {child.tag for child in element} <= known
    names = [child.attrib["name"] for child in element.iter("field")]
    assert not STATIC & set(names), "a static field's name: analysisd does not start"
    parent, description = element.findtext("if_sid"), element.findtext("description")
    assert description, "no description: analysisd does not start"
    return LoadedRule(
        id=int(element.attrib["id"]),
        level=int(element.attrib["level"]),
        parent=int(parent) if parent else None,
        decoder=element.findtext("decoded_as"),
        fields=tuple((child.attrib["name"].lower(), osregex(child.text or "")) for child in element.iter("field")),
        groups=enclosing + (element.findtext("group") or ""),
        description=description,
        options=tuple(child.text or "" for child in element.iter("options")),
        mitre=tuple(child.text or "" for child in element.findall("mitre/id")),
    )
