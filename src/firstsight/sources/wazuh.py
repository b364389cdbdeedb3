"""DNS queries out of Wazuh's alerts.json (or archives.json): one alert a line, JSON.

A line is decoded twice at most: at first only what every event needs, the evidence when somebody asks for it.
"""

import json
import math
from collections.abc import Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Literal

import msgspec

from firstsight.core.clocks import believed, epoch
from firstsight.core.events import Agent, Batch, Detail, DnsEvent, Record
from firstsight.ports import Clock
from firstsight.sources import sysmon
from firstsight.sources.follow import Follower
from firstsight.sources.sysmon import text

_UNKNOWN = "unknown"
_NO_JSON = object()

# Leaves are Any: a value of an unexpected type must not cost the event (`text` and its like sort them out).


class _Agent(msgspec.Struct, gc=False):
    id: Any = None
    name: Any = None
    ip: Any = None


class _Named(msgspec.Struct, gc=False):
    name: Any = None


class _System(msgspec.Struct, rename="camel", gc=False):
    event_id: Any = msgspec.field(default=None, name="eventID")
    task: Any = None
    provider_name: Any = None
    channel: Any = None
    event_record_id: Any = msgspec.field(default=None, name="eventRecordID")
    system_time: Any = None
    computer: Any = None


class _Query(msgspec.Struct, rename="camel", gc=False):
    query_name: Any = None
    query_status: Any = None
    query_results: Any = None
    utc_time: Any = None


class _Win(msgspec.Struct, gc=False):
    system: _System = msgspec.field(default_factory=_System)
    eventdata: _Query = msgspec.field(default_factory=_Query)


class _Data(msgspec.Struct, gc=False):
    win: _Win = msgspec.field(default_factory=_Win)


class _Alert(msgspec.Struct, gc=False):
    timestamp: Any = None
    agent: _Agent = msgspec.field(default_factory=_Agent)
    manager: _Named = msgspec.field(default_factory=_Named)
    cluster: _Named = msgspec.field(default_factory=_Named)
    id: Any = None
    data: _Data = msgspec.field(default_factory=_Data)


_decode = msgspec.json.Decoder(_Alert).decode
_agent = lru_cache(maxsize=8192)(Agent)


class WazuhSource:
    """Follows an alerts.json (`ports.Source`).

    Args:
        name: the source's name.
        path: the fixed path.
        start: where a new source begins: the file's beginning, or its end as it is then.
        clock: the time; also stands in for a manager's that can't be read.
        settle: see `Follower`, seconds.
    """

    def __init__(
        self, name: str, path: Path, start: Literal["start", "end"], clock: Clock, *, settle: float = 1.0
    ) -> None:
        self._name = name
        self._clock = clock
        self._follower = Follower(path, start, clock=clock, settle=settle)

    @property
    def name(self) -> str:
        """The source's name."""
        return self._name

    def resume(self, position: str | None) -> None:
        """Go to a stored position, or (None) to where a new source begins."""
        self._follower.resume(position)

    def read(self) -> Batch | None:
        """The next lines, None while there are none. A new source's first batch may be empty, for its position."""
        turn = self._follower.read()
        if turn is None:
            return None
        events, skipped = read_lines(turn.lines, self._clock.now())
        if turn.overlong:
            skipped["overlong"] = turn.overlong
        return Batch(self._name, len(turn.lines) + turn.overlong, skipped, events, turn.position)

    def lag(self) -> int:
        """Bytes not read yet."""
        return self._follower.lag()

    def trouble(self) -> str | None:
        """What keeps the file from being read, or what may be missing of it."""
        return self._follower.trouble()

    def close(self) -> None:
        """Let go of files."""
        self._follower.close()


def read_lines(lines: Iterable[bytes], now: float) -> tuple[list[DnsEvent], dict[str, int]]:
    """DNS events in Wazuh alert lines, and how many lines hold none, by reason: `not_dns`, `bad_json`, `empty`.

    Args:
        lines: without newline.
        now: the time, seconds since the epoch.
    """
    events: list[DnsEvent] = []
    skipped: dict[str, int] = {}
    for line in lines:
        event = read_line(line, now)
        if isinstance(event, str):
            skipped[event] = skipped.get(event, 0) + 1
        else:
            events.append(event)
    return events, skipped


def read_line(line: bytes, now: float) -> DnsEvent | Literal["not_dns", "bad_json", "empty"]:
    """The DNS event in one Wazuh alert line, or why it holds none."""
    try:
        alert = _decode(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        if not line.strip():
            return "empty"
        loose = _loose(line)
        if loose is _NO_JSON:
            return "bad_json"
        alert = msgspec.convert(_shaped(loose), _Alert)
    system, query = alert.data.win.system, alert.data.win.eventdata
    if not sysmon.is_dns_query(system.event_id, system.task, system.provider_name, system.channel, query.query_name):
        return "not_dns"

    written = epoch(system.system_time)
    received = epoch(alert.timestamp)
    own = epoch(query.utc_time)
    time, skewed = believed(written if own is None else own, received, now)
    number = sysmon.record_number(system.event_record_id)
    computer = text(system.computer)
    agent = alert.agent
    return DnsEvent(
        name=sysmon.query_name(query.query_name),
        time=time,
        status=sysmon.status(query.query_status, query.query_results),
        agent=_agent(
            text(alert.cluster.name) or text(alert.manager.name),
            text(agent.name) or text(agent.id) or _UNKNOWN,
            text(agent.id),
            text(agent.ip),
        ),
        record=Record(computer, number, time if written is None else written) if number else None,
        event_id=str(number) if number else text(alert.id),
        computer=computer,
        clock_skew=skewed,
        detail=partial(_detail, line),
    )


def _detail(line: bytes) -> Detail:
    loose = _loose(line)
    win = _object(_object(loose, "data"), "win")
    return sysmon.detail(_object(win, "eventdata"))


def _loose(line: bytes) -> object:
    """Any JSON value, also with bytes that are no UTF-8 or half a surrogate pair; `_NO_JSON` where it is none."""
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    try:
        # A power cut leaves zeros, and a line may be appended to them.
        lax = json.loads(
            line.decode("utf-8", "replace").strip("\0\ufeff \r\n\t"),
            strict=False,
            parse_float=_finite,
            parse_constant=lambda _: None,
        )
        return msgspec.json.decode(json.dumps(lax, ensure_ascii=False).encode("utf-8", "replace"))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _NO_JSON


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _shaped(loose: object) -> dict[str, object]:
    """An alert whose objects are objects: what should be one and is not becomes an empty one."""
    alert = _object({"": loose}, "")
    win = _object(_object(alert, "data"), "win")
    return alert | {
        "agent": _object(alert, "agent"),
        "manager": _object(alert, "manager"),
        "cluster": _object(alert, "cluster"),
        "data": {"win": {"system": _object(win, "system"), "eventdata": _object(win, "eventdata")}},
    }


def _object(parent: object, key: str) -> dict[str, object]:
    value = parent.get(key) if isinstance(parent, dict) else None
    return value if isinstance(value, dict) else {}
