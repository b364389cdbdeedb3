"""What a WHOIS server's text says (RFC 3912 leaves its form to each registry): one honest fact."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from firstsight.core.evidence import WHOIS
from firstsight.core.facts import Absent, Known, Registration, Unavailable
from firstsight.core.names import unicode_of

# Labels as the large registries write them; a label ends in a colon, or stands in brackets (.jp).
_CREATED = frozenset(
    "created|created on|created date|creation date|created at|registered|registered on|registered date|"
    "registration date|registration time|registration|domain created|domain registered|domain name commencement date|"
    "domain create date|domain_dateregistered|record created|record created on|connected date|entry created|activated|"
    "assigned|registered at|date registered|登録年月日|登録日|등록일".split("|")
)
_EXPIRES = frozenset(
    "expires|expires on|expires at|expiry|expiry date|expire|expire date|expired|expiration date|expiration time|"
    "expiration|registry expiry date|registrar registration expiration date|paid-till|renewal date|renewal|"
    "domain expires|record expires on|valid until|validity|有効期限|사용 종료일".split("|")
)
_DOMAIN = frozenset({"domain", "domain name", "domain name (utf8)", "domainname", "ドメイン名", "도메인이름"})
_HELD = frozenset({
    "registrar", "registrar name", "sponsoring registrar", "registrant", "registrant name", "holder", "owner",
    "nserver", "name server", "name servers", "nameserver", "nameservers",
})  # fmt: skip
"""Labels of what only a domain that is there has."""

_STATUS = frozenset({"status", "domain status", "domaintype", "state"})
_LIVE = ("active", "ok", "registered", "connect", "client", "server", "paid")
"""How the statuses of a domain that is there begin."""

_NOT_FOUND = re.compile(
    r"no match|not found|no data found|no entries found|no object found|nothing found|status:\s*(?:free|available)|"
    r"is available for (?:registration|purchase)|domain (?:is )?available|does not exist|no such domain|"
    r"not registered|is free\b|object does not exist|no information available about domain|"
    r"el dominio no se encuentra registrado",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"quota exceeded|limit exceeded|exceeded (?:your|the|allowed)|too many (?:requests|queries|connections)|"
    r"try again later|rate limit|access (?:control )?(?:denied|limit)|queried interval is too short|blacklisted|"
    r"excessive quer|number of allowed queries",
    re.IGNORECASE,
)
# An answer may be 64 KiB of anything, and is read between two events: nothing here may try a text's parts against each
# other. Lines are cut at their mark, and forms are held against short values.
_LONGEST_LABEL, _LONGEST_VALUE = 60, 100
_ITEM = re.compile(r"[a-z]\.\s", re.ASCII)  # .jp counts its lines: `a. [Domain Name]`
_SENTENCE = re.compile(r"((?:record )?(?:created|registered|expires) on) (\d.*)", re.IGNORECASE)  # .tw, .gg

_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_CLOCK = r"(?:(?:[T ]| at )\s*(?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d)(?:\.\d+)?)?)?"
_ZONE = r"\s*\(?(?P<zone>Z|UTC|GMT|JST|KST|CET|CEST)?(?P<shift>[+-]\d{1,2}(?::?\d\d)?)?.*"
_FORMS = tuple(
    re.compile(form + _CLOCK + _ZONE, re.IGNORECASE | re.ASCII | re.DOTALL)
    for form in (
        r"(?P<year>\d{4})[-/.]\s?(?P<month>\d{1,2})[-/.]\s?(?P<day>\d{1,2})\.?",  # 1997-09-15, 2007. 03. 02.
        r"(?P<year>\d{4})-(?P<name>[A-Za-z]{3})-(?P<day>\d{1,2})\.?",  # 2001-Aug-23. (.tr)
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?!\d)",  # 19970915
        # 15-Sep-1997; 15th September 1997; Mon, 15 Sep 1997
        r"(?:before\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?[-/. ](?P<name>[A-Za-z]{3})[a-z]*[-/. ,]+(?P<year>\d{4})",
        r"(?:[A-Za-z]{3,9},?\s+)?(?P<day>\d{1,2})\s+(?P<name>[A-Za-z]{3})[a-z]*\s+(?P<year>\d{4})",
    )
)
_UNIX = re.compile(  # Mon Sep 15 04:00:00 1997; September 15 1997
    r"(?:[A-Za-z]{3}\s+)?(?P<name>[A-Za-z]{3})[a-z]*\s+(?P<day>\d{1,2}),?(?:\s+(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d))?"
    r"(?:\s+(?P<zone>UTC|GMT))?\s+(?P<year>\d{4}).*",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_NUMBERS = re.compile(
    r"(?P<a>\d{1,2})(?P<mark>[-/.])\s?(?P<b>\d{1,2})[-/.]\s?(?P<year>\d{4})\.?" + _CLOCK + _ZONE, re.ASCII | re.DOTALL
)
_ZONES = {"JST": 9, "KST": 9, "CET": 1, "CEST": 2}
_FIRST_YEAR = 1983  # before the first domain
_MONTHS_A_YEAR = 12


def read_whois(
    text: str, domain: str, now: float, *, day_first: bool | None = None
) -> Known[Registration] | Absent | Unavailable:
    """The registration that an answer tells.

    Args:
        text: the answer.
        domain: the domain that was asked for, A-labels.
        now: seconds since the epoch.
        day_first: whether the server writes `03/04/2020` for the third of April; None: not known, and such a day is
            believed only where it can be read in one way.

    Returns:
        Known; Absent where the server says that there is no such domain; or Unavailable for the reason
        `rate_limited`, `wrong_name` (it answers of another domain), `bad_date` or `no_registration_date`.
    """
    created = expires = None
    named: set[str] = set()
    dated = held = False
    for label, value in _fields(text):
        if label in _DOMAIN:
            named.update(value.lower().split())
        elif label in _CREATED:
            dated = True
            created = created if created is not None else read_day(value, now, day_first=day_first)
        elif label in _EXPIRES:
            expires = expires if expires is not None else read_day(value, now, day_first=day_first, ahead=True)
        held = held or label in _HELD or (label in _STATUS and value.lower().startswith(_LIVE))
    if created is not None:
        if named and named.isdisjoint(_spellings(domain)):
            return Unavailable("wrong_name")
        return Known(Registration(created, expires, WHOIS, now))
    if dated:
        return Unavailable("bad_date")
    if held:  # what looks like a refusal then is the small print
        return Unavailable("no_registration_date")
    if _NOT_FOUND.search(text):
        return Absent(now)
    return Unavailable("rate_limited" if _REFUSED.search(text) else "no_registration_date")


def _spellings(domain: str) -> set[str]:
    """How a registry may write a domain: in A-labels or U-labels, with a final dot, or its first label alone."""
    whole = {domain, unicode_of(domain).lower()}
    return whole | {f"{name}." for name in whole} | {name.partition(".")[0] for name in whole}


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """(label, value) of each line that has both; a label alone on its line takes the next one's text (.uk)."""
    waiting = ""
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith(("%", "#", ">>>")):
            continue
        label, value = _label_and_value(bare)
        if label and value:
            yield label, value
        elif waiting and value:
            yield waiting, value
        waiting = "" if value else label


