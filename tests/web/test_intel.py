"""`/v1/intel` over a running service and an OTX on loopback."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from running import InThread, eventually, running
from servers.otx import Otx, general, pulse
from servers.registry import Slow, Status
from wazuh_home import dns_alert

NOW = time.time()  # noqa: TID251  # the service's clock is the machine's
KEYS = [
    "name", "domain", "state", "reason", "retry_at", "verdict", "pulses", "checked", "alert_id",
]  # fmt: skip


@dataclass
class Site:
    """A service, its OTX, and the alerts.json that it follows."""

    service: InThread
    otx: Otx
    alerts: Path

    def intel(self, name: str, wait: float = 10) -> dict[str, Any]:
        reply = self.service.get(f"/v1/intel/{name}?wait={wait}")
        assert reply.status == 200
        document: dict[str, Any] = reply.json()
        assert list(document) == KEYS
        return document


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("intel")
    alerts = folder / "alerts.json"
    alerts.touch()
    key = folder / "otx.key"
    key.write_text("k" * 64)
    key.chmod(0o600)
    with Otx() as otx:
        for name in ("evil-harbour.com", "c2.evil-kestrel.com"):
            otx.domains[name] = general(name, pulse(now=NOW), pulse("Two", now=NOW))
        keys = {
            "http": {},
            "registration": {"bootstrap": "", "servers": {"com": "http://127.0.0.1:9/"}},
            "learning": {"days": 0},
            "sources": [{"path": alerts, "from": "start"}],
            "otx": {"url": otx.url, "key_file": str(key)},
        }
        with running(folder, **keys) as service:
            yield Site(service, otx, alerts)


def test_a_known_name(site: Site) -> None:
    told = site.intel("WWW.Evil-Harbour.com.")

    assert (told["name"], told["domain"]) == ("www.evil-harbour.com", "evil-harbour.com")
    assert (told["state"], told["verdict"], told["reason"], told["retry_at"]) == ("known", "high", None, None)
    assert [found["name"] for found in told["pulses"]] == ["Lures of a courier", "Two"]
    assert told["pulses"][0]["url"].startswith("https://otx.alienvault.com/pulse/")
    assert told["alert_id"] is None
    assert site.intel("www.evil-harbour.com", wait=0) == told, "the stored answer"
    assert [site.otx.count(name) for name in ("www.evil-harbour.com", "evil-harbour.com")] == [1, 1]
    assert all(asked.headers["x-otx-api-key"] == "k" * 64 for asked in site.otx.asked)


def test_a_fleet_shares_one_answer(site: Site) -> None:
    site.otx.domains["slow-kestrel.com"] = Slow(0.2, general("slow-kestrel.com"))
    for name in ("slow-kestrel.com", "slow-kestrel.com", "slow-kestrel.com"):
        assert site.intel(name)["state"] == "absent"
    assert site.otx.count("slow-kestrel.com") == 1


def test_an_unknown_name(site: Site) -> None:
    told = site.intel("quiet-kestrel.com")

    assert (told["state"], told["verdict"], told["pulses"]) == ("absent", "none", [])
    assert told["checked"] is not None


def test_what_is_not_known_yet_is_pending_and_asked_for(site: Site) -> None:
    told = site.intel("later-kestrel.com", wait=0)

    assert (told["state"], told["reason"], told["verdict"]) == ("unavailable", "pending", None)
    eventually(lambda: site.intel("later-kestrel.com", wait=0)["state"] == "absent")


def test_what_could_not_be_asked_says_why_and_when_to_ask_again(site: Site) -> None:
    site.otx.domains["broken-kestrel.com"] = Status(200, b"{}")
    told = site.intel("broken-kestrel.com")

    assert (told["state"], told["reason"], told["verdict"]) == ("unavailable", "bad_answer", None)
    assert told["retry_at"] is not None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fileserver.corp", "internal"),
        ("printer", "single_label"),
        ("10.0.0.1", "address"),
        ("market.bit", "unknown_suffix"),
        ("co.uk", "suffix"),
        ("a..b", "invalid"),
        ("%00", "invalid"),
    ],
)
def test_what_is_inside_is_answered_without_asking(site: Site, name: str, reason: str) -> None:
    before = len(site.otx.asked)
    told = site.intel(name)

    assert (told["state"], told["reason"], told["verdict"]) == ("unavailable", reason, None)
    assert len(site.otx.asked) == before


def test_the_newest_alert_of_the_domain_is_named(site: Site) -> None:
    """Nobody asked about it before its first event, which is a first sight alone; but what is known is used."""
    site.intel("c2.evil-kestrel.com")
    with site.alerts.open("ab") as out:
        out.write(dns_alert("c2.evil-kestrel.com", record=7) + b"\n")
    alert = eventually(lambda: site.service.get("/v1/alerts?severity=high").json()["alerts"])[0]

    assert [reason["code"] for reason in alert["verdict"]["reasons"]] == ["known_indicator", "first_seen"]
    assert site.intel("c2.evil-kestrel.com")["alert_id"] == alert["alert_id"]
    verdict = site.service.get("/v1/domains/c2.evil-kestrel.com").json()
    assert verdict["intel"]["verdict"] == "high"
    many = site.service.post("/v1/domains", {"names": ["c2.evil-kestrel.com", "nobody-asked.com"]}).json()["domains"]
    assert [found["intel"]["state"] for found in many] == ["known", "unavailable"]
    assert many[1]["missing"] == ["registration", "intel"]


def test_a_wait_is_bounded(site: Site) -> None:
    assert site.service.get("/v1/intel/evil.com?wait=11").status == 422


def test_metrics(site: Site) -> None:
    site.intel("evil-harbour.com")
    text = site.service.get("/metrics").body.decode()

    assert 'firstsight_intel_requests_total{outcome="known"}' in text
    assert 0 < float(text.split("\nfirstsight_intel_quota_left ")[1].split()[0]) <= 1000
    assert "\nfirstsight_intel_pause_seconds 0.0" in text


def test_where_it_is_off(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        told = service.get("/v1/intel/evil.com?wait=5").json()
    assert (told["state"], told["reason"], told["retry_at"]) == ("unavailable", "off", None)


def test_where_nobody_outside_may_be_asked(tmp_path: Path) -> None:
    with running(tmp_path, otx={"url": "http://127.0.0.1:9"}) as service:
        told = service.get("/v1/intel/evil.com?wait=5").json()
        assert (told["state"], told["reason"]) == ("unavailable", "offline")
        assert service.get("/readyz").json()["degraded"] == service.do(lambda: list(service.parts.notes))
