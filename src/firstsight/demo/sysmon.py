"""A question as Wazuh 4.x writes it into alerts.json: Sysmon Event 22 out of the Windows event channel."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random

from firstsight.demo.chance import chance
from firstsight.demo.company import NETBIOS, SERVICES, Host
from firstsight.demo.traffic import Question

Event = dict[str, dict[str, str]]
"""`data.win` of an alert: `system` and `eventdata`."""

_PROVIDER = {
    "providerName": "Microsoft-Windows-Sysmon",
    "providerGuid": "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
    "eventID": "22",
    "version": "5",
    "level": "4",
    "task": "22",
    "opcode": "0",
    "keywords": "0x8000000000000000",
}


class AlertLog:
    """Numbers and words the alerts of one manager.

    Args:
        rng: for what only looks lifelike (gaps between record numbers, delays).
        first_record: every endpoint's event log begins here; give a later log of the same fleet a higher one.
        ahead: host name → seconds by which its clock runs ahead.
    """

    def __init__(self, rng: Random, first_record: int, ahead: Mapping[str, float] | None = None) -> None:
        self._rng = rng
        self._records: dict[str, int] = {}
        self._first_record = first_record
        self._ahead = ahead or {}
        self._offset = rng.randint(10_000, 99_999)
        self._fired = 0

    def event(self, question: Question) -> Event:
        """The event as the endpoint's log holds it, with the next record number of that log."""
        host = question.host
        # Sysmon logs more than DNS: the numbers between two queries belong to other events.
        record = self._records.get(host.name, self._first_record) + self._rng.randint(1, 30)
        self._records[host.name] = record
        asked = question.at + self._ahead.get(host.name, 0.0)
        guid, process = _process(host, question.image)
        data = {
            "utcTime": _utc(asked)[:-4].replace("T", " "),
            "processGuid": guid,
            "processId": process,
            "queryName": question.name,
            "queryStatus": question.status,
            "queryResults": question.answers,
            "image": question.image,
            "user": SERVICES.get(question.image, host.user),
        }
        return {
            "system": {
                **_PROVIDER,
                "systemTime": _utc(asked + self._rng.uniform(0.2, 1.2)) + "Z",
                "eventRecordID": str(record),
                "processID": "3188",
                "threadID": "4752",
                "channel": "Microsoft-Windows-Sysmon/Operational",
                "computer": host.computer,
                "severityValue": "INFORMATION",
                "message": _message(data),
            },
            # Wazuh doubles backslashes and leaves out what is empty.
            "eventdata": {key: value.replace("\\", "\\\\") for key, value in data.items() if value},
        }

    def line(self, question: Question, event: Event, at: float) -> bytes:
        """One line of alerts.json: the event as the manager got it at a time (epoch seconds), newline included."""
        host = question.host
        self._fired += 1
        alert = {
            "timestamp": _utc(at)[:-4] + "+0000",
            "rule": {
                "level": 3,
                "description": f"Sysmon - Event 22: DNS query {question.name} by {question.image}",
                "id": "100100",
                "firedtimes": self._fired,
                "mail": False,
                "groups": ["windows", "sysmon", "sysmon_event_22"],
            },
            "agent": {"id": host.id, "name": host.name, "ip": host.ip},
            "manager": {"name": f"{NETBIOS.lower()}-wazuh"},
            "id": f"{int(at)}.{self._offset}",
            "decoder": {"name": "windows_eventchannel"},
            "location": "EventChannel",
            "data": {"win": event},
        }
        line = json.dumps(alert, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        self._offset += len(line)  # Wazuh's alert ids end with the place in the file
        return line


def _utc(at: float) -> str:
    """A time with seven decimals, as Windows writes it: `2026-11-24T02:00:00.1234560`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"


def _process(host: Host, image: str) -> tuple[str, str]:
    """GUID and id of a process; the same program on the same machine stays the same process."""
    rng = chance(host.name, image)
    machine = f"{chance(host.name).getrandbits(32):08x}"
    guid = f"{{{machine}-{rng.getrandbits(16):04x}-{rng.getrandbits(16):04x}-0000-{rng.getrandbits(48):012x}}}"
    return guid, str(rng.randrange(1_000, 16_000, 4))


def _message(data: Mapping[str, str]) -> str:
    titles = ("UtcTime", "ProcessGuid", "ProcessId", "QueryName", "QueryStatus", "QueryResults", "Image", "User")
    rows = [f"{title}: {value or '-'}" for title, value in zip(titles, data.values(), strict=True)]
    return '"' + "\r\n".join(["Dns query:", "RuleName: -", *rows]) + '"'
