import re
from pathlib import Path

from firstsight.cli.wazuh_install import install
from manager_home import ManagerHome
from running import command


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
