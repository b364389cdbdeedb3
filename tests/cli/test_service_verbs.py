import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from firstsight.cli.main import app
from firstsight.cli.service import install, uninstall
from firstsight.core.errors import InputError, SettingsError
from machine_tree import WAZUH, MachineTree, machine_tree, needs_root


@pytest.fixture
def tree() -> Iterator[MachineTree]:
    with machine_tree() as tree:
        yield tree


def unit(tree: MachineTree) -> str:
    return (tree.root / "etc/systemd/system/firstsight.service").read_text("utf-8")


@needs_root
def test_the_settings_say_what_the_unit_may_reach(tree: MachineTree) -> None:
    (tree.root / "etc/firstsight").mkdir()
    (tree.root / "etc/firstsight/firstsight.toml").write_text(
        'listen = "127.0.0.1:443"\ndata_dir = "/srv/fs"\n[[sources]]\npath = "/var/ossec/logs/archives/archives.json"\n'
        '[alerts]\nfile = "/var/log/firstsight/alerts.jsonl"\n[wazuh]\nqueue = ""\n',
        "utf-8",
    )
    assert install(tree.root, WAZUH, dry=False) == 0

    written = unit(tree)
    assert "BindReadOnlyPaths=-/var/ossec/logs/archives\n" in written
    assert "queue/sockets" not in written
    assert "ReadWritePaths=/srv/fs\nReadWritePaths=/var/log/firstsight\n" in written
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE\n" in written
    assert (tree.root / "srv/fs").is_dir()


@needs_root
def test_installed_and_purged(tree: MachineTree, capsys: pytest.CaptureFixture[str]) -> None:
    assert install(tree.root, WAZUH, dry=False) == 0
    assert "BindReadOnlyPaths=-/var/ossec/logs/alerts\n" in unit(tree)
    assert uninstall(tree.root, purge=True, dry=False) == 0

    assert not (tree.root / "etc/firstsight").exists()
    assert "remove   /var/lib/firstsight" in capsys.readouterr().out


@needs_root
def test_settings_that_can_t_be_used_are_refused_before_anything_is_done(tree: MachineTree) -> None:
    (tree.root / "etc/firstsight").mkdir()
    (tree.root / "etc/firstsight/firstsight.toml").write_text("lisen = 1\n", "utf-8")
    before = tree.state()
    with pytest.raises(SettingsError, match="lisen"):
        install(tree.root, WAZUH, dry=False)

    assert tree.state() == before
    assert (tree.root / "etc/passwd").read_text("utf-8") == ""


def test_a_dry_run_says_each_step(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["service", "install", "--root", str(tmp_path), "--dry-run"])

    assert done.exit_code == 0
    assert "useradd --prefix" in done.output
    assert "write    /etc/systemd/system/firstsight.service" in done.output
    assert list(tmp_path.iterdir()) == []


def test_who_is_not_root_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    done = CliRunner().invoke(app, ["service", "uninstall", "--root", str(tmp_path)])

    assert "run it as root (sudo), or look at it with --dry-run" in str(done.exception)


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_files_that_can_t_be_reached_are_told_of(verb: str) -> None:
    root = f"/{'a' * 256}"  # no file system takes it; a folder that is closed to who asks ends the same way
    done = CliRunner().invoke(app, ["service", verb, "--root", root, "--dry-run"])

    assert isinstance(done.exception, InputError)
    assert f"{root}/etc/firstsight/firstsight.toml can't be read or written" in str(done.exception)
    assert "run this again as root (sudo)" in str(done.exception)
