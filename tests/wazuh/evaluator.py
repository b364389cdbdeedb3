"""What analysisd 4.14.7 does with rules and an event, as far as rules like ours go; anything beyond raises NotCovered.

Siblings are tried level 0 first, then by level, highest first, then in load order; the first that matches wins, and
its children are tried next. An event that ends at level 0 makes no alert.
"""

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from xml.etree import ElementTree as ET

from wazuh.decoder import STATIC, Event
from wazuh.patterns import NotCovered, compiled

_ATTRIBUTES = {
    "field": {"name", "type", "negate"},
    "location": {"type", "negate"},
    "match": {"type", "negate"},
}
_TAGS = {"if_sid", "if_group", "decoded_as", "description", "mitre", "options", "group", *_ATTRIBUTES}
_LEVELS = range(17)


class LoadError(Exception):
    """analysisd would not start."""


class Condition(NamedTuple):
    """`field` is a field's name, or what else is searched: `.text`, `.location`."""

    field: str
    pattern: re.Pattern[str]
    negate: bool


@dataclass(frozen=True)
class LoadedRule:
    id: int
    level: int
    parents: tuple[int, ...]
    if_group: str
    decoder: str
    conditions: tuple[Condition, ...]
    groups: str
    description: str
    options: tuple[str, ...]
    mitre: tuple[str, ...]

    @property
    def group_list(self) -> list[str]:
        """The groups, as an alert lists them."""
        return [name for name in self.groups.split(",") if name]


@dataclass
class Ruleset:
    """Rules in load order. `warnings` tells what analysisd would warn of and pass over."""

    rules: dict[int, LoadedRule] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    _children: dict[int | None, list[int]] = field(default_factory=dict)

    def load(self, text: str) -> None:
        """Load a file; files are loaded in the order of their names.

        Raises:
            LoadError: analysisd would not start with it.
        """
        for group in ET.fromstring(f"<file>{text}</file>"):
            if group.tag != "group":
                raise LoadError(f"<{group.tag}> outside a group")
            for element in group:
                rule = _rule(element, group.attrib["name"])
                if element.get("overwrite") == "yes":
                    self._overwrite(rule)
                else:
                    self._add(rule)

    def path(self, event: Event) -> list[LoadedRule]:
        """The rules that an event matches on its way down; it ends at the last."""
        path: list[LoadedRule] = []
        siblings = self._children.get(None, [])
        while (found := next((id_ for id_ in siblings if _matches(self.rules[id_], event)), None)) is not None:
            path.append(self.rules[found])
            siblings = self._children.get(found, [])
        return path

    def fired(self, event: Event) -> LoadedRule | None:
        """The rule of the alert; None where there is no alert: no rule, or one of level 0."""
        path = self.path(event)
        return path[-1] if path and path[-1].level > 0 else None

    def matching(self, event: Event) -> set[int]:
        """Every rule that matches together with a chain of parents, whichever is tried first."""
        matching: set[int] = set()
        for rule in self.rules.values():  # parents are loaded first
            below = not rule.parents and not rule.if_group
            below = below or any(rule.id in self._children.get(parent, []) for parent in matching)
            if below and _matches(rule, event):
                matching.add(rule.id)
        return matching

    def _add(self, rule: LoadedRule) -> None:
        parents: list[int | None] = list(rule.parents)
        if rule.if_group:
            # A piece of the group text (OS_WordMatch), of rules loaded before.
            parents = [id_ for id_, loaded in self.rules.items() if rule.if_group in loaded.groups]
        elif not parents:
            parents = [None]
        if rule.id in self.rules:
            self.warnings.append(f"7612: {rule.id} is there already, skipped")
        elif not parents or not all(parent is None or parent in self.rules for parent in parents):
            self.warnings.append(f"{7610 if rule.if_group else 7617}: {rule.id} has no parent, skipped")
        else:
            self.rules[rule.id] = rule
            for parent in parents:
                self._insert(rule, self._children.setdefault(parent, []))

    def _insert(self, rule: LoadedRule, siblings: list[int]) -> None:
        lower = (place for place, id_ in enumerate(siblings) if _rank(self.rules[id_]) > _rank(rule))
        siblings.insert(next(lower, len(siblings)), rule.id)

    def _overwrite(self, rule: LoadedRule) -> None:
        """Everything but its parents and its place among its siblings is that of the new one."""
        old = self.rules[rule.id]
        if (rule.parents, rule.if_group) != (old.parents, old.if_group):
            self.warnings.append(f"{rule.id} can't get another parent")
        self.rules[rule.id] = replace(rule, parents=old.parents, if_group=old.if_group)


def _rank(rule: LoadedRule) -> int:
    return -100 if rule.level == 0 else -rule.level


def _matches(rule: LoadedRule, event: Event) -> bool:
    if rule.decoder and rule.decoder != event.decoder:
        return False
    searched = {**event.fields, ".text": event.text, ".location": event.location}
    return all(
        name in searched and bool(pattern.search(searched[name])) is not negate  # a missing field never matches
        for name, pattern, negate in rule.conditions
    )


def _rule(element: ET.Element, enclosing: str) -> LoadedRule:
    unknown = [child.tag for child in element if child.tag not in _TAGS]
    if unknown or element.tag != "rule":
        raise LoadError(f"unknown tag {unknown or element.tag}")
    if beyond := set(element.keys()) - {"id", "level", "overwrite"}:
        raise NotCovered(f"attributes of a rule: {beyond}")
    rule_id, level, description = element.attrib["id"], int(element.attrib["level"]), element.findtext("description")
    if not re.fullmatch(r"[0-9]{1,6}", rule_id) or level not in _LEVELS:
        raise LoadError(f"rule {rule_id}, level {level}: out of bounds")
    if not description:
        raise LoadError(f"rule {rule_id} has no description")
    if (element.findtext("if_group") or "").startswith("^") or "|" in (element.findtext("if_group") or ""):
        raise NotCovered(f"rule {rule_id}: if_group")
    return LoadedRule(
        id=int(rule_id),
        level=level,
        parents=tuple(map(int, re.split(r"[ ,]+", parents))) if (parents := element.findtext("if_sid")) else (),
        if_group=element.findtext("if_group") or "",
        decoder=element.findtext("decoded_as") or "",
        conditions=tuple(_condition(child) for child in element if child.tag in _ATTRIBUTES),
        groups=enclosing + (element.findtext("group") or ""),
        description=description,
        options=tuple(child.text or "" for child in element.iter("options")),
        mitre=tuple(child.text or "" for child in element.findall("mitre/id")),
    )


def _condition(element: ET.Element) -> Condition:
    if beyond := set(element.keys()) - _ATTRIBUTES[element.tag]:
        raise NotCovered(f"attributes of {element.tag}: {beyond}")
    name = {"match": ".text", "location": ".location"}.get(element.tag) or element.attrib["name"].lower()
    if name in STATIC:
        raise LoadError(f"{name} is a static field, and has a tag of its own")
    kind = element.get("type", "osregex" if element.tag == "field" else "osmatch")
    try:
        pattern = compiled(element.text or "", kind)
    except re.error as error:
        raise LoadError(f"{element.text}: {error}") from error
    return Condition(name, pattern, element.get("negate") == "yes")
