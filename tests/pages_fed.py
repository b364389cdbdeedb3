"""A service whose store holds what an attacker would like a page to run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firstsight.web.asker import nobody
from running import InThread, eventually, running
from wazuh_home import dns_alert

SCRIPT = "<script>alert(1)</script>"
QUOTE = "\"'><img src=x onerror=alert(2)>"
FORMULA = '=HYPERLINK("http://evil.example","x")'


BY_NOBODY: dict[str, Any] = {"asker": nobody(""), "csrf": "", "log_in": "", "may": lambda _: False}
"""What a template has for every page, where nobody is known who asks."""


@dataclass
class Fed:
    """The service, and how many alerts it has."""

    service: InThread
    alerts: int


@contextmanager
def fed_service(folder: Path) -> Iterator[Fed]:
    """The service."""
    alerts = folder / "alerts.json"
    nasty = {"id": "002", "name": f"{QUOTE}{SCRIPT}", "ip": "10.0.0.6"}
    formula = {"id": "003", "name": FORMULA, "ip": "10.0.0.7"}
    alerts.write_bytes(
        b"\n".join(
            [
                dns_alert("www.harbour-lights.com", record=1),
                dns_alert(
                    "xkqzvbtrwpljhf.net",
                    record=2,
                    eventdata={"image": rf"C:\\{SCRIPT}.exe", "user": f"CORP\\\\{QUOTE}"},
                ),
                dns_alert("garden-gate.org", record=3, agent=nasty),
                dns_alert("orchard-lane.org", record=4, agent=formula, eventdata={"user": "@SUM(1)", "image": "-2+3"}),
                dns_alert(f"{SCRIPT}.example.com", record=5),
                dns_alert(f"{QUOTE}.example.org", record=6),
                b"",
            ]
        )
    )
    keys = {"learning": {"days": 0}, "sources": [{"path": alerts, "from": "start"}]}
    with running(folder, **keys) as service:
        eventually(lambda: len(service.get("/v1/alerts").json()["alerts"]) == 4)
        service.do(service.parts.store.flush)
        yield Fed(service, 4)
