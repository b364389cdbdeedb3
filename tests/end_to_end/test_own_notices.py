"""The running service tells of itself: through the file, the figures, and never as an alert."""

import asyncio
import json
from pathlib import Path
from typing import Any

from dns_events import AT
from firstsight.wazuh.rules import render
from manager_queue import Manager
from running import PATIENCE, command, eventually, running
from wazuh.decoder import decode
from wazuh.evaluator import Ruleset
from wazuh.stock import STOCK
from wazuh_home import WazuhHome, dns_alert


def test_the_end_of_learning_reaches_the_alert_file(tmp_path: Path) -> None:
    home = WazuhHome(tmp_path)
    home.write(dns_alert("harbour.com", at=AT, record=1))
    keys: dict[str, Any] = {
        "sources": [{"path": home.path, "from": "start", "name": "manager"}],
        "learning": {"days": 0.01},
        "alerts": {"file": str(tmp_path / "alerts.jsonl")},
    }
    with running(tmp_path, **keys) as service:
        eventually(lambda: service.get("/v1/domains/harbour.com").json()["seen"]["count"])  # learning has begun
        home.write(dns_alert("garden.net", at=AT + 600, record=2), dns_alert("orchard.org", at=AT + 1200, record=3))
        ended = eventually(lambda: service.do(lambda: dict(service.parts.reports.ended)))["manager"]
        asyncio.run_coroutine_threadsafe(service.parts.reports.tell("manager", ended), service.loop).result(PATIENCE)
        notice = eventually(lambda: [line for line in lines(tmp_path) if "notice" in line])[0]
        alerts = service.get("/v1/alerts").json()["alerts"]
        figures = service.get("/metrics").body.decode()
    home.close()
    assert (notice["notice"], notice["state"], notice["subject"]) == ("learning_over", "once", "manager")
    assert notice["details"]["domains_learnt"] == "2"
    assert Path(notice["details"]["report"]).exists()
    assert [alert["verdict"]["domain"] for alert in alerts] == ["orchard.org"]
    assert 'firstsight_notices_total{notice="learning_over"} 1.0' in figures
    assert "firstsight_new_domains_total 3.0" in figures
    with running(tmp_path, **keys) as service:
        service.do(service.parts.notices.look)
    assert len([line for line in lines(tmp_path) if "notice" in line]) == 1


def test_a_change_of_who_may_ask_reaches_wazuh_under_its_rule(tmp_path: Path) -> None:
    """By a verb, through the running service; who did it stands in the event, and no secret does."""
    manager = Manager(tmp_path / "queue")
    manager.start()
    config = tmp_path / "firstsight.toml"
    config.write_text(f'data_dir = "{tmp_path}/data"\n')
    with running(tmp_path, wazuh={"queue": str(manager.path)}) as service:
        added = command("token", "add", "zeek", "--scopes", "read", "--config", config)
        service.do(service.parts.notices.look)
        (datagram,) = eventually(manager.read)
    manager.stop()

    event = decode(datagram)
    fields = event.fields
    assert fields["firstsight.by"].startswith('["local:')
    assert "token added, zeek read" in fields["firstsight.summary"]
    assert added.stdout.strip() not in str(fields)
    ruleset = Ruleset()
    for text in (STOCK, render()):
        ruleset.load(text)
    fired = ruleset.fired(event)
    assert fired
    assert (fired.id, fired.level) == (117026, 5)


def lines(folder: Path) -> list[dict[str, Any]]:
    file = folder / "alerts.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
