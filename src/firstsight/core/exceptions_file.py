"""The file of exceptions that a site keeps, in TOML: one `[[exception]]` table each."""

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from firstsight.core.errors import InputError
from firstsight.core.exceptions import ExceptionRefusedError, ExceptionRule, make_exception
from firstsight.core.names import Name

_TABLE = "exception"
_HEADER = re.compile(r"\s*\[\[\s*exception\s*\]\]\s*(?:#.*)?")
_KEY = re.compile(r"\s*([\w-]+)\s*=")
_TEXTS = ("domain", "process", "agent", "reason", "author", "expires")
_NEEDED = ("reason", "expires")


def parse_exceptions(text: str, origin: str, parse: Callable[[str], Name]) -> tuple[ExceptionRule, ...]:
    """Read a file of exceptions.

    Args:
        text: what it holds.
        origin: its name, for sentences.
        parse: tells what a name is (`NameParser.parse`).

    Raises:
        InputError: something in it can't be used; each fault is told with its line, and nothing of it is taken.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{origin}: this is no valid TOML: {error}. Correct it there.") from error
    lines = list(_lines(text))
    faults = [
        f"{origin}, line {_line_of(text, key)}: `{key}` does not belong here; an exception is a [[exception]] table."
        for key in document
        if key != _TABLE
    ]
    tables = document.get(_TABLE, [])
    if not isinstance(tables, list) or len(tables) != len(lines):
        faults.append(f"{origin}: write each exception as a [[exception]] table, with its keys on lines of their own.")
        tables = []
    rules: dict[str, ExceptionRule] = {}
    for table, (line, keys) in zip(tables, lines, strict=False):
        try:
            rule = _rule(table, parse, line)
        except ExceptionRefusedError as error:
            faults.append(f"{origin}, line {keys.get(error.key, line)}: {error}")
            continue
        if (other := rules.setdefault(rule.id, rule)) is not rule:
            faults.append(
                f"{origin}, line {line}: this exception matches what the one on line {other.line} does. Keep one."
            )
    if faults:
        raise InputError("\n".join(faults))
    return tuple(rules.values())


def _rule(table: dict[str, Any], parse: Callable[[str], Name], line: int) -> ExceptionRule:
    scope = table.get("scope", [])
    if not isinstance(scope, list) or not all(isinstance(code, str) for code in scope):
        raise ExceptionRefusedError("scope", 'must be a list of reasons, such as ["first_seen"].')
    texts: dict[str, str] = {}
    for key, value in table.items():
        text = value.isoformat() if isinstance(value, date) else value  # TOML knows dates: no quotes are needed
        if key != "scope" and key not in _TEXTS:
            raise ExceptionRefusedError(key, f"is unknown. There are {', '.join((*_TEXTS, 'scope'))}.")
        if key in _TEXTS and not isinstance(text, str):
            raise ExceptionRefusedError(key, f"must be a text, not {value!r}.")
        texts[key] = text
    if missing := [key for key in _NEEDED if key not in texts]:
        raise ExceptionRefusedError(missing[0], "is needed and is not there.")
    return make_exception(
        parse,
        domain=texts.get("domain", ""),
        process=texts.get("process", ""),
        agent=texts.get("agent", ""),
        scope=scope,
        reason=texts["reason"],
        author=texts.get("author", ""),
        expires=texts["expires"],
        line=line,
    )


def _lines(text: str) -> Iterator[tuple[int, dict[str, int]]]:
    """The line of each table, and those of its keys."""
    keys: dict[str, int] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if _HEADER.fullmatch(line):
            keys = {}
            yield number, keys  # filled while the caller's list is made
        elif keys is not None and (key := _KEY.match(line)):
            keys.setdefault(key[1], number)


def _line_of(text: str, key: str) -> int:
    """The line that a foreign key stands on, as well as can be told."""
    found = re.search(rf"^\s*\[*\s*[\"']?{re.escape(key)}", text, re.MULTILINE)
    return 1 if found is None else text.count("\n", 0, found.end()) + 1
