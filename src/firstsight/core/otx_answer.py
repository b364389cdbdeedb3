"""Read what AlienVault OTX says of a host name or domain: the section `general` of its API.

Its shape was taken from answers of several years: lists and fields are missing, keys change their case
(`False_positive`), truths are 0 and 1 or true and false, and `count` may exceed the pulses that are listed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from firstsight.core.facts import Pulse, Unavailable

_PULSES_MOST = 100
_ITEMS_MOST = 20
_TEXT_MOST = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


class _Answer(msgspec.Struct):
    """The members of an answer that are read; of any type, because they come in any type."""

    pulse_info: Any = None
    validation: Any = None
    false_positive: Any = None
    False_positive: Any = None


_decode = msgspec.json.Decoder(_Answer).decode


@dataclass(frozen=True, slots=True)
class General:
    """What an answer holds.

    Attributes:
        pulses: those that name the indicator, at most 100.
        validation: who says that it is harmless, in lower case: lists of OTX' (`whitelist`, `majestic`, …), and
            `false_positive` where a report of one was accepted.
    """

    pulses: tuple[Pulse, ...]
    validation: tuple[str, ...]


def read_general(body: bytes) -> General | Unavailable:
    """Read an answer.

    Args:
        body: JSON, hopefully.

    Returns:
        What it holds, or Unavailable for the reason `bad_answer`: that is no such section.
    """
    try:
        answer = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Unavailable("bad_answer")
    about = answer.pulse_info
    if not isinstance(about, dict) or not isinstance(about.get("pulses"), list):
        return Unavailable("bad_answer")
    pulses = [pulse for entry in about["pulses"][:_PULSES_MOST] if (pulse := _pulse(entry)) is not None]
    return General(tuple(pulses), tuple(dict.fromkeys(_validation(answer))))


def _validation(answer: _Answer) -> Iterator[str]:
    for entry in _list(answer.validation):
        if isinstance(entry, dict) and (source := _text(entry.get("source"))):
            yield source.lower()
    for entry in (*_list(answer.false_positive), *_list(answer.False_positive)):
        if isinstance(entry, dict) and _text(entry.get("assessment")).lower() == "accepted":
            yield "false_positive"


def _pulse(entry: object) -> Pulse | None:
    """A pulse; None where it has no id."""
    if not isinstance(entry, dict) or not _ID.fullmatch(number := _text(entry.get("id"))):
        return None
    author = entry.get("author")
    return Pulse(
        id=number,
        name=_text(entry.get("name")) or number,
        author=_text(author.get("username") if isinstance(author, dict) else entry.get("author_name")),
        created=_time(entry.get("created")),
        modified=_time(entry.get("modified")),
        tags=_names(entry.get("tags")),
        adversary=_text(entry.get("adversary")),
        malware_families=_names(entry.get("malware_families"), "display_name", "target", "id"),
        attack=_names(entry.get("attack_ids"), "id"),
        tlp=_text(entry.get("TLP") or entry.get("tlp")).lower(),
        indicators=_count(entry),
    )


def _count(entry: Mapping[str, object]) -> int | None:
    number = entry.get("indicator_count")
    if isinstance(number, int) and not isinstance(number, bool) and number >= 0:
        return number
    counts = entry.get("indicator_type_counts")
    if not isinstance(counts, dict) or not counts:
        return None
    return sum(n for n in counts.values() if isinstance(n, int) and n > 0)


def _names(value: object, *keys: str) -> tuple[str, ...]:
    """Texts of a list; of its objects the first of these keys that holds one."""
    found = (_text(item) or _first(item, keys) for item in _list(value))
    return tuple(list(dict.fromkeys(filter(None, found)))[:_ITEMS_MOST])


def _first(item: object, keys: Iterable[str]) -> str:
    return next((text for key in keys if (text := _text(item.get(key)))), "") if isinstance(item, dict) else ""


def _time(value: object) -> float | None:
    """A time without a zone is UTC."""
    try:
        time = datetime.fromisoformat(_text(value))
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """A text that strangers wrote, on one line and not without end; empty where it is none."""
    return _CONTROL.sub(" ", value).strip()[:_TEXT_MOST] if isinstance(value, str) else ""
