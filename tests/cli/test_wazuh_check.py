import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstsight.cli.wazuh_check import run
from firstsight.cli.wazuh_install import install
from firstsight.clock import SystemClock
from manager_home import ManagerHome, short
from played_analysisd import PlayedAnalysisd
from running import command, running
from wazuh_home import dns_alert


@pytest.fixture
def home() -> Iterator[ManagerHome]:
    with short() as home:
        yield home


def test_a_manager_without_anything(home: ManagerHome) -> None:
    done = command("wazuh", "check", "--home", home.path, FIRSTSIGHT_LISTEN="127.0.0.1:9")
    assert done.returncode == 1
    assert f"OK     Wazuh: Wazuh 4.14.7 in {home.path}." in done.stdout
    assert "WRONG  rules: " in done.stdout
    assert "→ firstsight wazuh install" in done.stdout
    assert "WRONG  service: " in done.stdout


def test_a_node_whose_settings_can_not_be_used(home: ManagerHome) -> None:
    assert command("wazuh", "install", "--home", home.path, "--mode", "integration").returncode == 0
    home.put("etc/firstsight-node.conf", "url = http://somewhere.example\n")
    done = command("wazuh", "check", "--home", home.path, FIRSTSIGHT_LISTEN="127.0.0.1:9")
    assert done.returncode == 1
    assert "WRONG  script's settings: The url leads to somewhere.example in clear text." in done.stdout
    assert "WRONG  service: http://127.0.0.1:9 does not answer" in done.stdout


def test_from_the_installation_to_the_alert(
    home: ManagerHome, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "firstsight.toml"
    alerts, queue = home.path / "logs/alerts/alerts.json", home.path / "queue/sockets/queue"
    config.write_text(f'data_dir = "{tmp_path}/data"\n[[sources]]\npath = "{alerts}"\n')
    install(home.path, "follow", None, config, dry_run=False, reload=False)
    keys: dict[str, Any] = {"sources": [{"path": alerts, "from": "start"}], "wazuh": {"queue": str(queue)}}
    with PlayedAnalysisd(home), running(tmp_path, **keys) as service:
        monkeypatch.setenv("FIRSTSIGHT_LISTEN", f"127.0.0.1:{service.port}")
        capsys.readouterr()
        assert run(home.path, config, None, fire=True, as_json=False) == 1
        told = capsys.readouterr().out
        assert "WRONG  Event 22: None of the last 0 alerts is a DNS query." in told
        assert told.splitlines()[-1].strip().partition("s  ")[2].startswith("alert in alerts.json: by rule ")
        with alerts.open("ab") as file:
            file.write(dns_alert("www.example.com", at=SystemClock.now()) + b"\n")
        assert run(home.path, config, None, fire=True, as_json=True) == 0
        document = json.loads(capsys.readouterr().out)
    assert document["ok"]
    assert [station["name"] for station in document["stations"]][-1] == "alert in alerts.json"
    assert {check["state"] for check in document["checks"]} == {"ok", "note"}
