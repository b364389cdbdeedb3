import stat
from pathlib import Path

import pytest

from firstsight.cli.replacing import replace_file
from firstsight.core.errors import InputError


def test_a_file_takes_the_old_ones_place(tmp_path: Path) -> None:
    target = tmp_path / "table"
    target.write_text("old")
    replace_file(target, "new\n")

    assert target.read_text() == "new\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_what_cannot_be_replaced_stays(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inside").mkdir(parents=True)

    with pytest.raises(InputError, match="What is in use stays as it is"):
        replace_file(tmp_path / "folder", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
