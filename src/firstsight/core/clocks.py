"""Times as sources write them, and which of two clocks an event is believed by."""

import re
from datetime import UTC, datetime
from functools import lru_cache

PAST = 30 * 86400.0
"""How far an event's own time may lie before the manager's, in seconds (an agent that was offline)."""

AHEAD = 300.0
"""How far an event's own time may lie after the manager's, in seconds (clocks that differ a little)."""

_UTC = ("Z", "+0000")
_SECOND = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", re.ASCII)
_REST = re.compile(r"(\.\d+)?(?:([+-])(\d\d):?(\d\d))?", re.ASCII)


def epoch(text: object) -> float | None:
    """Seconds since the epoch of a written time, None where it is none.

    Understands the three shapes in a Wazuh alert: `2026-11-24T02:00:00.123+0000` (the manager's),
    `2026-11-24 02:00:00.123` (Sysmon's utcTime) and `2026-11-24T02:00:00.1234567Z` (Windows' systemTime), with or
    without fraction and zone. Without a zone it is UTC.
    """
    if type(text) is not str:
        return None
    second = _second(text[:19])
    if second is None:
        return None
    rest = _rest(text[19:].removesuffix("Z"))
    return None if rest is None else second + rest


def to_the_second(text: str) -> float | None:
    """`epoch` without the fraction, where that is quicker to tell: a time in UTC. Up to a second too early."""
    return _second(text[:19]) if text.endswith(_UTC) else epoch(text)


def believed(own: float | None, manager: float | None, now: float) -> tuple[float, bool]:
    """The time to take for an event, and whether its own had to be passed over.

    Args:
        own: what the endpoint says, None where it says nothing readable.
        manager: when the manager got it, None likewise.
        now: our own clock; stands in for the manager's.
    """
    reference = now if manager is None else manager
    if own is not None and reference - PAST <= own <= reference + AHEAD:
        return own, False
    return reference, True


@lru_cache(maxsize=4096)  # a busy fleet writes hundreds of lines within the same second
def _second(text: str) -> float | None:
    if _SECOND.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


@lru_cache(maxsize=4096)  # milliseconds, and a zone
def _rest(text: str) -> float | None:
    rest = _REST.fullmatch(text)
    if rest is None:
        return None
    fraction, sign, hours, minutes = rest.groups()
    shift = int(hours) * 3600 + int(minutes) * 60 if sign else 0
    return float(fraction or 0) + (-shift if sign == "+" else shift)
