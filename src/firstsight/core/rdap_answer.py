"""Read what a registry answers (RFC 9083), and take a date from it only where it is one.

Registries differ more than the RFC says: dates in seven spellings, names in upper case, fields that are null. Only
the fields that matter are decoded, so that oddities elsewhere in an answer (a phone number of 1e999, bytes that are no
UTF-8 in a contact's address) cost nothing.
"""

import re
from datetime import UTC, datetime
from typing import Any

import idna
import msgspec

from firstsight.core.evidence import RDAP
from firstsight.core.facts import Known, Registration, Unavailable

_EARLIEST = datetime(1985, 1, 1, tzinfo=UTC).timestamp()  # the first .com is of March 1985
_UNREADABLE = float("-inf")
_AHEAD = 2 * 86400.0  # a registry's clock or time zone may run ahead by this much

_LEAP_SECOND = 60
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s?(?:Z|([+-])(\d\d):?(\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)


class _Answer(msgspec.Struct):
    """The members of a domain object that are read; of any type, because they come in any type."""

    objectClassName: Any = None  # noqa: N815  # RFC 9083's spelling
    ldhName: Any = None  # noqa: N815  # likewise
    unicodeName: Any = None  # noqa: N815  # likewise
    events: Any = None
    links: Any = None
    errorCode: Any = None  # noqa: N815  # likewise
    rdapConformance: Any = None  # noqa: N815  # likewise


_decoder = msgspec.json.Decoder(_Answer)


def read_answer(body: bytes, domain: str, checked: float) -> Known[Registration] | Unavailable:
    """When a domain was registered, by an RDAP answer.

    The date is the latest `reregistration` (RFC 9083 §10.2.3: the name was free in between, and who holds it now came
    then), else the earliest `registration`. Events of the domain's contacts don't count. An answer without any name
    is taken for the domain asked for; one with another name is not.

    Args:
        body: the body as received.
        domain: the domain asked for, lower-case A-labels without a trailing dot.
        checked: when it was received, seconds since the epoch.

    Returns:
        The registration, or Unavailable (without `retry_at`, which is the asker's to decide) for the reason
        `bad_answer` (not JSON, no object, an error, no domain object, another domain's), `no_registration_date`, or
        `bad_date` (unreadable, before 1985, or more than two days ahead).
    """
    answer = _decode(body)
    if answer is None or not _is_domain(answer) or not _is_about(answer, domain):
        return Unavailable("bad_answer")
    again, first = _dates(answer, "reregistration"), _dates(answer, "registration")
    if not again and not first:
        return Unavailable("no_registration_date")
    again, first = _usable(again, checked), _usable(first, checked)
    if not again and not first:
        return Unavailable("bad_date")
    registered = max(again) if again else min(first)
    expires = max(_dates(answer, "expiration"), default=None)
    if expires == _UNREADABLE:
        expires = None
    return Known(Registration(registered=registered, expires=expires, source=RDAP, checked=checked))


def says_not_found(body: bytes) -> bool:
    """Whether the body of a 404 is RDAP's own word for it (RFC 9083 §6), not some web server's page."""
    answer = _decode(body)
    if answer is None:
        return False
    if answer.errorCode is None:
        return isinstance(answer.rdapConformance, list)
    return str(answer.errorCode) == "404"


def related_links(body: bytes) -> list[str]:
    """Where else RDAP knows the domain: the top-level `related` links, which name the registrar's server.

    A link counts when its media type is RDAP's, or when it has none and its path is a domain query's.
    """
    answer = _decode(body)
    if answer is None or not isinstance(answer.links, list):
        return []
    found = []
    for link in answer.links:
        if not isinstance(link, dict) or link.get("rel") != "related":
            continue
        href, media = link.get("href"), link.get("type")
        if not isinstance(href, str):
            continue
        if media == "application/rdap+json" or (media is None and "/domain/" in href):
            found.append(href)
    return found


def read_date(text: object) -> float | None:
    """An RDAP date (RFC 3339, and what registries send instead), seconds since the epoch.

    A date without a zone is taken as UTC, one without a time as midnight. Fractions of a second are dropped.

    Returns:
        None where it is no date.
    """
    found = _DATE.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    sign, off_hours, off_minutes = found.groups()[6:]
    if second == _LEAP_SECOND:
        second -= 1  # near enough, and datetime knows none
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    offset = int(off_hours or 0) * 3600 + int(off_minutes or 0) * 60
    return at.timestamp() + (offset if sign == "-" else -offset)


def _decode(body: bytes) -> _Answer | None:
    """The answer, or None where it is no JSON object."""
    try:
        return _decoder.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _is_domain(answer: _Answer) -> bool:
    """Whether it is a domain object; some servers leave the class out."""
    if answer.errorCode is not None:
        return False
    if answer.objectClassName is None:
        return answer.ldhName is not None or answer.events is not None
    return isinstance(answer.objectClassName, str) and answer.objectClassName.lower() == "domain"


def _is_about(answer: _Answer, domain: str) -> bool:
    """Whether it is about the domain asked for. `ldhName` decides where there is one."""
    for name in (answer.ldhName, answer.unicodeName):
        if isinstance(name, str) and name.strip():
            return _a_labels(name) == domain
    return True


def _a_labels(name: str) -> str:
    """A name as registries write it, in lower-case A-labels without a trailing dot; as it is where it can't be."""
    name = name.strip().rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return name


def _dates(answer: _Answer, action: str) -> list[float]:
    """The dates of an action's events, `_UNREADABLE` for one that is none; an event without a date is no event."""
    events = answer.events if isinstance(answer.events, list) else []
    dates = []
    for event in events:
        if not isinstance(event, dict):
            continue
        what, when = event.get("eventAction"), event.get("eventDate")
        if isinstance(what, str) and what.strip().lower() == action and isinstance(when, str):
            date = read_date(when)
            dates.append(_UNREADABLE if date is None else date)
    return dates


def _usable(dates: list[float], checked: float) -> list[float]:
    return [date for date in dates if _EARLIEST <= date <= checked + _AHEAD]
