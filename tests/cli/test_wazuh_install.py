import fcntl
import re
import subprocess
import sys
from pathlib import Path

import pytest

from firstsight.cli.wazuh_install import install
from firstsight.clock import SystemClock
from manager_home import ManagerHome, short
from running import command, eventually, running
from wazuh_home import dns_alert


def test_install_twice_and_uninstall(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    before = home.snapshot()
    config = tmp_path / "firstsight.toml"
    config.write_text(f'[wazuh]\nrule_base = 118000\n[[sources]]\npath = "{home.path}/logs/alerts/alerts.json"\n')
    where = ["--home", str(home.path)]

    shown = command("wazuh", "install", *where, "--dry-run", "--config", config)
    assert shown.returncode == 0, shown.stderr
    assert "Nothing was changed" in shown.stdout
    assert home.snapshot() == before

    done = command("wazuh", "install", *where, "--config", config)
    assert done.returncode == 0, done.stderr
    assert re.search(r"write .*etc/rules/firstsight_rules\.xml .*from id 118000 on", done.stdout)
    assert done.stdout.endswith(f"{home.path}/bin/wazuh-control reload\n")
    assert home.asked() == []

    again = command("wazuh", "install", *where, "--config", config, "--reload")
    assert "nothing to do" in again.stdout
    assert home.asked() == []

    both = command("wazuh", "install", *where, "--config", config, "--mode", "integration")
    assert both.returncode == 1
    assert "twice" in both.stderr

    gone = command("wazuh", "uninstall", *where, "--reload")
    assert gone.returncode == 0, gone.stderr
    assert home.asked() == ["reload"]
    (home.path / "var/run/asked").unlink()
    assert home.snapshot() == before


def test_the_integration_reaches_the_service_of_the_settings(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    done = command(
        "wazuh", "install", "--home", home.path, "--mode", "integration", "--reload", FIRSTSIGHT_LISTEN="[::1]:5731"
    )
    assert done.returncode == 0, done.stderr
    assert (home.path / "etc/firstsight-node.conf").read_text() == "url = http://[::1]:5731\n"
    assert home.asked() == ["restart"]


def test_the_installed_script_hands_over_with_the_settings_that_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with short() as home, running(tmp_path) as service:
        monkeypatch.setenv("FIRSTSIGHT_LISTEN", f"127.0.0.1:{service.port}")
        assert install(home.path, "integration", None, None, dry_run=False, reload=False) == 0
        alert = home.put("logs/one.alert", dns_alert("www.example.com", at=SystemClock.now()))
        script = [sys.executable, "-IS", "integrations/custom-firstsight", str(alert)]
        done = subprocess.run(script, cwd=home.path, check=False, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, "")
        assert eventually(lambda: service.get("/v1/domains/www.example.com").json()["seen"]["count"]) == 1
        # A child may still be there to collect; it goes once nothing is pending.
        eventually(lambda: _free(home.path / "queue/firstsight/collector.lock"))


def _free(lock: Path) -> bool:
    """Whether nobody holds a lock."""
    if not lock.exists():
        return True
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_a_further_run_keeps_the_mode(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    assert install(home.path, "integration", None, None, dry_run=False, reload=False) == 0
    installed = home.snapshot()
    assert install(home.path, None, None, None, dry_run=False, reload=False) == 0
    assert home.snapshot() == installed


def test_a_manager_that_does_not_take_it_up(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    home.tool("wazuh-control", 'echo v4.14.7; test "$1" = info || { echo is locked; exit 1; }')
    done = command("wazuh", "install", "--home", home.path, "--reload")
    assert done.returncode == 1
    assert "is locked" in done.stderr
    assert "in place" in done.stderr


def test_where_nothing_follows_it_is_said(tmp_path: Path) -> None:
    done = command("wazuh", "install", "--home", ManagerHome(tmp_path).path)
    assert "don't follow" in done.stdout
