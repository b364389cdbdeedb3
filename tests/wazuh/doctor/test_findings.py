import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstsight.wazuh.doctor.findings import Person
from manager_home import short


def test_a_person_is_named_by_number_where_nobody_has_it() -> None:
    assert Person.of(os.geteuid(), os.getegid()).uid == os.geteuid()
    assert Person.of(64_990, 64_991).name == "64990"


@pytest.fixture
def path() -> Iterator[Path]:
    """A file in a folder that everybody may enter."""
    with short() as home:
        path = home.path.parent / "file"
        path.touch()
        yield path


def test_what_somebody_may_do(path: Path) -> None:
    # Root is asked for another, as it may do everything itself.
    somebody = Person.of(os.geteuid() or 64_990, os.getegid() or 64_991)
    path.chmod(0)
    assert not somebody.may("-r", path)
    path.chmod(0o444)
    assert somebody.may("-r", path)
    assert not somebody.may("-w", path)
    assert not somebody.may("-r", path.with_name("nothing"))
