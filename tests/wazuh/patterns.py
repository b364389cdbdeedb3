"""Wazuh's three kinds of pattern as Python's, as far as rules use them.

What is beyond raises NotCovered, so that nothing untested slips in.
"""

import re

_CLASSES = {
    ".": ".",
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[A-Za-z0-9@_-]",
    "W": "[^A-Za-z0-9@_-]",
    "s": " ",
    "S": "[^ ]",
    "p": r"[()*+,\-.:;<=>?\[\]!\"'#$%&|{}]",
}


class NotCovered(Exception):  # noqa: N818  # not an error of Wazuh's
    """A pattern or an option that this evaluator doesn't know."""


def compiled(pattern: str, kind: str) -> re.Pattern[str]:
    """A pattern to be searched for.

    Args:
        pattern: as it stands in the rule.
        kind: osregex, osmatch or pcre2.
    """
    if kind == "pcre2":  # sensitive to case, unlike the others
        return re.compile(pattern, re.DOTALL)
    one = {"osregex": _osregex, "osmatch": _osmatch}[kind]
    return re.compile("|".join(map(one, pattern.split("|"))), re.IGNORECASE | re.DOTALL)


def _osregex(pattern: str) -> str:
    r"""`^`, `$`, `\.` (any character), classes with `+` or `*`, literals (a `.` is a dot)."""
    translated, position, after_class = "", 0, False
    start, pattern, end = _anchors(pattern)
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 1
            escaped = pattern[position]
            after_class = escaped in _CLASSES
            if not after_class and escaped.isalnum():
                raise NotCovered(f"\\{escaped} in {pattern}")
            translated += _CLASSES.get(escaped, re.escape(escaped))
        elif character in "+*" and after_class:
            translated += character
        elif character in "^$()":
            raise NotCovered(f"{character} in {pattern}")
        else:
            translated += re.escape(character)
            after_class = False
        position += 1
    return start + translated + end


def _osmatch(pattern: str) -> str:
    """`^` and `$`; all else is literal."""
    start, literal, end = _anchors(pattern)
    return start + re.escape(literal) + end


def _anchors(pattern: str) -> tuple[str, str, str]:
    start = pattern.startswith("^")
    end = pattern.endswith("$") and not pattern.endswith(r"\$")
    return r"\A" * start, pattern[start : len(pattern) - end], r"\Z" * end
