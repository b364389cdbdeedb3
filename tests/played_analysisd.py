"""analysisd, played: what comes into a manager's queue is decoded, filed under a rule, and written to alerts.json.

Rules are the stock ones that matter and what stands in the manager's own etc/rules, evaluated as Wazuh does.

    with PlayedAnalysisd(home) as analysisd:
        assert eventually(lambda: analysisd.fired)
"""

import json
import socket
import threading
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import Any, Self

from manager_home import ManagerHome
from running import PATIENCE
from wazuh.decoder import Event, decode, flattened
from wazuh.evaluator import Ruleset
from wazuh.stock import STOCK

_LEVELS = {"4": "INFORMATION"}


class PlayedAnalysisd:
    """It reads the queue in a thread until the block ends. `fired`: ids of the rules of all alerts so far."""

    def __init__(self, home: ManagerHome, *, deaf_to: bytes = b"\0") -> None:
        self._home = home
        self._deaf_to = deaf_to  # messages that hold this come to nothing
        self._rules = Ruleset()
        self._rules.load(STOCK)
        for path in sorted((home.path / "etc/rules").glob("firstsight*.xml")):
            self._rules.load(path.read_text())
        self.fired: list[int] = []
        self.taken: list[bytes] = []

    def __enter__(self) -> Self:
        path = self._home.path / "queue/sockets/queue"
        path.unlink(missing_ok=True)
        self._queue = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._queue.bind(str(path))
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.connect(str(self._home.path / "queue/sockets/queue"))
            out.send(b"")  # the last one
        self._thread.join(PATIENCE)
        self._queue.close()

    def _read(self) -> None:
        while message := self._queue.recv(65_535):
            self.taken.append(message)
            if self._deaf_to in message:
                continue
            data, event = _windows(message) if message.startswith(b"f:") else _json(message)
            rule = self._rules.fired(event)
            if rule is None:
                continue
            self.fired.append(rule.id)
            alert = {
                "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000",  # noqa: TID251
                "rule": {"level": rule.level, "id": str(rule.id), "groups": rule.group_list},
                "agent": {"id": "000", "name": "wazuh-1"},
                "manager": {"name": "wazuh-1"},
                "id": f"1795000000.{len(self.fired)}",
                "decoder": {"name": event.decoder},
                "data": data,
                "location": event.location,
            }
            with (self._home.path / "logs/alerts/alerts.json").open("ab") as file:
                file.write(json.dumps(alert, separators=(",", ":")).encode() + b"\n")


def _json(message: bytes) -> tuple[dict[str, Any], Event]:
    event = decode(message)
    return (json.loads(event.text) if event.decoder else {}), event


def _windows(message: bytes) -> tuple[dict[str, Any], Event]:
    """As `winevtchannel.c`: what stands behind the first `Event` and its punctuation, up to the quote, is XML."""
    queue, location, text = message.decode().split(":", 2)
    assert queue == "f"
    begin = text.index("Event") + len('Event":"')
    root = ET.fromstring(text[begin : text.index('"', begin)])
    space = "{http://schemas.microsoft.com/win/2004/08/events/event}"
    system: dict[str, str] = {}
    for element in root.find(f"{space}System") or []:
        tag = element.tag.removeprefix(space)
        if tag == "Provider":
            system |= {"providerName": element.attrib["Name"], "providerGuid": element.attrib["Guid"]}
        elif tag == "TimeCreated":
            system["systemTime"] = element.attrib["SystemTime"]
        elif tag == "Execution":
            system |= {"processID": element.attrib["ProcessID"], "threadID": element.attrib["ThreadID"]}
        elif tag not in {"Correlation", "Security"}:
            system[tag[0].lower() + tag[1:]] = element.text or ""
    system["severityValue"] = _LEVELS[system["level"]]
    data = {
        element.attrib["Name"][0].lower() + element.attrib["Name"][1:]: element.text or ""
        for element in root.find(f"{space}EventData") or []
    }
    win = {"win": {"system": system, "eventdata": data}}
    return win, Event("windows_eventchannel", location, flattened(win), text)
