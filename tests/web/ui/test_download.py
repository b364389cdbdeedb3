"""The export of alerts: noted before it is given, given in portions, and ended whenever whoever asked goes away."""

import asyncio
import json
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest

from alert_samples import make_alert
from firstsight.ports import Changes
from firstsight.web.ui import download
from firstsight.web.ui.download import Download
from firstsight.web.ui.export import JSON
from pages_fed import Fed
from running import InThread, eventually, running

NUMBER = 60
FOR_EVER = 3600.0


@pytest.fixture
def service(tmp_path: Path) -> Iterator[InThread]:
    """One with alerts for several portions."""
    with running(tmp_path) as service:
        alerts = [make_alert(number=n) for n in range(NUMBER)]
        service.do(lambda: service.parts.store.apply(Changes(alerts=alerts)))
        yield service


def told(service: InThread) -> list[str]:
    """What the trail says of exports."""
    return [entry["about"] for entry in service.get("/v1/audit?what=exported").json()["deeds"]]


def begin_and_go(service: InThread) -> bool:
    """Take the first bytes of an export, and no more; whether there were any."""
    connection = service.connection()
    connection.request("GET", "/ui/alerts/export?format=csv&q=severity:high")
    with connection.getresponse() as reply:
        begun = reply.status == 200 and reply.read(4) == b'"tim'
    connection.close()
    return begun


def test_it_holds_what_is_picked(fed: Fed) -> None:
    reply = fed.service.get("/ui/alerts/export?format=json&q=reason:random_name")
    document = reply.json()
    (alert,) = document["alerts"]
    assert alert["verdict"]["name"] == "xkqzvbtrwpljhf.net"
    assert alert["state"] == "new"
    assert "_1-alerts_names_by-local.json" in reply.headers["content-disposition"]
    assert json.loads(reply.headers["firstsight-export"]) == document["export"]
    assert reply.headers["content-type"] == "application/json"
    assert fed.service.get("/ui/alerts/export?q=colour:red").status == 400


def test_it_is_whole_up_to_its_bound(service: InThread, monkeypatch: pytest.MonkeyPatch) -> None:
    def exported() -> tuple[list[str], bool]:
        document = service.get("/ui/alerts/export").json()
        assert document["export"]["alerts"] == len(document["alerts"])
        return [alert["alert_id"] for alert in document["alerts"]], document["export"]["complete"]

    every = [f"alert-{n}" for n in reversed(range(NUMBER))]
    assert exported() == (every, True)
    monkeypatch.setattr(download, "_MOST_EXPORTED", NUMBER)
    assert exported() == (every, True)
    monkeypatch.setattr(download, "_MOST_EXPORTED", NUMBER - 1)
    assert exported() == (every[:-1], False)
    assert told(service) == ["60 alerts as json", "60 alerts as json", "59 alerts as json"]


def test_who_goes_away_is_noted_to_have_got_less(service: InThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_REST", FOR_EVER)
    assert begin_and_go(service)
    first, second = eventually(lambda: told(service)[1:] and told(service))
    assert first == "60 alerts as csv, severity:high"
    assert second == "cut off: at most 0 of 60 alerts as csv, severity:high"


def test_what_left_is_counted_by_its_portions() -> None:
    gone = asyncio.Event()
    left: list[int] = []

    async def receive() -> MutableMapping[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message.get("body") == b"the second portion":
            gone.set()
            await asyncio.sleep(FOR_EVER)  # nobody takes it

    parts = iter([(0, b"head"), (25, b"a portion"), (50, b"the second portion"), (60, b"the rest")])
    head = {"first": None, "last": None, "alerts": 60, "users": "names", "by": "local", "complete": True}
    asyncio.run(Download(head, JSON, parts, left.append)({"type": "http"}, receive, send))
    assert left == [50]


def test_only_so_many_are_under_way(service: InThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_MOST_AT_ONCE", 1)
    with monkeypatch.context() as context:
        context.setattr(download, "_REST", FOR_EVER)
        connection = service.connection()
        connection.request("GET", "/ui/alerts/export")
        assert connection.getresponse().status == 200
        reply = service.get("/ui/alerts/export")
        assert reply.status == 503
        assert "exports are under way" in reply.body.decode()
        assert told(service) == ["60 alerts as json"], "who gets nothing is not noted"
    connection.close()
    eventually(lambda: len(told(service)) == 2)


def test_each_that_ends_makes_room(service: InThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it ends: whole, cut off, or because it can't be noted."""
    monkeypatch.setattr(download, "_MOST_AT_ONCE", 1)

    def ends() -> bool:
        return service.get("/ui/alerts/export").status == 200

    eventually(ends)
    with monkeypatch.context() as context:
        context.setattr(download, "_REST", FOR_EVER)
        eventually(lambda: begin_and_go(service))
    eventually(ends)
    store, aside = tmp_path / "data" / "firstsight.db", tmp_path / "aside.db"
    store.rename(aside)
    eventually(lambda: b"can&#39;t be read" in service.get("/ui/alerts/export").body)
    aside.rename(store)
    eventually(ends)


def test_who_asks_for_the_head_gets_nothing_and_is_not_noted(service: InThread) -> None:
    assert service.get("/ui/alerts/export", "HEAD").status == 200
    assert told(service) == []
