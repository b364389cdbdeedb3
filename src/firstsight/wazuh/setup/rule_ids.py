"""Which rules a manager's files hold: read tolerantly, as Wazuh does, for the sake of their ids."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from firstsight.core.errors import InputError
from firstsight.wazuh.rules import FILE_NAME
from firstsight.wazuh.ruletable import BLOCK, HIGHEST, LOWEST
from firstsight.wazuh.setup.ossec_conf import rule_folders, rules_excluded, without_comments

_RULE = re.compile(r"<rule\b([^>]*)>(.*?)</rule\s*>", re.DOTALL)
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*["']([^"']*)["']""")
_PARENTS = re.compile(r"<if_sid>(.*?)</if_sid>", re.DOTALL)
_LISTED = 5  # rules that an error names


@dataclass(frozen=True, slots=True)
class SiteRule:
    """A rule of a file. `parents`: ids of `<if_sid>`; `overwrites`: it changes another file's rule, and adds none."""

    id: int
    level: int
    parents: tuple[int, ...]
    overwrites: bool
    file: Path


def rules_of(home: Path, conf: str) -> list[SiteRule]:
    """The rules that a manager loads, in load order: files sorted by name, whatever folder they are in.

    Args:
        home: the manager's folder.
        conf: the text of its ossec.conf.

    Raises:
        InputError: a file can't be read.
    """
    excluded = rules_excluded(conf)
    files = [path for folder in rule_folders(conf) for path in (home / folder).glob("*.xml")]
    return [
        rule
        for path in sorted(files, key=lambda path: path.name)
        if path.name not in excluded and path.is_file()
        for rule in _rules_in(path)
    ]


def conflict(rules: list[SiteRule], base: int) -> str | None:
    """Whose rules have ids of the block that begins at `base`: a sentence with a way out; None where nobody's.

    Wazuh takes the first rule of an id and passes over the second with a warning: one of both would be missing.
    """
    block = range(base, base + BLOCK)
    foreign = [rule for rule in rules if rule.file.name != FILE_NAME and not rule.overwrites]
    mine = [rule for rule in foreign if rule.id in block]
    if not mine:
        return None
    taken = {rule.id for rule in foreign}
    free = next((at for at in range(LOWEST + 1_000, HIGHEST, BLOCK) if taken.isdisjoint(range(at, at + BLOCK))), None)
    named = ", ".join(f"{rule.id} ({rule.file})" for rule in mine[:_LISTED])
    more = f" and {len(mine) - _LISTED} more" if len(mine) > _LISTED else ""
    return (
        f"Rules of this site have ids of firstsight's block {base} to {base + BLOCK - 1}: {named}{more}. Take "
        f"another block with --rule-base {free} (and `[wazuh] rule_base`), or give those rules other ids."
    )


def _rules_in(path: Path) -> Iterator[SiteRule]:
    try:
        text = path.read_text("utf-8", "replace")
    except OSError as error:
        raise InputError(f"The rules in {path} can't be read ({error.strerror}). Are you root?") from error
    for attributes, body in _RULE.findall(without_comments(text)):
        said = dict(_ATTRIBUTE.findall(attributes))
        if said.get("id", "").isdigit():
            parents = (parent for part in _PARENTS.findall(body) for parent in re.findall(r"\d+", part))
            level = said.get("level", "")
            yield SiteRule(
                int(said["id"]),
                int(level) if level.isdigit() else 0,
                tuple(map(int, parents)),
                said.get("overwrite") == "yes",
                path,
            )
