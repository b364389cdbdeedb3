import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager_home import ManagerHome, short
from played_analysisd import PlayedAnalysisd
from running import command, process


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


def test_from_the_installation_to_the_alert(home: ManagerHome, tmp_path: Path) -> None:
    config = f"""
data_dir = "{tmp_path}/data"
http.offline = true
wazuh.queue = "{home.path}/queue/sockets/queue"
[[sources]]
path = "{home.path}/logs/alerts/alerts.json"
from = "start"
"""
    assert command("wazuh", "install", "--home", home.path).returncode == 0
    with PlayedAnalysisd(home), process(tmp_path, config) as service:
        where = ["--home", str(home.path), "--config", str(tmp_path / "firstsight.toml")]
        listen = {"FIRSTSIGHT_LISTEN": f"127.0.0.1:{service.client.port}"}
        first = command("wazuh", "check", *where, "--fire", **listen)
        assert "WRONG  Event 22: " in first.stdout  # nothing has come yet
        assert "alert in alerts.json: by rule" in first.stdout
        second = command("wazuh", "check", *where, "--fire", "--json", **listen)
    assert second.returncode == 0, second.stdout + second.stderr
    document = json.loads(second.stdout)
    assert document["ok"]
    assert [station["name"] for station in document["stations"]][-1] == "alert in alerts.json"
    assert {check["state"] for check in document["checks"]} == {"ok", "note"}
