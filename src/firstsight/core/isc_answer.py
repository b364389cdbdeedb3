"""What SANS ISC says of a domain's age (isc.sans.edu/api): the day on which it first met the domain."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from msgspec import DecodeError, json

from firstsight.core.errors import InputError
from firstsight.core.evidence import ISC
from firstsight.core.facts import Absent, Known, Registration, Unavailable

_NAMES = ("domainname", "domain", "name")
_DAYS = ("firstseen", "first_seen", "created", "date")
_AHEAD = 2 * 86400.0
_EARLIEST = date(1983, 1, 1)  # before the first domain


def read_age(body: bytes, domain: str, now: float) -> Known[Registration] | Absent | Unavailable:
    """The answer of `/api/domainage/<domain>?json`.

    Args:
        body: JSON; an object, or a list of them, at any depth.
        domain: the domain that was asked for.
        now: seconds since the epoch.

    Returns:
        Known; Absent where ISC has not met the domain; or Unavailable for the reason `bad_answer`, also where it has
        met it more than two days from now.
    """
    try:
        document = json.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return Unavailable("bad_answer")
    if not isinstance(document, dict | list):
        return Unavailable("bad_answer")
    day = next((day for name, day in _found(document) if name in {"", domain}), None)
    if day is None:
        return Absent(now)
    first_met = _midnight(day)
    return Unavailable("bad_answer") if first_met > now + _AHEAD else Known(Registration(first_met, None, ISC, now))


def read_feed(body: bytes) -> Iterator[tuple[str, date]]:
    """(domain, day first met) of each record of `/feeds/domaindata.json`.

    Raises:
        InputError: it is no JSON.
    """
    try:
        document = json.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"It is no JSON ({error}).") from error
    return ((name, day) for name, day in _found(document) if name)


def _found(document: object) -> Iterator[tuple[str, date]]:
    """Every object that has a day, with the name in it ("": none)."""
    waiting = [document]
    while waiting:
        here = waiting.pop()
        if isinstance(here, list):
            waiting += reversed(here)
        elif isinstance(here, dict):
            day = next((day for key in _DAYS if (day := _day(here.get(key))) is not None), None)
            if day is not None:
                name = next((name for key in _NAMES if isinstance(name := here.get(key), str)), "")
                yield name.strip().lower().rstrip("."), day
            waiting += (value for value in here.values() if isinstance(value, dict | list))


def _day(value: object) -> date | None:
    try:
        day = date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
    return day if day is None or day >= _EARLIEST else None


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
