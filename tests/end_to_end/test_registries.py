"""A registry that is down, slow, unwilling or talks nonsense: recording goes on, and so do the other registries."""

import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstsight.clock import SystemClock
from firstsight.core.times import rfc3339
from running import InThread, asking, eventually, running
from servers.registry import Answer, Behaviour, Raw, Registry, Slow, Status, not_found, rate_limited, web_page
from wazuh_home import WazuhHome, dns_alert

DAY = 86_400
NOW = SystemClock().now()
YOUNG = Answer(registered=rfc3339(NOW - 3 * DAY), expires=None)

Alert = dict[str, Any]


@pytest.fixture
def com() -> Iterator[Registry]:
    with Registry() as registry:
        yield registry


@pytest.fixture
def net() -> Iterator[Registry]:
    with Registry() as registry:
        registry.behaviour = YOUNG
        yield registry


@pytest.fixture
def home(tmp_path: Path) -> Iterator[WazuhHome]:
    home = WazuhHome(tmp_path)
    yield home
    home.close()


class Site:
    """A service over a manager's folder, with one registry for .com and another for .net."""

    def __init__(self, folder: Path, home: WazuhHome, com: str, net: str) -> None:
        self._folder = folder
        self._home = home
        self._keys = asking(com, "com", deadline=3.0)
        self._keys["registration"]["servers"]["net"] = net
        self._records = iter(range(1, 1000))

    @contextlib.contextmanager
    def up(self) -> Iterator[InThread]:
        sources = [{"type": "wazuh", "path": self._home.path, "from": "start"}]
        file = str(self._folder / "alerts.jsonl")
        with running(self._folder, sources=sources, alerts={"file": file}, learning={"days": 0}, **self._keys) as it:
            yield it

    def ask_for(self, *names: str) -> None:
        at = SystemClock().now()
        self._home.write(*(dns_alert(name, at=at, record=next(self._records)) for name in names))

    def alerts(self) -> list[Alert]:
        file = self._folder / "alerts.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def alert_of(self, domain: str) -> Alert:
        """The domain's first alert, when it has come."""
        return eventually(lambda: [one for one in self.alerts() if one["verdict"]["domain"] == domain])[0]


def reasons(alert: Alert) -> set[str]:
    return {reason["code"] for reason in alert["verdict"]["reasons"]}


@pytest.fixture
def nobody() -> Iterator[str]:
    """The address of a port that nobody listens on; it stays taken, so that nobody else will."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}/"


def check_never_first_again(site: Site, domain: str) -> None:
    """After a restart the domain is known, whatever its registry said."""
    site.ask_for(f"again.{domain}", "sentinel.net")
    with site.up() as service:
        site.alert_of("sentinel.net")
        seen = service.get(f"/v1/domains/{domain}").json()["seen"]
    assert seen["count"] == 2
    first = [one for one in site.alerts() if one["verdict"]["domain"] == domain and one["follows"] is None]
    assert len(first) == 1


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (Slow(30), {"pending", "timeout"}),
        (rate_limited("120"), {"rate_limited"}),
        (Status(503), {"server_error"}),
        (web_page(), {"bad_answer"}),
        (Raw(b"\x00\xff no HTTP at all\r\n\r\n"), {"bad_reply", "reset"}),
    ],
)
def test_a_first_sight_leaves_without_its_age(
    tmp_path: Path, home: WazuhHome, com: Registry, net: Registry, behaviour: Behaviour, why: set[str]
) -> None:
    com.behaviour = behaviour
    site = Site(tmp_path, home, com.url, net.url)
    with site.up():
        site.ask_for("www.harbour.com", "www.garden.net")
        other = site.alert_of("garden.net")
        alert = site.alert_of("harbour.com")
    verdict = alert["verdict"]
    assert reasons(alert) == {"first_seen"}
    assert verdict["missing"] == ["registration"]
    assert verdict["registration"]["state"] == "unavailable"
    assert verdict["registration"]["reason"] in why
    assert com.count("harbour.com") >= 1
    assert reasons(other) == {"first_seen", "newly_registered"}, "another registry's names have their age"
    assert other["verdict"]["missing"] == []
    check_never_first_again(site, "harbour.com")


def test_a_registry_that_is_down(tmp_path: Path, home: WazuhHome, net: Registry, nobody: str) -> None:
    site = Site(tmp_path, home, nobody, net.url)
    with site.up():
        site.ask_for("www.harbour.com", "www.garden.net")
        alert, other = site.alert_of("harbour.com"), site.alert_of("garden.net")
    assert alert["verdict"]["missing"] == ["registration"]
    assert alert["verdict"]["registration"]["reason"] == "refused"
    assert other["verdict"]["registration"]["state"] == "known"
    check_never_first_again(site, "harbour.com")


def test_no_such_domain_is_an_answer_and_nothing_is_missing(
    tmp_path: Path, home: WazuhHome, com: Registry, net: Registry
) -> None:
    com.behaviour = not_found()
    site = Site(tmp_path, home, com.url, net.url)
    with site.up():
        site.ask_for("www.harbour.com")
        alert = site.alert_of("harbour.com")
    assert alert["verdict"]["registration"]["state"] == "absent"
    assert alert["verdict"]["missing"] == []
    assert alert["category"] == "UNKNOWN"
    check_never_first_again(site, "harbour.com")


def test_an_alert_whose_registry_is_busy_leaves_at_once_and_says_so(
    tmp_path: Path, home: WazuhHome, com: Registry, net: Registry
) -> None:
    com.behaviour = YOUNG
    site = Site(tmp_path, home, com.url, net.url)
    site._keys["registration"] |= {"rate": 0.001, "burst": 2}
    with site.up():
        site.ask_for("www.harbour.com", "www.orchard.com", "www.meadow.com")
        alerts = [site.alert_of(f"{name}.com") for name in ("harbour", "orchard", "meadow")]
    assert [alert["verdict"]["registration"]["reason"] for alert in alerts] == [None, None, "queued"]
    assert "age not asked yet" in alerts[2]["summary"]
    assert com.count("meadow.com") == 0
