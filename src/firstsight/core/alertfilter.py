"""The words by which alerts are picked: `agent:WIN10 reason:random_name age:<30d -process:chrome.exe`."""

import re
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from firstsight.core.errors import InputError
from firstsight.core.reasons import REASONS
from firstsight.core.review import State
from firstsight.core.verdict import Severity

_WORD = re.compile(r'(-?)(?:([a-z]+):)?("[^"]*"|[^\s"]+)')
_SPAN = re.compile(r"(<|>)(\d{1,6})([mhdw])")
_ASCII_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_VOCABULARY = {
    "reason": tuple(REASONS),
    "severity": tuple(severity for severity in Severity if severity is not Severity.NONE),
    "state": tuple(State),
}
_TEXTS = ("agent", "domain", "process")
_SPANS = ("age", "first", "time")
_MOST_TERMS: Final = 20
_MOST_VALUES: Final = 50
KEYS = (*_TEXTS, *_VOCABULARY, *_SPANS)
"""What may stand before a colon."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word.

    Attributes:
        key: one of KEYS.
        values: any of them, in lower case (an agent's in that of ASCII); empty for a span. A text that ends with `*` is
            a beginning.
        exclude: it must not be so.
        seconds: of a span; `age` is the domain's, `first` and `time` are how long ago.
        younger: less than that; else more.
    """

    key: str
    values: tuple[str, ...] = ()
    exclude: bool = False
    seconds: int = 0
    younger: bool = True


def parse_filter(text: str) -> tuple[Term, ...]:
    """Read a filter; all of its terms must hold. A word without a key is a domain.

    Raises:
        InputError: a word can't be used; the sentence says which, and what could stand there.
    """
    terms = []
    rest = text.strip()
    while rest:
        found = _WORD.match(rest)
        if found is None:
            raise InputError(f"The filter can't be read from {rest[:40]!r} on. Quotes come in pairs.")
        terms.append(_term(found[2] or "domain", found[3].strip('"'), exclude=bool(found[1])))
        rest = rest[found.end() :].strip()
    if len(terms) > _MOST_TERMS:
        raise InputError(f"The filter has {len(terms)} words. {_MOST_TERMS} at most can be used at once.")
    return tuple(terms)


def of_agent(name: str) -> Term:
    """Alerts of an agent."""
    return Term("agent", (_agent(name),))


def _agent(name: str) -> str:
    """Without regard to the case of ASCII's letters alone, as SQLite compares them."""
    return name.translate(_ASCII_LOWER)


def _plain(key: str, value: str) -> str:
    """A value as it is compared."""
    if key == "agent":
        return _agent(value)
    return value.lower().rstrip(".") if key == "domain" else value.lower()


def _term(key: str, value: str, *, exclude: bool) -> Term:
    if key not in KEYS:
        raise InputError(f"The filter knows no {key!r}. Before a colon stands one of: {', '.join(KEYS)}.")
    if key in _SPANS:
        span = _SPAN.fullmatch(value)
        if span is None:
            raise InputError(f"{key}:{value[:40]} is no span. Write {key}:<30d or {key}:>12h, with m, h, d or w.")
        return Term(key, (), exclude, int(span[2]) * _SECONDS[span[3]], span[1] == "<")
    values = tuple(dict.fromkeys(filter(None, (_plain(key, part) for part in value.split(",")))))
    if not values or len(values) > _MOST_VALUES:
        raise InputError(
            f"{key}: needs a value after the colon, or several with commas between, {_MOST_VALUES} at most."
        )
    for word in values if key in _VOCABULARY else ():
        if word not in _VOCABULARY[key]:
            raise InputError(f"There is no {key} {word[:40]!r}. It is one of: {', '.join(_VOCABULARY[key])}.")
    return Term(key, values, exclude)
