"""`POST /v1/events` over a running service."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from running import running


def event(name: str, **more: Any) -> dict[str, Any]:
    """One event of now."""
    now = datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251  # the service's clock is the machine's
    return {
        "time": now.isoformat(),
        "name": name,
        "status": "answered",
        "answers": ["192.0.2.7"],
        "agent": {"id": "001", "name": "WIN10", "ip": "10.0.0.5"},
        "process": {"image": "C:\\Windows\\System32\\mshta.exe", "user": "CORP\\alice"},
        "source": "proxy",
    } | more


def test_events_are_judged_counted_and_alerted(tmp_path: Path) -> None:
    with running(tmp_path, learning={"days": 0}, http={"offline": True}) as service:
        names = ["www.harbour-lights.com", "a.harbour-lights.com", "dc01.corp.lan", "www.microsoft.com"]
        reply = service.post("/v1/events", {"events": [event(name) for name in names]})
        assert reply.status == 200
        verdicts = reply.json()["verdicts"]
        assert [verdict["name"] for verdict in verdicts] == names
        assert [verdict["kind"] for verdict in verdicts] == ["public", "public", "internal", "public"]
        assert [verdict["seen"]["count"] for verdict in verdicts] == [1, 2, 0, 1]
        (alert,) = service.get("/v1/alerts").json()["alerts"]
        assert verdicts[0]["alert_id"] == alert["alert_id"]
        assert verdicts[0]["severity"] == alert["severity"] == "medium"
        assert verdicts[0]["reasons"] == alert["verdict"]["reasons"]
        assert verdicts[0]["missing"] == verdicts[1]["missing"] == ["registration"]
        assert [reason["code"] for reason in alert["verdict"]["reasons"]] == ["unusual_process", "first_seen"]
        assert alert["event"]["process"]["user"] == "CORP\\alice"
        assert alert["event"]["source"] == "api:proxy"


def test_what_is_answered_is_on_disk(tmp_path: Path) -> None:
    with running(tmp_path, learning={"days": 0}, http={"offline": True}) as service:
        service.post("/v1/events", {"events": [event("harbour-lights.com", event_id="7")]})
        path = tmp_path / "data" / "firstsight.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as other:
            assert other.execute("SELECT name, count FROM domain").fetchall() == [("harbour-lights.com", 1)]


def test_an_event_sent_twice_counts_once(tmp_path: Path) -> None:
    with running(tmp_path, http={"offline": True}) as service:
        body = {"events": [event("harbour-lights.com", event_id="7")]}
        service.post("/v1/events", body)
        (verdict,) = service.post("/v1/events", body).json()["verdicts"]
        assert verdict["seen"]["count"] == 1


def test_a_thousand_names_keep_their_order(tmp_path: Path) -> None:
    with running(tmp_path, http={"offline": True}) as service:
        names = [f"host{number}.harbour-{number % 300}.com" for number in range(1000)]
        reply = service.post("/v1/events", {"events": [event(name) for name in names]})
        assert [verdict["name"] for verdict in reply.json()["verdicts"]] == names


@pytest.mark.parametrize(
    ("status", "answers", "counted"),
    [
        ("0", [], "seen"),
        ("9701", [], "seen"),
        (None, ["192.0.2.1"], "seen"),
        (None, [], "seen"),
        ("9003", [], "nxdomain"),
        ("nxdomain", [], "nxdomain"),
        ("1460", [], "failed"),
        ("4711", [], "failed"),
        ("4711", ["2001:db8::1"], "seen"),
    ],
)
def test_statuses(tmp_path: Path, status: str | None, answers: list[str], counted: str) -> None:
    with running(tmp_path, http={"offline": True}) as service:
        service.post("/v1/events", {"events": [event("harbour-lights.com", status=status, answers=answers)]})
        assert service.do(lambda: service.parts.store.account("api:proxy")[counted]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"events": []},
        {"events": [{}]},
        {"events": [event("a.com", time="yesterday")]},
        {"events": [event("a.com", time="2026-11-24T00:00:00")]},
        {"events": [event("a.com", status="perhaps")]},
        {"events": [event("a.com", agent={"name": ""})]},
        {"events": [event("a.com", surprise=1)]},
        {"events": [event("a.com") | {"name": ["a.com"]}]},
        {"events": [event("a.com")] * 1001},
    ],
)
def test_a_body_that_cannot_be_used_is_a_problem_and_records_nothing(tmp_path: Path, body: dict[str, Any]) -> None:
    with running(tmp_path) as service:
        reply = service.post("/v1/events", body)
        assert reply.status == 422
        assert reply.json()["title"]
        assert service.do(lambda: service.parts.store.totals().get("events", 0)) == 0
