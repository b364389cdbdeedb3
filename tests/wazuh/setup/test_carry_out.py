"""Installing into a manager's folder, and taking all of it away again, whatever happens in between."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firstsight.core.errors import InputError
from firstsight.wazuh.ruletable import BASE
from firstsight.wazuh.setup.carry_out import alone, carry_out, take_up
from firstsight.wazuh.setup.manager import find
from firstsight.wazuh.setup.originals import Mode, Originals
from firstsight.wazuh.setup.plan import Plan, installing, uninstalling
from manager_home import OSSEC_CONF, ManagerHome, Snapshot

NODE_CONF = "url = http://127.0.0.1:5730\n"
MODES: list[Mode] = ["follow", "integration"]


def install(home: ManagerHome, mode: Mode = "follow", base: int = BASE, *, response: bool = False) -> Plan:
    manager = find(home.path)
    with alone(manager):
        originals = Originals(manager)
        plan = installing(manager, originals, mode, base, response=response, node_conf=NODE_CONF)
        carry_out(manager, originals, plan)
    return plan


def uninstall(home: ManagerHome) -> Plan:
    manager = find(home.path)
    with alone(manager):
        originals = Originals(manager)
        plan = uninstalling(manager, originals)
        carry_out(manager, originals, plan)
    return plan


@pytest.mark.parametrize("response", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_twice_and_away_gives_the_original_tree(tmp_path: Path, mode: Mode, response: bool) -> None:
    home = ManagerHome(tmp_path)
    before = home.snapshot()
    assert install(home, mode, response=response).changes
    installed = home.snapshot()
    assert installed != before
    assert not install(home, mode, response=response).changes
    assert home.snapshot() == installed
    uninstall(home)
    assert home.snapshot() == before
    assert not uninstall(home).changes
    assert home.snapshot() == before


def test_each_file_has_the_owners_and_the_mode_that_wazuh_wants(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    install(home, "integration")
    found = {
        path: (mode & 0o7777, (uid, gid))
        for path, (mode, uid, gid, _) in home.snapshot().items()
        if "firstsight" in path
    }
    assert found == {
        "etc/rules/firstsight_rules.xml": (0o660, home.owner(1, 1)),
        "etc/firstsight-node.conf": (0o640, home.owner(0, 1)),
        "integrations/custom-firstsight": (0o750, home.owner(0, 1)),
        "queue/firstsight": (0o750, home.owner(1, 1)),
        "backup/firstsight": (0o700, home.owner(0, 1)),
        "backup/firstsight/etc_ossec.conf": (0o600, home.owner(0, 1)),
        "backup/firstsight/installed.json": (0o600, home.owner(0, 1)),
    }
    at = home.conf.stat()
    assert (at.st_mode & 0o7777, (at.st_uid, at.st_gid)) == (0o660, home.owner(0, 1))


def test_from_one_mode_to_the_other(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    before = home.snapshot()
    install(home, "follow")
    followed = home.snapshot()
    install(home, "integration")
    install(home, "follow")
    assert {path: state for path, state in home.snapshot().items() if not path.startswith("backup/")} == {
        path: state for path, state in followed.items() if not path.startswith("backup/")
    }
    uninstall(home)
    assert home.snapshot() == before


@pytest.mark.parametrize("mode", MODES)
def test_the_response_comes_and_goes_by_itself(tmp_path: Path, mode: Mode) -> None:
    home = ManagerHome(tmp_path)
    install(home, mode)
    without = home.conf.read_bytes()
    (change,) = install(home, mode, response=True).changes
    assert (change.path, change.why.endswith("the active response at its end")) == ("etc/ossec.conf", True)
    assert b"<command>firstsight-otx</command>" in home.conf.read_bytes()
    assert take_up(find(home.path), Plan(mode, [change])) == ["wazuh-control", "restart"]
    install(home, mode)
    assert home.conf.read_bytes() == without


def test_another_block_and_what_stood_there_before(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    home.put("etc/rules/firstsight_rules.xml", "<!-- firstsight for Wazuh 4.x. By hand, of an older version -->", 0o640)
    before = home.snapshot()
    install(home)
    install(home, base=118_000)
    assert 'id="118000"' in (home.path / "etc/rules/firstsight_rules.xml").read_text()
    uninstall(home)
    assert home.snapshot() == before


def test_bytes_that_are_no_text_and_line_ends_of_windows_stay(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    odd = OSSEC_CONF.replace("\n", "\r\n").encode() + b"<!-- \xff\xfe -->\r\n\t<ossec_config>\r\n</ossec_config>"
    home.put("etc/ossec.conf", odd, 0o644, (0, 0))
    before = home.snapshot()
    install(home, "integration")
    assert home.conf.read_bytes().startswith(odd)
    uninstall(home)
    assert home.snapshot() == before


REFUSALS = {
    "a status": (
        "wazuh-analysisd",
        "test ! -e etc/rules/firstsight_rules.xml || { echo bad rule; exit 1; }",
        "bad rule",
    ),
    "a rule that is passed over": (
        "wazuh-analysisd",
        "test ! -e etc/rules/firstsight_rules.xml || echo \"WARNING: (7619): Empty 'if_sid'. Rule '117002' ….\"",
        "complains: WARNING: .7619.",
    ),
    "the active response": (
        "wazuh-analysisd",
        "! grep -q '<command>firstsight-otx' etc/ossec.conf || { echo '(1281): Invalid command'; exit 1; }",
        "1281",
    ),
    "always": ("wazuh-analysisd", "echo no; exit 1", "without firstsight it does so too"),
    "the integration": ("wazuh-integratord", "echo '(1202): Configuration error'; exit 1", "1202"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_wazuh_refuses_is_undone(tmp_path: Path, what: str) -> None:
    home = ManagerHome(tmp_path)
    tool, script, sentence = REFUSALS[what]
    home.tool(tool, script)
    before = home.snapshot()
    with pytest.raises(InputError, match=sentence) as refusal:
        install(home, "integration", response=True)
    assert "put back as it was" in str(refusal.value)
    assert home.snapshot() == before


def test_a_refused_upgrade_leaves_what_was_installed(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    before = home.snapshot()
    install(home)
    installed = (home.path / "etc/rules/firstsight_rules.xml").read_bytes()
    home.tool("wazuh-analysisd", "! grep -q 118000 etc/rules/firstsight_rules.xml")
    with pytest.raises(InputError):
        install(home, base=118_000)
    assert (home.path / "etc/rules/firstsight_rules.xml").read_bytes() == installed
    home.tool("wazuh-analysisd", "exit 0")
    uninstall(home)
    assert home.snapshot() == before


def test_warnings_of_others_are_theirs(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    theirs = "WARNING: (7612): Rule ID '100001' is duplicated. 117002"
    home.tool("wazuh-analysisd", f'echo "{theirs}"')
    assert install(home).changes


def test_who_can_not_start_without_us_either_is_left_all_the_same(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    before = home.snapshot()
    install(home)
    home.tool("wazuh-analysisd", "exit 1")
    uninstall(home)
    home.tool("wazuh-analysisd", "exit 0")
    assert home.snapshot() == before


def test_an_uninstall_that_wazuh_refuses_is_undone(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    install(home)
    installed = home.snapshot()
    refuse = "test -e etc/rules/firstsight_rules.xml || { echo 'a rule leans on 117000'; exit 1; }"
    home.tool("wazuh-analysisd", refuse)
    with pytest.raises(InputError, match="leans on"):
        uninstall(home)
    home.tool("wazuh-analysisd", "exit 0")
    assert home.snapshot() == installed


# -- kills -----------------------------------------------------------------------------------------------------------

STEPS = ("rename", "unlink", "mkdir", "rmdir", "fsync", "fchown")


class Power:
    """The system calls that change something: after so many of them none works any more, as after a kill."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
        self.left = steps
        for name in STEPS:
            monkeypatch.setattr(os, name, self._counted(getattr(os, name)))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise OSError(5, "the power is gone")
            return call(*arguments, **named)

        return counted


