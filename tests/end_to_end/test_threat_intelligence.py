"""OTX in a running service: what an analyst sees of it, and what its troubles do and don't touch."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from running import InThread, asking, eventually, running
from servers.otx import Otx, general, pulse
from servers.registry import Answer, Endless, Raw, Registry, Slow, Status, rate_limited
from wazuh_home import dns_alert

NOW = time.time()  # noqa: TID251  # the service's clock is the machine's
CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", Path(__file__).parents[2] / ".." / "shared" / "data")) / "otx"
RANDOM = ["xkqzvwjqpvbn.com", "qzkvbxwpjtrd.com", "vzxqkwbjpgtr.com"]


@pytest.fixture
def otx() -> Iterator[Otx]:
    with Otx() as otx:
        yield otx


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as registry:
        registry.default = Answer("1995-08-04T04:00:00Z")
        yield registry


def keys(folder: Path, registry: Registry, otx: Otx, **more: Any) -> dict[str, Any]:
    (folder / "alerts.json").touch()
    return asking(registry.url) | {
        "learning": {"days": 0},
        "sources": [{"path": folder / "alerts.json", "from": "start"}],
        "otx": {"url": otx.url} | more,
    }


def ask(folder: Path, *names: str, **changes: Any) -> None:
    with (folder / "alerts.json").open("ab") as out:
        for number, name in enumerate(names):
            out.write(dns_alert(name, record=1000 + number, **changes) + b"\n")


def alerts(service: InThread) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.get("/v1/alerts").json()["alerts"]
    return found


def all_of(service: InThread, number: int) -> list[dict[str, Any]]:
    """All alerts, once there are so many."""
    found = alerts(service)
    return found if len(found) == number else []


def test_a_known_indicator_is_one_alert_with_its_pulses(tmp_path: Path, otx: Otx, registry: Registry) -> None:
    otx.domains[RANDOM[0]] = general(RANDOM[0], pulse(now=NOW), pulse("Two", now=NOW), pulse("x", "Somebody", now=NOW))
    with running(tmp_path, **keys(tmp_path, registry, otx)) as service:
        ask(tmp_path, f"www.{RANDOM[0]}")
        (alert,) = eventually(lambda: alerts(service))
    codes = {reason["code"] for reason in alert["verdict"]["reasons"]}

    assert codes == {"known_indicator", "random_name", "first_seen"}
    assert alert["severity"] == "critical"
    assert alert["verdict"]["missing"] == []
    assert [found["name"] for found in alert["verdict"]["intel"]["pulses"]] == ["Lures of a courier", "Two"]


@pytest.mark.parametrize(
    "says",
    [Status(403), rate_limited("3600"), Status(404, b"<html>"), Status(504), Raw(b"nonsense"), Endless(), Slow(30)],
)
def test_a_dead_or_wrong_one_delays_and_loses_nothing(tmp_path: Path, otx: Otx, registry: Registry, says: Any) -> None:
    otx.behaviour = says
    with running(tmp_path, **keys(tmp_path, registry, otx, timeout=0.2)) as service:
        ask(tmp_path, *RANDOM, "harbour.com")
        found = eventually(lambda: all_of(service, 4))
        assert all(alert["verdict"]["registration"]["state"] == "known" for alert in found)
        missing = {alert["verdict"]["domain"]: alert["verdict"]["missing"] for alert in found}
        assert missing == {"harbour.com": [], **{name: ["intel"] for name in RANDOM}}
        assert service.get("/readyz").status == 200


def test_a_refused_key_is_degraded_until_the_file_holds_another(tmp_path: Path, otx: Otx, registry: Registry) -> None:
    path = tmp_path / "otx.key"
    path.write_text("old-key")
    path.chmod(0o600)
    otx.behaviour = Status(403)
    with running(tmp_path, **keys(tmp_path, registry, otx, key_file=str(path))) as service:
        assert service.get("/v1/intel/evil.com?wait=10").json()["reason"] == "key_refused"
        degraded = service.get("/readyz").json()["degraded"]
        assert any("refuses the key (403)" in sentence for sentence in degraded)
        assert "old-key" not in str(degraded)
        otx.behaviour = None
        path.write_text("new-key")
        eventually(lambda: not any("the key" in said for said in service.get("/readyz").json()["degraded"]))
        assert service.get("/v1/intel/other.com?wait=10").json()["state"] == "absent"
        assert otx.asked[-1].headers["x-otx-api-key"] == "new-key"


def test_a_key_that_others_can_read_is_not_sent(tmp_path: Path, otx: Otx, registry: Registry) -> None:
    path = tmp_path / "otx.key"
    path.write_text("open-key")
    path.chmod(0o644)
    with running(tmp_path, **keys(tmp_path, registry, otx, key_file=str(path))) as service:
        assert service.get("/v1/intel/evil.com?wait=10").json()["reason"] == "no_key"
        assert any("chmod 600" in said for said in service.get("/readyz").json()["degraded"])
        assert otx.asked == []


def test_questions_survive_a_restart(tmp_path: Path, otx: Otx, registry: Registry) -> None:
    otx.behaviour = Slow(30)
    with running(tmp_path, **keys(tmp_path, registry, otx)) as service:
        ask(tmp_path, RANDOM[0])
        eventually(lambda: otx.count(RANDOM[0]))
        eventually(lambda: alerts(service))  # at its deadline
    otx.behaviour = general(RANDOM[0], pulse(now=NOW), pulse("Two", now=NOW))
    with running(tmp_path, **keys(tmp_path, registry, otx)) as service:
        first, follow_up = eventually(lambda: all_of(service, 2))
    assert follow_up["follows"] == first["alert_id"]
    assert (first["severity"], follow_up["severity"]) == ("high", "critical")


def test_our_own_questions_raise_nothing(tmp_path: Path, otx: Otx, registry: Registry) -> None:
    """The endpoint that firstsight runs on asks for OTX' address, and for registries'."""
    with running(
        tmp_path, **keys(tmp_path, registry, otx) | {"otx": {"url": "https://otx.osterwick-intel.com"}}
    ) as service:
        ask(tmp_path, "otx.osterwick-intel.com", "rdap.verisign.com", "harbour.com")
        (alert,) = eventually(lambda: alerts(service))
        assert alert["verdict"]["domain"] == "harbour.com"
        own = service.get("/v1/domains/otx.osterwick-intel.com").json()
        assert own["popularity"]["list"] == "own"
        assert service.get("/v1/intel/otx.osterwick-intel.com?wait=5").json()["reason"] == "not_wanted"


def test_each_real_answer(tmp_path: Path, otx: Otx, registry: Registry) -> None:
    if not CORPUS.is_dir():
        pytest.skip("no corpus")
    files = sorted(CORPUS.glob("*.json"))
    names = {file: f"played-{number}.com" for number, file in enumerate(files)}
    for file, name in names.items():
        otx.domains[name] = Status(200, file.read_bytes())
    with running(tmp_path, **keys(tmp_path, registry, otx, authors=["AlienVault", "Q.Vashti"])) as service:
        told = {file.name: service.get(f"/v1/intel/{name}?wait=10").json() for file, name in names.items()}

    assert {name.partition("_")[0] for name, said in told.items() if said["state"] == "known"} == {
        "alertchain", "cyberbro", "demisto", "tipbot",
    }  # fmt: skip
    assert told["demisto_domain_general_empty_whitelisted.json"]["state"] == "absent"
    assert told["alertchain_ipv4_general_redacted_2023.json"]["verdict"] == "none"
    assert told["tipbot_file_general_alienvault.json"]["verdict"] == "medium", "two, of 2017"
    assert told["splunk_soar_domain_reputation_field_examples.json"]["reason"] == "bad_answer"
