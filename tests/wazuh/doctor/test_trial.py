"""One event through the whole chain: a played analysisd with our rules, the real service, and back."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstsight.clock import SystemClock
from firstsight.core.verdict import Severity
from firstsight.wazuh.doctor.service import ServiceClient
from firstsight.wazuh.doctor.trial import Station, Trial
from firstsight.wazuh.ruletable import BASE, filed, rules
from firstsight.wazuh.setup.carry_out import carry_out
from firstsight.wazuh.setup.manager import find
from firstsight.wazuh.setup.originals import Originals
from firstsight.wazuh.setup.plan import installing
from manager_home import ManagerHome, short
from played_analysisd import PlayedAnalysisd
from running import InThread, eventually, running

ALL = ["sent", "query in alerts.json", "recorded", "decided", "alert in alerts.json"]


@pytest.fixture
def home() -> Iterator[ManagerHome]:
    with short() as home:
        manager = find(home.path)
        originals = Originals(manager)
        carry_out(manager, originals, installing(manager, originals, "follow", BASE))
        yield home


@contextlib.contextmanager
def service(home: ManagerHome, folder: Path, **keys: Any) -> Iterator[InThread]:
    """The service with this manager's log and queue; it still learns."""
    usual: dict[str, Any] = {
        "sources": [{"path": home.path / "logs/alerts/alerts.json", "from": "end"}],
        "wazuh": {"queue": str(home.path / "queue/sockets/queue")},
    }
    with running(folder, **usual | keys) as up:
        eventually(lambda: up.do(lambda: up.parts.store.source(str(usual["sources"][0]["path"])).position))
        yield up


def fire(home: ManagerHome, url: str, patience: float = 20.0) -> list[Station]:
    return list(Trial(find(home.path), ServiceClient(url), SystemClock(), patience=patience).stations())


def test_it_comes_through_and_may_be_sent_again(home: ManagerHome, tmp_path: Path) -> None:
    expected = filed(rules(), ["alternative_root"], Severity.MEDIUM)
    with PlayedAnalysisd(home) as analysisd, service(home, tmp_path) as up:
        for _ in range(2):
            stations = fire(home, up.url)
            assert [station.name for station in stations] == ALL
            times = [station.reached for station in stations if station.reached is not None]
            assert times == sorted(times)
            assert len(times) == len(ALL)
            assert stations[1].text == f"by rule {BASE + 2} (level 3)"
            assert stations[2].text == "count 1"
            assert stations[3].text.startswith("medium, alert ")
            assert stations[4].text == f"by rule {expected.id} (level 7)"
    assert analysisd.fired == [BASE + 2, expected.id] * 2


class Central(ServiceClient):
    """A service that this node may hand over to, and not ask."""

    def get(self, path: str) -> tuple[int, Any]:
        assert path.startswith("/v1/domains/firstsight-check-")
        return 403, {"title": "Forbidden"}


def test_a_node_is_not_told_and_sees_its_alert_all_the_same(home: ManagerHome, tmp_path: Path) -> None:
    with PlayedAnalysisd(home), service(home, tmp_path):
        stations = list(Trial(find(home.path), Central("https://central.example"), SystemClock()).stations())
    assert [station.name for station in stations if station.reached is not None] == ALL
    assert [station.text.partition(" ")[0] for station in stations[2:4]] == ["not", "not"]


def stopped(stations: list[Station]) -> tuple[str, str]:
    assert [station.reached is None for station in stations] == [False] * (len(stations) - 1) + [True]
    return stations[-1].name, stations[-1].text


def test_it_says_where_it_stopped(home: ManagerHome, tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9"
    name, text = stopped(fire(home, nobody))
    assert (name, "wazuh-control status" in text) == ("sent", True)

    with PlayedAnalysisd(home, deaf_to=b"f:"):
        name, text = stopped(fire(home, nobody, patience=0.2))
    assert (name, "wazuh-control reload" in text) == ("query in alerts.json", True)

    with PlayedAnalysisd(home):
        name, text = stopped(fire(home, nobody))
    assert (name, "does not answer" in text) == ("recorded", True)

    with PlayedAnalysisd(home), running(tmp_path / "blind") as up:
        name, text = stopped(fire(home, up.url, patience=0.2))
    assert (name, "[[sources]]" in text) == ("recorded", True)

    internal = {"names": {"internal": ["bit"]}}
    with PlayedAnalysisd(home), service(home, tmp_path / "internal", **internal) as up:
        name, text = stopped(fire(home, up.url, patience=1.0))
    assert name == "recorded"

    with PlayedAnalysisd(home, deaf_to=b"firstsight:{"), service(home, tmp_path / "deaf") as up:
        name, text = stopped(fire(home, up.url, patience=1.0))
    assert (name, "[wazuh] queue" in text) == ("alert in alerts.json", True)
