"""Sysmon's Event 22 (DNS query): how it is recognised, and what its fields say.

Field values come as Wazuh's `windows_eventchannel` decoder leaves them: text mostly, backslashes doubled, XML entities
not undone, empty ones left out. A value may be of any JSON type all the same, and none of them may lose the event.
"""

import html
import ipaddress
import re

from firstsight.core.events import Detail, Process, Status, status_of

_PROVIDER = "Microsoft-Windows-Sysmon"
_EVENT_IDS = frozenset({"22", "255"})
_EMPTY = frozenset({"-", "(NULL)"})
_RECORD = re.compile(r"type:\s*\d+\s*(.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
# An address between semicolons. Its shape is enough: it decides only where the status code does not.
_ADDRESS = re.compile(r"(?:^|;)\s*(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}:[0-9a-f:.]+)\s*(?:;|$)", re.IGNORECASE)
_LARGEST = 2**63 - 1  # record numbers are kept as 64-bit integers
_LARGEST_DIGITS = len(str(_LARGEST))
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII)


def text(value: object) -> str:
    """A scalar as text: numbers as decimal digits, anything else but text as empty."""
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    if type(value) is float and value.is_integer():
        return str(int(value))
    return ""


def is_dns_query(event_id: object, task: object, provider: object, channel: object, name: object) -> bool:
    """Whether an event is Sysmon's Event 22, by its data.

    Windows delivers some as event 255 with task 22 (Wazuh's own rule tests hold one). Where neither the provider
    nor the channel is said, only a query name tells it from another provider's event 22.
    """
    if is_certain(event_id, provider):
        return True
    number = text(event_id)
    if not may_be_dns_query(number) or (number != "22" and text(task) != "22"):
        return False
    if provider == _PROVIDER:
        return True
    provider, channel = text(provider).lower(), text(channel).lower()
    if provider or channel:
        return provider == _PROVIDER.lower() or channel.startswith(_PROVIDER.lower())
    return name is not None


def is_certain(event_id: object, provider: object) -> bool:
    """Whether an event is Sysmon's Event 22 as Wazuh writes nearly every one; where not, it may be all the same."""
    return event_id == "22" and provider == _PROVIDER


def may_be_dns_query(event_id: str) -> bool:
    """Whether an event may be Sysmon's Event 22, by its number alone."""
    return event_id in _EVENT_IDS


def query_name(value: object) -> str | None:
    """The name asked for: text as Sysmon wrote it; None where something else stands there."""
    if type(value) is not str:
        return None
    return _undo(value) if "&" in value or "\\" in value else value


def record_number(value: object) -> int:
    """The eventRecordID as a number above 0; 0 where there is none."""
    digits = value if type(value) is str else text(value)
    if not digits.isdecimal() or len(digits) > _LARGEST_DIGITS:
        return 0
    number = int(digits)
    return number if number <= _LARGEST else 0


def status(code: object, results: object) -> Status:
    """How the question ended, by queryStatus and queryResults."""
    if code == "0":  # most events: no need to look into their answers
        return Status.ANSWERED
    digits = text(code).strip()
    return status_of(
        None if not digits or digits in _EMPTY else digits,
        has_address=_ADDRESS.search(results_text(results)) is not None,
    )


def answers(results: object) -> tuple[str, ...]:
    """queryResults as names and addresses, in order.

    `type:  5 a1834.dspg2.akamai.net;::ffff:181.30.131.40;fe80::1;type:  33 ;` → the CNAME, the IPv4 address without
    its IPv6 cover, the IPv6 address; a record that Sysmon writes without its value is left out.
    """
    parts = (part.strip() for part in _undo(results_text(results)).split(";"))
    return tuple(answer for part in parts if (answer := _answer(part)))


def detail(eventdata: dict[str, object]) -> Detail:
    """The evidence in an event's data."""
    process_id = _plain(eventdata.get("processId"))
    return Detail(
        Process(
            image=_plain(eventdata.get("image")),
            guid=_plain(eventdata.get("processGuid")),
            id="" if process_id == "None" else process_id,  # some forwarders' word for "not known"
            user=_plain(eventdata.get("user")),
        ),
        answers(eventdata.get("queryResults")),
    )


def _plain(value: object) -> str:
    plain = _undo(text(value)).strip()
    return "" if plain in _EMPTY else plain


def _undo(value: str) -> str:
    if "&" in value:
        value = html.unescape(value)
    return value.replace("\\\\", "\\")


def results_text(value: object) -> str:
    """The queryResults as text, also where Wazuh made a list of it."""
    if type(value) is str:
        return value
    if isinstance(value, list):  # Wazuh makes a list of text that looks like one
        return ";".join(text(part) for part in value)
    return ""


def _answer(part: str) -> str:
    if part in _EMPTY:
        return ""
    record = _RECORD.fullmatch(part)
    if record is not None:
        return str(record[1]).strip()
    return _uncovered(part) if part[:7].lower() == "::ffff:" else part


def _uncovered(part: str) -> str:
    """An IPv4 address without its IPv6 cover (RFC 4291 2.5.5.2); anything else as it is."""
    plain = part[7:]
    if _IPV4.fullmatch(plain):  # as Windows writes it; the long way takes longer than all the rest of an event
        return plain
    try:
        mapped = ipaddress.IPv6Address(part).ipv4_mapped
    except ValueError:
        return part
    return str(mapped) if mapped else part
