import os
from pathlib import Path

import pytest

from firstsight.wazuh.doctor.findings import Person


def test_a_person_is_named_by_number_where_nobody_has_it() -> None:
    assert Person.of(os.geteuid(), os.getegid()).uid == os.geteuid()
    assert Person.of(64_990, 64_991).name == "64990"


def test_what_one_may_do(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    me = Person.of(os.geteuid(), os.getegid())
    assert me.may("-r", path)
    assert not me.may("-r", tmp_path / "nothing")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask for another")
def test_what_another_may_do(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    path = tmp_path / "file"
    path.touch()
    other = Person.of(64_990, 64_991)
    path.chmod(0o640)
    assert not other.may("-r", path)
    os.chown(path, 0, other.gid)
    assert other.may("-r", path)
    assert not other.may("-w", path)
