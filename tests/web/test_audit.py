"""The trail over HTTP: pages of it, as lines, and what is noted of reading it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstsight.core.deeds import Deed
from running import InThread, running

DAY = 86400.0
NOTED = [
    Deed("user_added", "local:root (sudo bob)", 0.0, "alice analyst"),
    Deed("login", "person:alice", DAY, "", "192.0.2.1"),
    Deed("reviewed", "person:alice", 2 * DAY, "1f2e false_alarm", "192.0.2.1"),
    Deed("exception_added", "token:soar", 3 * DAY, "*.kestrelvale.com", "192.0.2.2"),
]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[InThread]:
    with running(tmp_path) as service:
        for deed in NOTED:
            service.do(lambda deed=deed: service.parts.access.trail.note(deed))  # type: ignore[misc]
        yield service


def entries(service: InThread, query: str = "") -> list[dict[str, Any]]:
    reply = service.get(f"/v1/audit{query}")
    assert reply.status == 200, reply.body
    found: list[dict[str, Any]] = reply.json()["deeds"]
    return found


def test_it_is_picked_by_who_what_and_when(service: InThread) -> None:
    def numbers(query: str) -> list[int]:
        return [entry["seq"] for entry in entries(service, query)]

    assert numbers("") == [1, 2, 3, 4]
    assert numbers("?who=Alice") == [2, 3]
    assert numbers("?who=person:alice&what=reviewed") == [3]
    assert numbers("?since=1970-01-02T00:00:00Z&until=1970-01-04T00:00:00Z") == [2, 3]
    assert numbers("?after=2&limit=1") == [3]
    for wrong in ("?what=murdered", "?until=tomorrow", "?who=" + "x" * 201):
        assert service.get(f"/v1/audit{wrong}").status == 422


def test_the_export_is_noted_before_it_is_given(service: InThread) -> None:
    reply = service.get("/v1/audit/export?who=alice")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/x-ndjson")
    assert reply.headers["content-disposition"] == 'attachment; filename="firstsight-audit.jsonl"'
    assert [json.loads(line) for line in reply.body.splitlines()] == entries(service, "?who=alice")

    last = entries(service)[-1]
    assert (last["what"], last["who"], last["about"], last["origin"]) == ("exported", "local", "the trail", "127.0.0.1")
    assert len(service.get("/v1/audit/export").body.splitlines()) == len(entries(service)), "with itself in it"


def test_a_trail_that_cannot_be_written_is_not_handed_out(service: InThread, tmp_path: Path) -> None:
    """Nothing leaves unnoted; reading in pages leaves no note, and goes on."""
    store, aside = tmp_path / "data" / "firstsight.db", tmp_path / "aside.db"
    store.rename(aside)
    replies = [service.get(path) for path in ("/v1/audit/export", "/ui/alerts/export?format=csv")]
    aside.rename(store)
    assert [reply.status for reply in replies] == [503, 503]
    assert len(entries(service)) == len(NOTED)


def test_alerts_that_are_handed_out_are_noted(service: InThread) -> None:
    assert service.get("/ui/alerts/export?format=csv").status == 200
    assert service.get("/ui/alerts/export?q=severity:high").status == 200
    assert service.get("/ui/alerts/export?q=severity:purple").status == 400
    told = [(entry["what"], entry["who"], entry["about"]) for entry in entries(service)[len(NOTED) :]]
    assert told == [
        ("exported", "local", "0 alerts as csv"),
        ("exported", "local", "0 alerts as json, severity:high"),
    ]