def steps_of(work: Callable[[], object]) -> int:
    """How many steps it takes."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        power = Power(monkeypatch, 10_000)
        work()
        return 10_000 - power.left


def cut(work: Callable[[], object], steps: int) -> None:
    """Do so many steps of it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        Power(monkeypatch, steps)
        with pytest.raises(InputError):
            work()


def homes(
    folder: Path, start: Callable[[ManagerHome], object], work: Callable[[ManagerHome], object]
) -> Iterator[tuple[ManagerHome, Snapshot]]:
    """A fresh home for each step of the work: started, and cut there."""
    first = ManagerHome(folder / "first")
    start(first)
    for steps in range(steps_of(lambda: work(first))):
        home = ManagerHome(folder / str(steps))
        before = home.snapshot()
        start(home)
        cut(lambda home=home: work(home), steps)  # type: ignore[misc]
        yield home, before


@pytest.mark.parametrize("mode", MODES)
def test_an_install_cut_anywhere_is_ended_by_another_one(tmp_path: Path, mode: Mode) -> None:
    whole = ManagerHome(tmp_path / "whole")
    install(whole, mode, response=True)
    for home, before in homes(tmp_path, lambda _: None, lambda home: install(home, mode, response=True)):
        install(home, mode, response=True)
        assert sorted(home.snapshot()) == sorted(whole.snapshot())
        uninstall(home)
        assert home.snapshot() == before


@pytest.mark.parametrize("mode", MODES)
def test_an_install_cut_anywhere_is_taken_away_by_uninstall(tmp_path: Path, mode: Mode) -> None:
    for home, before in homes(tmp_path, lambda _: None, lambda home: install(home, mode, response=True)):
        uninstall(home)
        assert home.snapshot() == before


@pytest.mark.parametrize("mode", MODES)
def test_an_uninstall_cut_anywhere_is_ended_by_another_one(tmp_path: Path, mode: Mode) -> None:
    for home, before in homes(tmp_path, lambda home: install(home, mode, response=True), uninstall):
        uninstall(home)
        assert home.snapshot() == before


def test_a_real_kill_is_mended(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    before = home.snapshot()
    home.tool("wazuh-analysisd", "kill -9 $PPID")
    code = "from firstsight.cli.main import main; main()"
    killed = subprocess.run(
        [sys.executable, "-c", code, "wazuh", "install", "--home", str(home.path), "--mode", "integration"],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    home.tool("wazuh-analysisd", "exit 0")
    assert (home.path / "integrations/custom-firstsight").exists()
    uninstall(home)
    assert home.snapshot() == before


# -- the rest --------------------------------------------------------------------------------------------------------


def test_one_at_a_time(tmp_path: Path) -> None:
    manager = find(ManagerHome(tmp_path).path)
    with alone(manager), pytest.raises(InputError, match="Another firstsight"), alone(manager):
        pass


def test_how_the_manager_takes_it_up(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path / "new")
    follow, integration = install(home), install(home, "integration")
    assert take_up(find(home.path), follow) == ["wazuh-control", "reload"]
    assert take_up(find(home.path), integration) == ["wazuh-control", "restart"]
    assert take_up(find(home.path), install(home, "integration")) == []
    old = ManagerHome(tmp_path / "old", version="4.12.0")
    assert take_up(find(old.path), install(old)) == ["wazuh-control", "restart"]
