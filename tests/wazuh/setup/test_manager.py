from pathlib import Path

import pytest

from firstsight.core.errors import InputError
from firstsight.wazuh.setup.manager import find
from manager_home import OSSEC_CONF, ManagerHome


def test_what_a_manager_is(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    manager = find(home.path)
    assert manager.version == (4, 14, 7)
    assert manager.reloads
    assert (manager.root, manager.wazuh) == (home.owner(0, 0)[0], home.owner(1, 1))
    assert manager.words() == f"Wazuh 4.14.7 in {home.path}"
    assert not manager.worker()


def test_a_link_to_the_folder_is_what_it_leads_to(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    (tmp_path / "link").symlink_to(home.path)
    assert find(tmp_path / "link").home == home.path


def test_before_4_13_nothing_is_taken_up_without_a_restart(tmp_path: Path) -> None:
    assert not find(ManagerHome(tmp_path, version="4.12.1").path).reloads


def test_a_worker_of_a_cluster(tmp_path: Path) -> None:
    conf = OSSEC_CONF.replace("<disabled>yes", "<disabled>no").replace("<node_type>master", "<node_type>worker")
    manager = find(ManagerHome(tmp_path, conf=conf).path)
    assert manager.worker()
    assert manager.words().endswith(", worker of a cluster")


def test_what_is_no_manager_of_version_4(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path / "agent")
    (home.path / "bin/wazuh-analysisd").rename(home.path / "bin/wazuh-agentd")
    with pytest.raises(InputError, match="a Wazuh agent's"):
        find(home.path)
    with pytest.raises(InputError, match="no Wazuh manager's"):
        find(tmp_path / "nothing")
    with pytest.raises(InputError, match="not Wazuh 4"):
        find(ManagerHome(tmp_path / "five", version="5.0.0").path)
    home = ManagerHome(tmp_path / "part")
    (home.path / "queue/sockets").rmdir()
    with pytest.raises(InputError, match="queue/sockets"):
        find(home.path)


def test_where_it_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual, five = tmp_path / "var/ossec", tmp_path / "wazuh-manager"
    monkeypatch.setattr("firstsight.wazuh.setup.manager.USUAL", usual)
    monkeypatch.setattr("firstsight.wazuh.setup.manager._FIVE", five)
    with pytest.raises(InputError, match="no Wazuh manager's"):
        find()
    five.mkdir()
    with pytest.raises(InputError, match="not Wazuh 4"):
        find()
    five.rmdir()
    assert find(ManagerHome(tmp_path).path) == find()


def test_a_tool_that_can_not_run(tmp_path: Path) -> None:
    manager = find(ManagerHome(tmp_path).path)
    assert manager.run("wazuh-control", "info")[0] == 0
    with pytest.raises(InputError, match="can't be run"):
        manager.run("no-such-tool")
    manager.home.joinpath("etc/ossec.conf").unlink()
    with pytest.raises(InputError, match=r"ossec\.conf is not there"):
        manager.conf()
