"""Access by real ACLs, tried by a user that is in no group."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstsight.core.errors import InputError
from firstsight.installation import access
from firstsight.installation.host import Host
from firstsight.installation.needs import Needs
from machine_tree import WAZUH, MachineTree, machine_tree, needs_root

pytestmark = needs_root

USER, OTHER = 61_730, 61_731
NEEDS = Needs(WAZUH, (WAZUH / "logs/alerts/alerts.json",), WAZUH / "queue/sockets/queue", Path("/var/lib/firstsight"))


@pytest.fixture
def tree() -> Iterator[MachineTree]:
    with machine_tree() as tree:
        yield tree


def sends(tree: MachineTree, user: int) -> bool:
    return tree.may(user, "test", "-w", tree.sockets / "queue")  # by access(2), which is what connect(2) asks for


def acl(path: Path) -> str:
    return subprocess.run(["getfacl", "-c", "-n", "-p", path], capture_output=True, text=True, check=True).stdout


def test_the_user_reads_the_logs_and_sends_and_no_more(tree: MachineTree) -> None:
    assert not tree.may(USER, "cat", tree.alerts)
    assert not sends(tree, USER)

    access.grant(tree.host(), NEEDS, str(USER))

    assert tree.may(USER, "cat", tree.alerts)
    assert tree.may(USER, "ls", tree.alerts.parent / "2026/Nov")
    assert sends(tree, USER)
    assert not tree.may(USER, "cat", tree.keys)
    assert not tree.may(USER, "ls", tree.root / "var/ossec/etc")
    assert not tree.may(USER, "ls", tree.root / "var/ossec/queue")
    assert not tree.may(USER, "touch", tree.alerts)
    assert not tree.may(USER, "touch", tree.sockets / "mine")
    assert not tree.may(OTHER, "cat", tree.alerts)


def test_what_wazuh_makes_later_is_reached_too(tree: MachineTree) -> None:
    access.grant(tree.host(), NEEDS, str(USER))

    tree.new_day(25)
    (tree.alerts.parent / "2026/Dec").mkdir(mode=0o750)
    tree.start_manager()

    assert tree.may(USER, "cat", tree.alerts)
    assert tree.may(USER, "ls", tree.alerts.parent / "2026/Dec")
    assert sends(tree, USER)
    assert f"{(tree.alerts.stat().st_mode & 0o777):o}" == "640", "others see no more of it than before"
    assert not tree.may(OTHER, "cat", tree.alerts)


def test_granted_twice_is_granted_once(tree: MachineTree) -> None:
    access.grant(tree.host(), NEEDS, str(USER))
    once = tree.state()
    access.grant(tree.host(), NEEDS, str(USER))

    assert tree.state() == once


def test_all_is_as_before_when_it_is_taken_away(tree: MachineTree) -> None:
    before = tree.state()
    access.grant(tree.host(), NEEDS, str(USER))
    assert tree.state() != before
    for folder in (WAZUH / "logs/alerts", WAZUH / "queue/sockets"):
        access.revoke(tree.host(), folder, USER)

    assert tree.state() == before


def test_files_that_came_meanwhile_keep_their_mode(tree: MachineTree) -> None:
    """The group's entry that they inherited must not come to light with the mask gone."""
    access.grant(tree.host(), NEEDS, str(USER))
    tree.new_day(25)
    access.revoke(tree.host(), WAZUH / "logs/alerts", USER)

    assert f"{(tree.alerts.stat().st_mode & 0o777):o}" == "640"
    assert "mask" not in acl(tree.alerts)


def test_what_others_were_granted_stays(tree: MachineTree) -> None:
    folder = tree.alerts.parent
    subprocess.run(["setfacl", "-m", f"u:{OTHER}:rx,d:g:{OTHER}:r", folder], check=True)
    before = acl(folder)
    access.grant(tree.host(), NEEDS, str(USER))
    access.revoke(tree.host(), WAZUH / "logs/alerts", USER)

    assert acl(folder) == before


def test_names_with_blanks_are_names(tree: MachineTree) -> None:
    odd = tree.alerts.parent / "an odd\tñame"
    odd.touch(mode=0o640)
    before = acl(odd)
    access.grant(tree.host(), NEEDS, str(USER))
    access.revoke(tree.host(), WAZUH / "logs/alerts", USER)

    assert acl(odd) == before


def test_a_link_in_the_logs_opens_nothing_elsewhere(tree: MachineTree) -> None:
    (tree.alerts.parent / "elsewhere").symlink_to(tree.keys.parent)
    before = acl(tree.keys)
    access.grant(tree.host(), NEEDS, str(USER))

    assert acl(tree.keys) == before


def test_a_file_that_becomes_a_link_leads_root_nowhere(
    tree: MachineTree, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exchanged between the look and the change, by a setfacl that plays Wazuh's user."""
    access.grant(tree.host(), NEEDS, str(USER))
    stub = tmp_path / "setfacl"
    stub.write_text(f"#!/bin/sh\nln -sf {tree.keys} {tree.alerts}\n", "utf-8")
    stub.chmod(0o755)
    tree.keys.chmod(0o600)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    access.revoke(tree.host(), WAZUH / "logs/alerts", USER)

    assert tree.alerts.is_symlink()
    assert f"{(tree.keys.stat().st_mode & 0o777):o}" == "600"


def test_what_is_not_there_yet_is_said(tree: MachineTree) -> None:
    tree.stop_manager()
    (tree.sockets / "queue").unlink()
    tree.sockets.rmdir()
    access.grant(tree.host(), NEEDS, str(USER))

    assert [line for line in tree.said if line.startswith("missing")] == [
        f"missing  {WAZUH}/queue/sockets: once it is there (is Wazuh installed?), run this again"
    ]


def test_a_dry_run_changes_nothing(tree: MachineTree) -> None:
    before = tree.state()
    access.grant(tree.host(dry=True), NEEDS, str(USER))

    assert tree.state() == before
    assert any("setfacl -R -P -m" in line for line in tree.said)


def test_without_setfacl_its_package_is_named(
    tree: MachineTree, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"no program setfacl.*package acl"):
        access.grant(Host(tree.root, dry=False, systemd=False, say=print), NEEDS, str(USER))
