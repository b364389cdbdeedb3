from pathlib import Path

from firstsight.web.ui.health import Sign, signs
from pages_fed import Fed
from running import InThread, asking, eventually, running
from servers.registry import Registry, rate_limited
from wazuh_home import dns_alert


def test_the_strip(fed: Fed) -> None:
    page = fed.service.get("/ui/health").body.decode()
    assert "<b>Recording</b> yes" in page
    assert "<b>alerts.json</b> last event" in page
    assert "<b>Outbox</b> empty" in page
    assert "<b>Ages (RDAP)</b> nobody outside may be asked" in page
    assert "<b>Intelligence (OTX)</b> off" in page
    assert "No way out is set" in page, "what is amiss is said in sentences"


def test_learning_and_trouble(tmp_path: Path) -> None:
    alerts = tmp_path / "alerts.json"
    alerts.write_bytes(dns_alert("www.harbour-lights.com") + b"\n")
    sources = [{"path": alerts, "from": "start"}, {"path": tmp_path / "none.json", "name": "second"}]
    with running(tmp_path, sources=sources, learning={"days": 10_000}) as service:
        eventually(lambda: service.do(lambda: service.parts.store.totals().get("events")))
        strip, amiss = service.do(lambda: signs(service.parts))
        by_label = {sign.label: sign for sign in strip}
        assert by_label["Learning"].words.endswith("days to go")
        missed = eventually(
            lambda: [sign for sign in service.do(lambda: signs(service.parts)[0]) if sign.state == "bad"]
        )
        assert [(sign.label, sign.words) for sign in missed] == [("second", "can't be read")]
        assert amiss

        service.do(lambda: setattr(service.parts.watch, "store_trouble", "The disk is full."))
        assert service.do(lambda: signs(service.parts))[1] == ["The disk is full."]


def ages(service: InThread) -> Sign:
    (sign,) = (sign for sign in service.do(lambda: signs(service.parts)[0]) if sign.label == "Ages (RDAP)")
    return sign


def test_a_registry_that_pauses(tmp_path: Path) -> None:
    with Registry() as registry:
        registry.behaviour = rate_limited("600")
        with running(tmp_path, **asking(registry.url, "com")) as service:
            assert ages(service) == Sign("Ages (RDAP)", "all asked")
            service.get("/v1/domains/kestrelvale.com?wait=10")
            told = ages(service)
            assert (told.state, "1 to ask, a registry pauses for" in told.words) == ("busy", True)


def test_registries_that_are_not_reached(tmp_path: Path) -> None:
    with running(tmp_path, **asking("http://127.0.0.1:9")) as service:
        for number in range(8):
            service.get(f"/v1/domains/harbour-{number}.com")
        told = eventually(lambda: [sign for sign in [ages(service)] if sign.state == "bad"])[0]
        assert told.words == "no registry is reached, 8 to ask"