def _label_and_value(line: str) -> tuple[str, str]:
    """A line's two parts; no label where it is a text alone. `label: value`, `[label] value`, `created on value`."""
    sentence = _SENTENCE.fullmatch(line)
    if sentence is not None:
        return sentence[1].lower(), sentence[2][:_LONGEST_VALUE]
    text = line[3:].lstrip() if _ITEM.match(line) else line
    label, mark, value = text[1:].partition("]") if text.startswith("[") else text.partition(":")
    if not mark or len(label) > _LONGEST_LABEL:
        return "", line[:_LONGEST_VALUE]
    return label.strip(" \t.*").lower(), value.strip()[:_LONGEST_VALUE]


def read_day(text: str, now: float, *, day_first: bool | None = None, ahead: bool = False) -> float | None:
    """A day as registries write it, seconds since the epoch; None where it is none, or can be read in two ways.

    Args:
        text: `1997-09-15T04:00:00Z`, `15-Sep-1997`, `2001/05/30`, `2007. 03. 02.`, `Mon Sep 15 04:00:00 1997`,
            `15.09.1997`, …; without a zone it is UTC.
        now: seconds since the epoch; what lies more than two days ahead is no day of registration.
        day_first: see `read_whois`.
        ahead: whether it may lie in the future.
    """
    text = text.strip()
    found = next((match for form in (*_FORMS, _UNIX) if (match := form.fullmatch(text))), None)
    if found is None:
        found = _NUMBERS.fullmatch(text)
        if found is None:
            return None
        day_month = _day_and_month(int(found["a"]), int(found["b"]), found["mark"], day_first)
        if day_month is None:
            return None
        day, month = day_month
    else:
        day = int(found["day"])
        name = found.groupdict().get("name")
        month = _MONTHS.get(name.lower(), 0) if name else int(found["month"])
    at = _epoch(int(found["year"]), month, day, found.groupdict())
    return None if at is None or (not ahead and at > now + 2 * 86400) else at


def _day_and_month(a: int, b: int, mark: str, day_first: bool | None) -> tuple[int, int] | None:
    if mark == ".":
        day_first = True  # nobody writes months first with dots
    if day_first is None:
        if a == b or a > _MONTHS_A_YEAR:
            day_first = True
        elif b > _MONTHS_A_YEAR:
            day_first = False
        else:
            return None
    return (a, b) if day_first else (b, a)


def _epoch(year: int, month: int, day: int, parts: dict[str, str | None]) -> float | None:
    try:
        hour, minute, second = (int(parts.get(part) or 0) for part in "hms")
        zone = timezone(_shift(parts.get("zone"), parts.get("shift")))
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except (ValueError, OverflowError):
        return None
    return at.timestamp() if year >= _FIRST_YEAR else None


def _shift(zone: str | None, shift: str | None) -> timedelta:
    """How far a zone is ahead of UTC: by its name, or as `+03:00`, `+0300`, `+03`, `+3`.

    Raises:
        ValueError: by more than a day, or not in whole minutes of an hour.
    """
    if not shift:
        return timedelta(hours=_ZONES.get((zone or "").upper(), 0))
    hours, _, minutes = shift[1:].partition(":")
    if len(hours) > 2:  # noqa: PLR2004  # digits of an hour
        hours, minutes = hours[:2], hours[2:]
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -ahead if shift[0] == "-" else ahead
