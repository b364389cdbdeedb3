from pathlib import Path

from firstsight.web.ui.health import signs
from pages_fed import Fed
from running import eventually, running
from wazuh_home import dns_alert


def test_the_strip(fed: Fed) -> None:
    page = fed.service.get("/ui/health").body.decode()
    assert "<b>Recording</b> yes" in page
    assert "<b>alerts.json</b> last event" in page
    assert "<b>Outbox</b> empty" in page
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
