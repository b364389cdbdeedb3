"""A Wazuh manager's log folder, played for tests: what analysisd, monitord and logrotate do to alerts.json.

    home = WazuhHome(tmp_path)
    home.write(dns_alert("a.example"), dns_alert("b.example"))
    home.switch_day()           # the fixed name is linked to the next day's file
    home.compress()             # all files but the present one become .gz

Lines are written as analysisd does it, through a descriptor that stays open: `partial` leaves half a line, `late`
writes to the file of before the last switch.
"""

import gzip
import json
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC).timestamp()

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class WazuhHome:
    """`logs/alerts` below `root` (or `logs/archives`), with a fixed name that is a hard link to the day's file."""

    def __init__(self, root: Path, *, day: date = date(2026, 11, 24), archives: bool = False) -> None:
        self.folder = root / "logs" / ("archives" if archives else "alerts")
        self.path = self.folder / f"{self.folder.name}.json"
        self.day = day
        self.part = 0
        self._prefix = "ossec-archive" if archives else "ossec-alerts"
        self._old: BinaryIO | None = None
        self._file: BinaryIO | None = None
        self._link()

    @property
    def dated(self) -> Path:
        """The present day's file."""
        part = f"-{self.part:03d}" if self.part else ""
        name = f"{self._prefix}-{self.day.day:02d}{part}.json"
        return self.folder / str(self.day.year) / _MONTHS[self.day.month - 1] / name

    def write(self, *lines: bytes) -> None:
        """Whole lines."""
        self.partial(b"".join(line + b"\n" for line in lines))

    def partial(self, data: bytes) -> None:
        """Any bytes, as a flush may cut them."""
        _append(self._file, data)

    def late(self, data: bytes) -> None:
        """Bytes for the file of before the last switch, flushed after it."""
        _append(self._old, data)

    def switch_day(self, days: int = 1) -> None:
        """Midnight: the next dated file, the fixed name linked to it."""
        self.day += timedelta(days=days)
        self.part = 0
        self._link()

    def new_part(self) -> None:
        """Rotation within the day (`max_output_size`, `rotate_interval`)."""
        self.part += 1
        self._link()

    def restart(self) -> None:
        """The manager starts again on the same day: the fixed name is away and comes back with the same inode."""
        self._link()

    def compress(self, *, keep: int = 1) -> list[Path]:
        """monitord: all plain dated files but the last `keep` become .gz. Returns these."""
        packed = [half_compress(path) for path in self.plain()[: -keep or None]]
        for path in packed:
            plain = path.with_suffix("")
            path.write_bytes(gzip.compress(plain.read_bytes()))
            plain.unlink()
        return packed

    def plain(self) -> list[Path]:
        """Plain dated files, oldest first."""
        found = self.folder.glob("[0-9]*/*/*.json")
        return sorted(found, key=lambda p: (int(p.parts[-3]), _MONTHS.index(p.parts[-2]), p.stem))

    def rename(self, suffix: str = ".1") -> Path:
        """Logrotate without copytruncate: the fixed name becomes another one; writing goes on in that file."""
        return self.path.rename(self.path.with_name(self.path.name + suffix))

    def reopen(self) -> None:
        """A writer that was told of the rename: a fresh file at the fixed path, no dated name."""
        self.close_old()
        self._old, self._file = self._file, self.path.open("ab", buffering=0)

    def copytruncate(self, suffix: str = ".1") -> Path:
        """Logrotate with copytruncate: a copy beside the fixed name, which is emptied."""
        copy = self.path.with_name(self.path.name + suffix)
        copy.write_bytes(self.path.read_bytes())
        os.truncate(self.path, 0)
        return copy

    def close(self) -> None:
        """Let go of files."""
        self.close_old()
        if self._file is not None:
            self._file.close()
            self._file = None

    def __del__(self) -> None:
        self.close()  # a test that forgets to must not fail by a warning

    def close_old(self) -> None:
        """What a writer does once it has flushed the old file: its inode is free when it has no name left."""
        if self._old is not None:
            self._old.close()
            self._old = None

    def _link(self) -> None:
        self.close_old()
        self.dated.parent.mkdir(parents=True, exist_ok=True)
        self._old, self._file = self._file, self.dated.open("ab", buffering=0)
        self.path.unlink(missing_ok=True)
        self.path.hardlink_to(self.dated)


def half_compress(path: Path, *, part: float = 0.5) -> Path:
    """The .gz of a file while it is being written: its first part only. The plain file stays."""
    packed = path.with_name(path.name + ".gz")
    whole = gzip.compress(path.read_bytes())
    packed.write_bytes(whole[: int(len(whole) * part)])
    return packed


