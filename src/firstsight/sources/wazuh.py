"""DNS queries out of Wazuh's alerts.json (or archives.json): one alert a line, JSON.

Nearly every line is decoded once, for what every event needs only; its evidence when somebody asks for it.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from firstsight.core.clocks import AHEAD, PAST, believed, epoch, to_the_second
from firstsight.core.events import STATUS_BY_CODE, Agent, Batch, Detail, DnsEvent, Record
from firstsight.ports import Clock
from firstsight.sources import sysmon
from firstsight.sources.follow import Follower
from firstsight.sources.reading import Turn
from firstsight.sources.sysmon import text

_UNKNOWN = "unknown"
_NO_JSON = object()

# Wazuh writes text in every field read here; a line that does not is read again with room for any type.
#
# First what nearly every line of ours is told by, and no field more: each costs time on every line.


class _Agent(msgspec.Struct, frozen=True, gc=False):
    id: str = ""
    name: str = ""
    ip: str = ""


class _Named(msgspec.Struct, frozen=True, gc=False):
    name: str = ""


class _System(msgspec.Struct, rename="camel", frozen=True, gc=False):
    event_id: str = msgspec.field(default="", name="eventID")
    provider_name: str = ""
    event_record_id: str = msgspec.field(default="", name="eventRecordID")
    system_time: str = ""
    computer: str = ""


class _Query(msgspec.Struct, rename="camel", frozen=True, gc=False):
    query_name: str | None = None
    query_status: str = ""
    utc_time: str = ""


class _Win(msgspec.Struct, frozen=True, gc=False):
    system: _System = _System()
    eventdata: _Query = _Query()


class _Data(msgspec.Struct, frozen=True, gc=False):
    win: _Win = _Win()


class _Alert(msgspec.Struct, frozen=True, gc=False):
    timestamp: str = ""
    agent: _Agent = _Agent()
    manager: _Named = _Named()
    cluster: _Named = _Named()
    data: _Data = _Data()


# Then all that can tell, of a line that those did not settle.


class _WholeSystem(_System, rename="camel", frozen=True, gc=False):
    task: str = ""
    channel: str = ""


class _WholeQuery(_Query, rename="camel", frozen=True, gc=False):
    query_results: str = ""


class _WholeWin(_Win, frozen=True, gc=False):
    system: _WholeSystem = _WholeSystem()
    eventdata: _WholeQuery = _WholeQuery()


class _WholeData(_Data, frozen=True, gc=False):
    win: _WholeWin = _WholeWin()


class _WholeAlert(_Alert, frozen=True, gc=False):
    id: str = ""
    data: _WholeData = _WholeData()


class _WinEvidence(msgspec.Struct, frozen=True, gc=False):
    eventdata: dict[str, object] = {}


class _DataEvidence(msgspec.Struct, frozen=True, gc=False):
    win: _WinEvidence = _WinEvidence()


class _AlertEvidence(msgspec.Struct, frozen=True, gc=False):
    data: _DataEvidence = _DataEvidence()


_decode = msgspec.json.Decoder(_Alert).decode
_decode_whole = msgspec.json.Decoder(_WholeAlert).decode
_decode_evidence = msgspec.json.Decoder(_AlertEvidence).decode
_agents: dict[str, Agent] = {}
_AGENTS_AT_HAND = 100_000


def _agent(alert: _Alert) -> Agent:
    """Who asked. The same object each time, as a rule: it is told apart more quickly then, and takes no room twice."""
    who = alert.agent
    manager = alert.cluster.name or alert.manager.name
    name = who.name or who.id or _UNKNOWN
    agent = _agents.get(who.id)
    if agent is None or agent.name != name or agent.manager != manager or agent.ip != who.ip:
        if len(_agents) >= _AGENTS_AT_HAND:
            _agents.clear()
        agent = _agents[who.id] = Agent(manager, name, who.id, who.ip)
    return agent


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
        self._last = b""

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
        if turn.lines:
            self._last = turn.lines[-1]
        return read_batch(self._name, turn, self._clock.now())

    def lag(self) -> int:
        """Bytes not read yet."""
        return self._follower.lag()

    def behind(self) -> float:
        """Seconds since the manager wrote the line read last, while more lines wait; 0 where that is not known."""
        known = [at for at in (_written(self._last), self._follower.up_to_date) if at is not None]
        return max(0.0, self._clock.now() - max(known)) if known and self.lag() else 0.0

    def trouble(self) -> str | None:
        """What keeps the file from being read, or what may be missing of it."""
        return self._follower.trouble()

    def close(self) -> None:
        """Let go of files."""
        self._follower.close()


def read_batch(source: str, turn: Turn, now: float, node: str = "") -> Batch:
    """A turn's lines as a batch; beside the reasons of `read_lines` lines are skipped as `overlong`.

    Args:
        source: the name of the source.
        turn: the lines.
        now: the time, seconds since the epoch.
        node: the cluster's node that handed them over, if one did.
    """
    events, skipped = read_lines(turn.lines, now)
    if turn.overlong:
        skipped["overlong"] = turn.overlong
    return Batch(source, len(turn.lines) + turn.overlong, skipped, events, turn.position, node)


def read_lines(lines: Iterable[bytes], now: float) -> tuple[list[DnsEvent], dict[str, int]]:
    """DNS events in Wazuh alert lines, and how many lines hold none, by reason: `not_dns`, `bad_json`, `empty`.

    Args:
        lines: without newline.
        now: the time, seconds since the epoch.
    """
    events: list[DnsEvent] = []
    skipped: dict[str, int] = {}
    keep = events.append
    for line in lines:
        event = _usual(line) or _any(line, now)
        if isinstance(event, str):
            skipped[event] = skipped.get(event, 0) + 1
        else:
            keep(event)
    return events, skipped


def read_line(line: bytes, now: float) -> DnsEvent | Literal["not_dns", "bad_json", "empty"]:
    """The DNS event in one Wazuh alert line, or why it holds none."""
    return _usual(line) or _any(line, now)


def _usual(line: bytes) -> DnsEvent | Literal["not_dns"] | None:
    """The event in a line as Wazuh writes nearly all of ours, or that it holds another one; None for doubt."""
    try:
        alert = _decode(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    win = alert.data.win
    system, query = win.system, win.eventdata
    if not sysmon.is_certain(system.event_id, system.provider_name):
        return None if sysmon.may_be_dns_query(system.event_id) else "not_dns"
    status = STATUS_BY_CODE.get(query.query_status)
    number = sysmon.record_number(system.event_record_id)
    own, received = epoch(query.utc_time), to_the_second(alert.timestamp)
    if (
        status is None
        or not number
        or own is None
        or received is None
        # Well within bounds, so that the manager's fraction of a second makes no difference.
        or not received - PAST < own - 1 < own <= received + AHEAD
    ):
        return None
    computer, written = system.computer, to_the_second(system.system_time)
    return DnsEvent(
        sysmon.query_name(query.query_name),
        own,
        status,
        _agent(alert),
        Record(computer, number, own if written is None else written),
        system.event_record_id,
        computer,
        False,  # by name costs a tenth of all this
        Evidence(line),
    )


def _any(line: bytes, now: float) -> DnsEvent | Literal["not_dns", "bad_json", "empty"]:
    name: object
    try:
        alert = _decode_whole(line)
        name = alert.data.win.eventdata.query_name
    except (msgspec.DecodeError, ValueError, RecursionError):
        if not line.strip():
            return "empty"
        loose = _loose(line)
        if loose is _NO_JSON:
            return "bad_json"
        alert, name = _textual(loose)
    system, query = alert.data.win.system, alert.data.win.eventdata
    if not sysmon.is_dns_query(system.event_id, system.task, system.provider_name, system.channel, name):
        return "not_dns"

    own = epoch(query.utc_time)
    time, skewed = believed(epoch(system.system_time) if own is None else own, epoch(alert.timestamp), now)
    written = to_the_second(system.system_time)
    number = sysmon.record_number(system.event_record_id)
    computer = system.computer
    return DnsEvent(
        sysmon.query_name(name),
        time,
        sysmon.status(query.query_status, query.query_results),
        _agent(alert),
        Record(computer, number, time if written is None else written) if number else None,
        system.event_record_id if number else alert.id,
        computer,
        skewed,
        Evidence(line),
    )


def _written(line: bytes) -> float | None:
    """When the manager wrote a line, seconds since the epoch; None where it does not say."""
    return epoch(text(_value(_loose(line), "timestamp")))


def _textual(loose: object) -> tuple[_WholeAlert, object]:
    """An alert whose values are of other types than Wazuh's, as text; and its query name as it is."""
    win = _object(_object(loose, "data"), "win")
    system, query = _object(win, "system"), _object(win, "eventdata")
    agent = _texts(_object(loose, "agent"))
    alert = {
        "timestamp": text(_value(loose, "timestamp")),
        "id": text(_value(loose, "id")),
        "agent": agent,
        "manager": _texts(_object(loose, "manager")),
        "cluster": _texts(_object(loose, "cluster")),
        "data": {
            "win": {
                "system": _texts(system),
                "eventdata": {
                    **_texts({key: value for key, value in query.items() if key != "queryName"}),
                    "queryResults": sysmon.results_text(query.get("queryResults")),
                },
            }
        },
    }
    return msgspec.convert(alert, _WholeAlert), query.get("queryName")


def _texts(values: dict[str, object]) -> dict[str, str]:
    return {key: text(value) for key, value in values.items()}


class Evidence(msgspec.Struct):
    """What only news needs of a line; decoded when it is first asked for."""

    line: bytes
    _detail: Detail | None = None

    def __call__(self) -> Detail:
        """Decode it, once."""
        if self._detail is None:
            try:
                data = _decode_evidence(self.line).data.win.eventdata
            except (msgspec.DecodeError, ValueError, RecursionError):
                data = _object(_object(_object(_loose(self.line), "data"), "win"), "eventdata")
            self._detail = sysmon.detail(data)
        return self._detail


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


def _value(parent: object, key: str) -> object:
    return parent.get(key) if isinstance(parent, dict) else None


def _object(parent: object, key: str) -> dict[str, object]:
    value = _value(parent, key)
    return value if isinstance(value, dict) else {}
