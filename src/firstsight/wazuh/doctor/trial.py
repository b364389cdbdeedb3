"""`firstsight wazuh check --fire`: one marked DNS query sent through the whole chain, and watched at each station.

It enters as an agent's Event 22 does, on behalf of the manager itself (agent 000): into analysisd's queue, in the form
that the `windows_eventchannel` decoder reads (`src/analysisd/decoders/winevtchannel.c`). Everything after that is the
real thing, and the real alert comes out. The name is under `.bit`, so nobody outside is ever asked for it and it
alerts in the learning period too; and it is never the same, because a domain alerts once.
"""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from firstsight.core.errors import InputError
from firstsight.core.events import DnsEvent
from firstsight.ports import Clock
from firstsight.sources.follow import Follower
from firstsight.sources.wazuh import read_line
from firstsight.wazuh.doctor.arriving import decoded, rule_of
from firstsight.wazuh.doctor.findings import MARK
from firstsight.wazuh.doctor.service import ServiceClient
from firstsight.wazuh.setup.manager import ALERTS, QUEUE, Manager

_PATIENCE = 30.0  # seconds at a station; analysisd writes alerts.json out within two
_PAUSE = 0.1  # seconds between looks
_NO_QUERY = (
    "analysisd made no alert of it: are firstsight's rules taken up (`{reload}`)? `firstsight wazuh check` says more."
)
_NOT_RECORDED = (
    "The service has not read it: do its [[sources]] name this alerts.json, and is it far behind? Its /readyz says."
)
_NOT_DECIDED = "It was recorded, and raised no alert: is the root .bit, or this name, excepted?"
_NO_ANSWER = (
    "The alert was decided, and Wazuh shows none: is [wazuh] queue this manager's (/readyz says what is amiss there), "
    "and are firstsight's rules taken up?"
)
_NOT_FOR_US = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Station:
    """A station. `reached`: seconds after sending, None: it was not; `text`: what was seen, or what to do."""

    name: str
    reached: float | None
    text: str


class Trial:
    """One event on its way.

    Args:
        manager: the manager.
        client: asks the service.
        clock: the time, which names the event.
        patience: seconds that it is waited for at each station.
    """

    def __init__(self, manager: Manager, client: ServiceClient, clock: Clock, *, patience: float = _PATIENCE) -> None:
        self._manager = manager
        self._client = client
        self._clock = clock
        self._patience = patience
        self._began = 0.0
        self._follower = Follower(manager.home / ALERTS, "end", clock=clock)
        self._query: dict[str, Any] | None = None  # Wazuh's alert of the query
        self._answer: dict[str, Any] | None = None  # and that of our own alert
        self.name = f"{MARK}-{datetime.fromtimestamp(clock.now(), UTC):%Y%m%d-%H%M%S-%f}.bit"

    def stations(self) -> Iterator[Station]:
        """Send it, and tell of each station as it is reached; the last one told of is where it stopped, if it did."""
        self._follower.resume(None)
        self._follower.read()  # from here on
        try:
            for name, reach, advice in self._route():
                try:
                    seen = self._until(reach)
                except InputError as error:
                    yield Station(name, None, f"{error} {advice}")
                    return
                if seen is None:
                    yield Station(name, None, f"It did not come within {self._patience:.0f} seconds. {advice}")
                    return
                yield Station(name, time.monotonic() - self._began, seen)
        finally:
            self._follower.close()

    def _route(self) -> list[tuple[str, Callable[[], str | None], str]]:
        """Each station: its name, what tells that it is reached, and what to do where it is not."""
        bin_ = self._manager.home / "bin"
        return [
            ("sent", self._send, f"See `{bin_}/wazuh-control status`."),
            ("query in alerts.json", self._queried, _NO_QUERY.format(reload=f"{bin_}/wazuh-control reload")),
            ("recorded", self._recorded, _NOT_RECORDED),
            ("decided", self._decided, _NOT_DECIDED),
            ("alert in alerts.json", self._answered, _NO_ANSWER),
        ]

    def _send(self) -> str:
        path = self._manager.home / QUEUE
        self._began = time.monotonic()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.settimeout(self._patience)
                out.connect(os.fspath(path))
                out.send(event_22(self.name, self._clock.now()))
        except OSError as error:
            raise InputError(f"{path} does not take it ({error.strerror or error}).") from error
        return self.name

    def _until(self, look: Callable[[], str | None]) -> str | None:
        end = time.monotonic() + self._patience
        while (seen := look()) is None and time.monotonic() < end:
            time.sleep(_PAUSE)
        return seen

    def _read(self) -> None:
        while (turn := self._follower.read()) is not None and turn.lines:
            for line in turn.lines:
                if self.name.encode() in line:
                    event = read_line(line, self._clock.now())
                    if isinstance(event, DnsEvent):
                        self._query = decoded(line)
                    else:
                        self._answer = decoded(line)

    def _queried(self) -> str | None:
        self._read()
        return None if self._query is None else f"by rule {rule_of(self._query)}"

    def _recorded(self) -> str | None:
        status, body = self._domain()
        if status in _NOT_FOR_US:
            return "not told: the service answers this machine with a token of scope read only"
        count = (body.get("seen") or {}).get("count")
        return f"count {count}" if count else None

    def _decided(self) -> str | None:
        status, body = self._domain()
        if status in _NOT_FOR_US:
            return "not told likewise"
        return f"{body['severity']}, alert {body['alert_id']}" if body.get("alert_id") else None

    def _answered(self) -> str | None:
        self._read()
        return None if self._answer is None else f"by rule {rule_of(self._answer)}"

    def _domain(self) -> tuple[int, dict[str, Any]]:
        status, body = self._client.get(f"/v1/domains/{self.name}")
        return status, body if isinstance(body, dict) else {}


def event_22(name: str, now: float) -> bytes:
    """The datagram of a DNS query by agent 000.

    The decoder finds its two values by the first `Event` and `Message` in the text, so neither word may stand before.

    Args:
        name: the name asked for.
        now: the time, seconds since the epoch.
    """
    at = datetime.fromtimestamp(now, UTC)
    data = {
        "UtcTime": f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}",
        "ProcessId": "1",
        "QueryName": name,
        "QueryStatus": "0",
        "QueryResults": "::ffff:192.0.2.1;",
        "Image": MARK,
        "User": MARK,
    }
    fields = "".join(f"<Data Name='{key}'>{value}</Data>" for key, value in data.items())
    xml = (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f-c22a-43e0-bf4c-06f5698ffbd9}'/>"
        "<EventID>22</EventID><Version>5</Version><Level>4</Level><Task>22</Task><Opcode>0</Opcode>"
        f"<Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime='{at:%Y-%m-%dT%H:%M:%S.%f}0Z'/>"
        "<EventRecordID>0</EventRecordID><Correlation/><Execution ProcessID='1' ThreadID='1'/>"
        f"<Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>{MARK}</Computer>"
        f"<Security UserID='S-1-5-18'/></System><EventData>{fields}</EventData></Event>"
    )
    body = json.dumps({"Message": f"Dns query: {MARK}", "Event": xml}, separators=(",", ":"))
    return b"f:EventChannel:" + body.encode()