def dns_alert(
    query: object = "www.example.com",
    *,
    at: float = NOON,
    agent: Mapping[str, Any] | None = None,
    manager: str = "wazuh-1",
    system: Mapping[str, Any] | None = None,
    eventdata: Mapping[str, Any] | None = None,
    record: int = 182667,
    **changes: Any,
) -> bytes:
    """A Sysmon Event 22 as a line of alerts.json, without newline.

    Args:
        query: queryName; None leaves it out.
        at: the manager's and the event's time, seconds since the epoch.
        agent: the agent object; WIN10 where it is not given.
        manager: the manager's name.
        system, eventdata: fields to change or add; a value None leaves the field out.
        record: eventRecordID.
        **changes: top-level fields likewise (`cluster`, `timestamp`, `id` …).
    """
    sysmon_system = {
        "providerName": "Microsoft-Windows-Sysmon",
        "providerGuid": "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
        "eventID": "22",
        "version": "5",
        "level": "4",
        "task": "22",
        "opcode": "0",
        "keywords": "0x8000000000000000",
        "systemTime": _stamp(at, "T", 7) + "Z",
        "eventRecordID": str(record),
        "processID": "2400",
        "threadID": "1592",
        "channel": "Microsoft-Windows-Sysmon/Operational",
        "computer": "WIN10.corp.example",
        "severityValue": "INFORMATION",
        "message": f'"Dns query:\r\nRuleName: -\r\nQueryName: {query}\r\nQueryStatus: 0\r\n"',
    }
    dns_query = {
        "utcTime": _stamp(at, " ", 3),
        "processGuid": "{4dc16835-e4b7-612f-d002-000000001900}",
        "processId": "2412",
        "queryName": query,
        "queryStatus": "0",
        "queryResults": "type:  5 edge.example.net;::ffff:192.0.2.40;",
        "image": "C:\\\\Program Files\\\\Browser\\\\browser.exe",
        "user": "CORP\\\\alice",
    }
    alert = {
        "timestamp": _stamp(at, "T", 3) + "+0000",
        "rule": {
            "level": 3,
            "description": f"Sysmon - Event 22: DNS query {query}",
            "id": "117090",
            "firedtimes": 1,
            "mail": False,
            "groups": ["windows", "sysmon", "sysmon_event_22"],
        },
        "agent": {"id": "001", "name": "WIN10", "ip": "10.0.0.5"} if agent is None else agent,
        "manager": {"name": manager},
        "id": f"{int(at)}.{record}",
        "decoder": {"name": "windows_eventchannel"},
        "data": {"win": {"system": _with(sysmon_system, system), "eventdata": _with(dns_query, eventdata)}},
        "location": "EventChannel",
    }
    return json.dumps(_with(alert, changes), ensure_ascii=False, separators=(",", ":")).encode()


def other_alert(number: int = 0) -> bytes:
    """An alert that is no DNS query."""
    rule = {"level": 5, "description": "sshd: authentication failed", "id": "5760", "groups": ["syslog", "sshd"]}
    alert = {"timestamp": _stamp(NOON, "T", 3) + "+0000", "rule": rule, "id": f"{int(NOON)}.{number}"}
    return json.dumps(alert | {"agent": {"id": "000", "name": "wazuh-1"}, "data": {"srcip": "192.0.2.1"}}).encode()


def sysmon_alert(event: Mapping[str, Any], *, at: float | None = None, manager: str = "wazuh-1") -> bytes:
    """A record of `sysmon22/sysmon_event22_raw.jsonl.gz` as Wazuh would have written it.

    Args:
        event: `queryName, queryStatus, queryResults, image, utcTime, raw{RecordNumber, Hostname, …}`.
        at: the manager's time, seconds since the epoch; the event's own where it is None.
        manager: the manager's name.
    """
    raw = event["raw"]
    own = datetime.fromisoformat(event["utcTime"]).replace(tzinfo=UTC).timestamp()
    host = str(raw["Hostname"])
    return dns_alert(
        _escaped(event["queryName"]),
        at=own if at is None else at,
        agent={"id": "005", "name": host.split(".", maxsplit=1)[0], "ip": "192.0.2.14"},
        manager=manager,
        system={
            "computer": host,
            "eventRecordID": str(raw.get("RecordNumber") or 0),
            "systemTime": _stamp(own, "T", 7) + "Z",
        },
        eventdata={
            "utcTime": event["utcTime"],
            "queryStatus": event["queryStatus"],
            "queryResults": _escaped(event["queryResults"]),
            "image": _escaped(event["image"]),
            "processGuid": raw["ProcessGuid"],
            "processId": _escaped(raw.get("ProcessId")),
            "user": _escaped(raw.get("User")),
        },
    )


def _escaped(value: object) -> str | None:
    """As the windows_eventchannel decoder leaves it: backslashes doubled, empty values left out."""
    text = "" if value is None else str(value)
    return None if text in {"", "-", "(NULL)"} else text.replace("\\", "\\\\")


def _with(fields: Mapping[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in {**fields, **(changes or {})}.items() if value is not None}


def _stamp(at: float, between: str, digits: int) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.strftime(f"%Y-%m-%d{between}%H:%M:%S.") + f"{moment.microsecond:06d}0"[:digits]


def _append(file: BinaryIO | None, data: bytes) -> None:
    assert file is not None
    file.write(data)
