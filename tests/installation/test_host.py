from pathlib import Path

import pytest

from firstsight.core.errors import InputError
from firstsight.installation.host import Host
from machine_tree import needs_root


def host(root: Path, *, dry: bool = False) -> tuple[Host, list[str]]:
    said: list[str] = []
    return Host(root, dry=dry, systemd=False, say=said.append), said


def test_paths_stand_below_the_root(tmp_path: Path) -> None:
    tree, _ = host(tmp_path)
    assert tree.at(Path("/etc/x")) == tmp_path / "etc/x"
    assert not tree.this
    assert Host(Path("/"), dry=True, systemd=False, say=print).at(Path("/etc/x")) == Path("/etc/x")


def test_a_command_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    tree, said = host(tmp_path)
    with pytest.raises(InputError, match=r"`ls -d .*absent` failed \(.*absent.*run this again"):
        tree.run("ls", "-d", tmp_path / "absent")
    assert said == [f"run      ls -d {tmp_path}/absent"]


def test_a_dry_run_says_the_same_and_does_nothing(tmp_path: Path) -> None:
    tree, said = host(tmp_path, dry=True)

    tree.run("no-such-program")
    assert tree.write(Path("/etc/f"), "text", mode=0o600)
    tree.folder(Path("/var/lib/f"), mode=0o700, owner=1, group=1)
    (tmp_path / "old").touch()
    assert tree.remove(Path("/old"))

    assert said == ["run      no-such-program", "write    /etc/f", "make     /var/lib/f", "remove   /old"]
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


@needs_root
def test_a_file_is_written_once_and_its_mode_kept_right(tmp_path: Path) -> None:
    tree, said = host(tmp_path)

    assert tree.write(Path("/etc/f/g"), "text", mode=0o640, group=7)
    (tmp_path / "etc/f/g").chmod(0o666)
    assert not tree.write(Path("/etc/f/g"), "text", mode=0o640, group=7)

    found = (tmp_path / "etc/f/g").stat()
    assert (found.st_mode & 0o777, found.st_uid, found.st_gid) == (0o640, 0, 7)
    assert said == ["write    /etc/f/g"]
    assert [path.name for path in (tmp_path / "etc/f").iterdir()] == ["g"]


def test_users_are_those_of_the_tree(tmp_path: Path) -> None:
    tree, _ = host(tmp_path)
    assert tree.ids("firstsight") is None
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("firstsight2:x:5:6::/:/bin/false\nfirstsight:x:998:997::/:/bin/false\n")
    assert tree.ids("firstsight") == (998, 997)


def test_a_command_that_does_not_end_is_told(tmp_path: Path) -> None:
    tree = Host(tmp_path, dry=False, systemd=False, say=print, patience=0.01)
    with pytest.raises(InputError, match=r"`sleep 60` did not end within 0.01 seconds.*run this again"):
        tree.run("sleep", "60")
