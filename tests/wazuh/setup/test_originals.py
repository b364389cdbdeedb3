import os
from pathlib import Path

import pytest

from firstsight.core.errors import InputError
from firstsight.wazuh.setup.manager import find
from firstsight.wazuh.setup.originals import FOLDER, Originals
from firstsight.wazuh.setup.tree import File
from manager_home import ManagerHome

RULES = "etc/rules/firstsight_rules.xml"


def file(content: bytes) -> File:
    return File(content, 0o640, os.geteuid(), os.getegid())


def test_the_first_original_is_the_one(tmp_path: Path) -> None:
    manager = find(ManagerHome(tmp_path).path)
    originals = Originals(manager)
    assert (originals.mode, originals.paths, originals.left) == (None, [], False)
    originals.keep("follow", {RULES: (file(b"by hand"), file(b"1"))})
    originals.keep("follow", {RULES: (file(b"1"), file(b"2"))})
    again = Originals(manager)
    assert (again.mode, again.paths, again.left) == ("follow", [RULES], True)
    assert again.before(RULES) == file(b"by hand")
    assert [again.ours(RULES, file(text)) for text in (b"by hand", b"1", b"2", b"edited")] == [True, True, True, False]
    assert not again.ours("etc/ossec.conf", file(b""))
    again.drop([RULES])
    assert manager.tree.names(FOLDER) == ["installed.json"]
    again.forget()
    assert not Originals(manager).left


def test_a_record_or_a_copy_that_is_gone(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    manager = find(home.path)
    originals = Originals(manager)
    originals.keep("follow", {RULES: (file(b"by hand"), file(b"1"))})
    (home.path / FOLDER / "etc_rules_firstsight_rules.xml").unlink()
    with pytest.raises(InputError, match="is gone"):
        originals.before(RULES)
    (home.path / FOLDER / "installed.json").write_text("{")
    with pytest.raises(InputError, match="no record"):
        Originals(manager)
