"""The whole of it on a tree: user, settings, access, unit; twice; and off again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from firstsight.core.errors import InputError
from firstsight.installation.host import Host
from firstsight.installation.needs import Needs, first_settings
from firstsight.installation.service import install, reachable, uninstall, write_settings
from machine_tree import WAZUH, MachineTree, machine_tree, needs_root

PROGRAM = Path("/opt/firstsight/bin/firstsight")
STATE = Path("/var/lib/firstsight")
NEEDS = Needs(WAZUH, (WAZUH / "logs/alerts/alerts.json",), WAZUH / "queue/sockets/queue", STATE)


@pytest.fixture
def tree() -> Iterator[MachineTree]:
    with machine_tree() as tree:
        yield tree


def put(tree: MachineTree, needs: Needs = NEEDS) -> None:
    write_settings(tree.host(), first_settings(WAZUH))
    install(tree.host(), PROGRAM, needs)


def mode(path: Path) -> tuple[str, int]:
    found = path.stat()
    return f"{found.st_mode & 0o7777:04o}", found.st_uid


def everything(root: Path) -> dict[str, tuple[str, int, int, str]]:
    """Every file and folder but what useradd keeps as copies."""
    return {
        str(path.relative_to(root)): (
            *mode(path), path.stat().st_gid, path.read_text("utf-8") if path.is_file() else "",
        )
        for path in root.rglob("*")
        if not path.is_socket() and not path.is_symlink() and not path.name.endswith("-")
    }  # fmt: skip


@needs_root
def test_owners_and_modes(tree: MachineTree) -> None:
    put(tree)
    user = tree.user()

    assert mode(tree.root / "etc/firstsight") == ("0750", 0)
    assert mode(tree.root / "etc/firstsight/firstsight.toml") == ("0640", 0)
    assert mode(tree.root / "var/lib/firstsight") == ("0700", user)
    assert mode(tree.root / "etc/systemd/system/firstsight.service") == ("0644", 0)
    assert tree.may(user, "cat", tree.root / "etc/firstsight/firstsight.toml")
    assert tree.may(user, "touch", tree.root / "var/lib/firstsight/firstsight.db")
    assert tree.may(user, "cat", tree.alerts)
    assert not tree.may(user + 1, "cat", tree.root / "etc/firstsight/firstsight.toml")
    assert not tree.may(user + 1, "ls", tree.root / "var/lib/firstsight")
    assert "/usr/sbin/nologin" in (tree.root / "etc/passwd").read_text("utf-8")
    enabled = tree.root / "etc/systemd/system/multi-user.target.wants/firstsight.service"
    assert enabled.is_symlink()


@needs_root
def test_twice_is_once(tree: MachineTree) -> None:
    put(tree)
    once, access = everything(tree.root), tree.state()
    tree.said.clear()
    put(tree)

    assert everything(tree.root) == once
    assert tree.state() == access
    assert [line for line in tree.said if line.startswith(("write", "make", "remove", "run      useradd"))] == []


@needs_root
def test_settings_that_are_there_stay(tree: MachineTree) -> None:
    put(tree)
    settings = tree.root / "etc/firstsight/firstsight.toml"
    settings.write_text("# mine\n", "utf-8")
    put(tree)

    assert settings.read_text("utf-8") == "# mine\n"


@needs_root
def test_purged_it_leaves_the_machine_as_it_was(tree: MachineTree) -> None:
    before, access = everything(tree.root), tree.state()
    put(tree)
    (tree.root / "var/lib/firstsight/firstsight.db").touch()
    uninstall(tree.host(), STATE, purge=True)

    assert tree.state() == access
    left = {path: what for path, what in everything(tree.root).items() if before.get(path) != what}
    assert set(left) <= {"etc", "etc/systemd", "etc/systemd/system", "etc/systemd/system/multi-user.target.wants",
                         "var", "var/lib"}  # fmt: skip


@needs_root
def test_uninstalled_it_leaves_what_was_seen_and_its_owner(tree: MachineTree) -> None:
    access = tree.state()
    put(tree)
    user = tree.user()
    (tree.root / "var/lib/firstsight/firstsight.db").touch()
    tree.said.clear()
    uninstall(tree.host(), STATE, purge=False)

    assert tree.state() == access
    assert not tree.may(user, "cat", tree.alerts)
    assert (tree.root / "var/lib/firstsight/firstsight.db").exists()
    assert (tree.root / "etc/firstsight/firstsight.toml").exists()
    assert tree.user() == user
    assert "--purge removes them" in tree.said[-1]
    uninstall(tree.host(), STATE, purge=False)
    put(tree)
    assert tree.may(user, "cat", tree.alerts)


@needs_root
def test_access_that_is_not_needed_any_more_is_taken_away(tree: MachineTree) -> None:
    (tree.root / "var/ossec/logs/archives").mkdir(mode=0o750)
    before = tree.state()
    archives = replace(NEEDS, sources=(WAZUH / "logs/archives/archives.json",))
    put(tree, archives)
    assert tree.may(tree.user(), "ls", tree.root / "var/ossec/logs/archives")
    put(tree, NEEDS)

    assert not tree.may(tree.user(), "ls", tree.root / "var/ossec/logs/archives")
    assert tree.may(tree.user(), "cat", tree.alerts)
    uninstall(tree.host(), STATE, purge=True)
    assert tree.state() == before


@needs_root
def test_a_folder_that_it_writes_to_is_made_and_one_of_others_left_alone(tree: MachineTree) -> None:
    (tree.root / "srv").mkdir(mode=0o755)
    put(tree, replace(NEEDS, writable=(Path("/var/log/firstsight"), Path("/srv"))))

    assert mode(tree.root / "var/log/firstsight") == ("0750", tree.user())
    assert mode(tree.root / "srv") == ("0755", 0)


@needs_root
def test_a_folder_of_others_is_no_state(tree: MachineTree) -> None:
    """`data_dir = "/var"` must neither close the machine nor be removed."""
    (tree.root / "srv").mkdir(mode=0o755)
    (tree.root / "srv/theirs").touch()
    refused = "srv is not empty, and does not belong to firstsight"
    with pytest.raises(InputError, match=refused):
        put(tree, replace(NEEDS, state=Path("/srv")))
    with pytest.raises(InputError, match=refused):
        uninstall(tree.host(), Path("/srv"), purge=True)

    assert mode(tree.root / "srv") == ("0755", 0)
    assert (tree.root / "srv/theirs").exists()


@needs_root
def test_a_running_systemd_starts_it_once_and_restarts_it_after_a_change(
    tree: MachineTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    stub = tmp_path / "systemctl"
    stub.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n', "utf-8")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    live = Host(tree.root, dry=False, systemd=True, say=tree.said.append)
    write_settings(live, first_settings(WAZUH))

    def called() -> list[str]:
        found = calls.read_text("utf-8").splitlines()
        calls.unlink()
        return found

    install(live, PROGRAM, NEEDS)
    assert called() == ["daemon-reload", "enable firstsight.service", "restart firstsight.service"]
    install(live, PROGRAM, NEEDS)
    assert called() == ["enable firstsight.service", "start firstsight.service"]
    install(live, PROGRAM, replace(NEEDS, queue=None))
    assert called() == ["daemon-reload", "enable firstsight.service", "restart firstsight.service"]
    uninstall(live, STATE, purge=False)
    assert called() == ["disable --now firstsight.service", "daemon-reload"]


def test_a_dry_run_needs_no_right_and_leaves_no_trace(tmp_path: Path) -> None:
    said: list[str] = []
    host = Host(tmp_path, dry=True, systemd=True, say=said.append)
    write_settings(host, first_settings(WAZUH))
    install(host, PROGRAM, NEEDS)
    uninstall(host, STATE, purge=True)

    assert list(tmp_path.iterdir()) == []
    assert [line.split()[0] for line in said] == [
        "write", "run", "make", "make", "missing", "missing", "write", "run", "run", "run",
    ]  # fmt: skip


def test_a_program_that_the_user_could_not_run_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "firstsight"
    program.touch()
    with pytest.raises(InputError, match=r"could not run .*/firstsight: /.* is closed to it.*/opt/firstsight"):
        reachable(program, Path("/usr"))
    with pytest.raises(InputError, match="could not run /usr/absent: it is not there"):
        reachable(Path("/bin/sh"), Path("/usr/absent"))
    reachable(Path("/bin/sh"), Path("/usr"))
