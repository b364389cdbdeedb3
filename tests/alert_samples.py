"""Alerts for tests: `make_alert()` is an ordinary one, its arguments make it special."""

from typing import Any

from firstsight.core.alerts import Alert, Asked
from firstsight.core.events import Agent, Process, Status
from firstsight.core.facts import Fact, Known, Registration, Unavailable
from firstsight.core.names import Kind
from firstsight.core.reasons import REASONS
from firstsight.core.verdict import Randomness, Reason, Seen, Severity, Verdict

AT = 1_795_487_611.25  # 2026-11-24T02:33:31.250Z
DAY = 86_400
REGISTERED = Known(Registration(AT - 12 * DAY - 100, AT + 353 * DAY, "RDAP", AT - 5))


def make_reason(code: str) -> Reason:
    kind = REASONS[code]
    return Reason(code, kind.alone, f"about {code}", kind.attack, {"days": 12, "hosts": ["a.example"]})


def make_alert(
    *codes: str,
    number: int = 1,
    severity: Severity = Severity.HIGH,
    agent: Agent = Agent("wazuh-1", "WIN10", "001", "10.0.0.5"),  # noqa: B008  # frozen
    registration: Fact[Registration] = REGISTERED,
    **changes: Any,
) -> Alert:
    """An alert with these reasons (first_seen and newly_registered where none are given).

    `changes` may hold `name`, `domain`, `summary`, `answers`, `image`, `event_id`, `follows`, `score` and `node`.
    """
    return Alert(
        id=f"alert-{number}",
        at=AT,
        asked=Asked(
            time=AT - 2,
            source="wazuh",
            event_id=changes.get("event_id", "1785407472.12345"),
            status=Status.ANSWERED,
            agent=agent,
            process=Process(changes.get("image", r"C:\Tools\curl.exe"), "{5770385f}", "2412", r"CORP\alice"),
            computer="win10.corp.example",
            answers=changes.get("answers", ("192.0.2.7", "cdn.example.net")),
            node=changes.get("node", ""),
        ),
        verdict=Verdict(
            name=changes.get("name", "www.xk7.example"),
            unicode="www.xk7.example",
            kind=Kind.PUBLIC,
            domain=changes.get("domain", "xk7.example"),
            registered_domain="xk7.example",
            severity=severity,
            reasons=tuple(make_reason(code) for code in codes or ("first_seen", "newly_registered")),
            missing=("intel",),
            seen=Seen(first=AT - 2, last=AT - 2, count=1, agents=1),
            registration=registration,
            randomness=Randomness(score=changes.get("score"), freq=(4.1, 3.9)),
            intel=Unavailable("not_configured"),
            popularity=Unavailable("no_list"),
        ),
        summary=changes.get("summary", "WIN10 asked for www.xk7.example, first seen here, registered 12 days ago"),
        category="NEW",
        follows=changes.get("follows"),
    )


class FakeClock:
    """A clock that stands still until it is moved (ports.Clock)."""

    def __init__(self, at: float = AT) -> None:
        self.at = at

    def now(self) -> float:
        return self.at
