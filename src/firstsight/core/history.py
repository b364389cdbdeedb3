"""What a Domain Stats server remembers, taken out of its own JSON: whom it was asked for, since when, how old.

Two shapes, both as Domain Stats 1.0.1 writes them: an item of `/cache_browse`
(`{"cache_expires", "cache_value": {record}, "domain"}`), and one of its export files (a record's `seen_by_web`,
`seen_by_isc` and `freq_score` beside `domain` and `expires`). Of a file that firstsight has exported `seen_by_you` is
read too.
"""

import re
from calendar import timegm
from collections.abc import Callable, Iterable
from email.utils import parsedate_tz
from typing import Any

import msgspec

from firstsight.core.dnsstat import Record
from firstsight.core.errors import InputError
from firstsight.core.facts import Registration
from firstsight.core.names import Kind, Name

_EARLIEST = 473_385_600  # 1985: the first .com is of March of that year
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")  # what the original calls a source: RDAP, or a file's name


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some of a history, a line of the file in which it waits to be taken in.

    Attributes:
        read: how many of the server's items have been read up to here.
        looked_up: (registrable domain, seconds since the epoch).
        registrations: registered domain → its registration.
    """

    read: int
    looked_up: list[tuple[str, int]]
    registrations: dict[str, Registration]


encode_page = msgspec.json.Encoder().encode
decode_page = msgspec.json.Decoder(Page).decode


def items_of(body: bytes, origin: str) -> list[msgspec.Raw]:
    """The items of an answer or a file, each still JSON: a file of millions is not turned into objects at once.

    Args:
        body: JSON.
        origin: where it is from, for the error.

    Raises:
        InputError: it is no JSON list.
    """
    try:
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{origin} is not what Domain Stats writes: a JSON list is needed ({error}). Give its address, such as "
            f"http://127.0.0.1:5730, or a file of `domain-stats-utils DIR -e FILE`."
        ) from error


def records_of(items: list[msgspec.Raw]) -> list[msgspec.Raw]:
    """A server's items without the first one, where that only names the next page."""
    return items[1:] if items and "next" in _object(items[0]) else items


def page_of(items: Iterable[msgspec.Raw], parse: Callable[[str], Name], now: float, read: int) -> Page:
    """A page of what can be used of some items.

    A record without a date of first contact (an error of the original's, or an imported one) was looked up by now. A
    registration whose end is past may have changed hands since, so it is asked for anew; so is one that stands for
    a name which nobody registers (below a private suffix).

    Args:
        items: of either shape; those that are none, or whose domain has no public suffix, are left out.
        parse: tells what a name is.
        now: seconds since the epoch; nothing was looked up later.
        read: for the page.
    """
    looked_up: dict[str, int] = {}
    registrations = {}
    for item in items:
        domain, record, expires = _parts(_object(item))
        name = parse(domain)
        if name.kind is not Kind.PUBLIC or name.registrable == name.suffix:
            continue
        since = int(min(_date(record.get("seen_by_you")) or now, now))
        looked_up[name.registrable] = min(since, looked_up.get(name.registrable, since))
        registered = _date(record.get("seen_by_web"))
        valid = expires is None or expires > now
        if registered is not None and registered <= now and valid and name.registered == name.fqdn:
            tag = record.get("seen_by_isc")
            source = tag if isinstance(tag, str) and _TAG.fullmatch(tag) else "import"
            registrations[name.registered] = Registration(registered, None, source, since)
    return Page(read, list(looked_up.items()), registrations)


def _object(item: msgspec.Raw) -> dict[str, Any]:
    """An item; empty where it is no object."""
    try:
        return msgspec.json.decode(item, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _parts(item: dict[str, Any]) -> tuple[str, Record, float | None]:
    """An item's domain, its record, and when the registration ends; an empty domain where it is none."""
    domain, record, expires = item.get("domain"), item.get("cache_value", item), item.get("expires")
    if not isinstance(domain, str) or not isinstance(record, dict):
        return "", {}, None
    return domain, record, float(expires) if isinstance(expires, int | float) else None


def _date(text: Any) -> float | None:
    """An RFC 1123 date as seconds since the epoch; None for anything else (`ERROR`, `UNKNOWN`)."""
    parsed = parsedate_tz(text) if isinstance(text, str) else None
    if parsed is None:
        return None
    try:
        at = timegm(parsed[:6]) - (parsed[9] or 0)
    except (ValueError, OverflowError):
        return None
    return at if at >= _EARLIEST else None
