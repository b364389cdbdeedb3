import os
from pathlib import Path

import pytest

from firstsight.core.errors import InputError
from firstsight.wazuh.setup.tree import File, Folder, Tree


def own(content: bytes, mode: int = 0o640) -> File:
    return File(content, mode, os.geteuid(), os.getegid())


def test_a_file_comes_changes_and_goes(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    assert tree.look("a/b") is None
    tree.put("a", Folder(0o750, os.geteuid(), os.getegid()))
    for file in (own(b"one"), own(b"two", 0o660)):
        tree.put("a/b", file)
        assert tree.look("a/b") == file
        assert tree.names("a") == ["b"]
    tree.put("a/b", None)
    tree.put("a", None)
    assert list(tmp_path.iterdir()) == []


def test_no_link_is_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("theirs")
    home = tmp_path / "home"
    home.mkdir()
    (home / "folder").symlink_to(outside)
    (home / "link").symlink_to(outside / "file")
    tree = Tree(home)
    for path in ("folder/file", "folder/new", "link"):
        with pytest.raises(InputError, match="symbolic link"):
            tree.look(path)
        with pytest.raises(InputError, match="symbolic link"):
            tree.put(path, own(b"ours"))
    assert [(path.name, path.read_text()) for path in outside.iterdir()] == [("file", "theirs")]


def test_what_is_no_file_stands_in_the_way(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not what belongs there"):
        Tree(tmp_path).look("pipe")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="not what belongs there"):
        Tree(tmp_path).look("file/in")


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        Tree(tmp_path).put("no/folder", own(b""))


def test_what_a_kill_has_left_goes(tmp_path: Path) -> None:
    (tmp_path / ".name.firstsight-new").write_text("half")
    tree = Tree(tmp_path)
    tree.put("name", own(b"whole"))
    assert [path.name for path in tmp_path.iterdir()] == ["name"]
    (tmp_path / ".name.firstsight-new").write_text("half")
    tree.sweep("name")
    tree.sweep("no/folder")
    assert [path.name for path in tmp_path.iterdir()] == ["name"]


def test_a_changed_file_keeps_its_labels(tmp_path: Path) -> None:
    path = tmp_path / "name"
    path.write_text("old")
    path.chmod(0o640)
    try:
        os.setxattr(path, "user.label", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    Tree(tmp_path).put("name", own(b"new"))
    assert (path.read_text(), os.getxattr(path, "user.label")) == ("new", b"kept")
