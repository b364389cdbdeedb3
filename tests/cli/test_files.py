from pathlib import Path

import pytest

from firstsight.cli.files import read_bounded, replaced
from firstsight.core.errors import InputError


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_bytes(b"12345")

    assert read_bounded(file, 5) == b"12345"
    with pytest.raises(InputError, match=r"list is larger than 4 bytes"):
        read_bounded(file, 4)
    with pytest.raises(InputError, match=r"gone can't be read \(No such file"):
        read_bounded(tmp_path / "gone", 4)


def test_a_target_is_replaced_at_the_end_and_only_then(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"old")
    with replaced(target) as out:
        out.write(b"new")
        out.flush()
        assert target.read_bytes() == b"old"

    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_an_error_leaves_the_old_one_and_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"old")

    def broken() -> None:
        with replaced(target) as out:
            out.write(b"half")
            raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        broken()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("target", b"old")]


def test_a_draft_that_is_named_is_gone_on_with(tmp_path: Path) -> None:
    target, draft = tmp_path / "target", tmp_path / "draft"

    def broken() -> None:
        with replaced(target, draft=draft) as out:
            out.write(b"one ")
            raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        broken()
    assert draft.read_bytes() == b"one "
    with replaced(target, draft=draft) as out:
        out.write(b"two")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("target", b"one two")]


def test_a_place_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "target" / "in the way").mkdir(parents=True)
    with (
        pytest.raises(InputError, match=r"target can't be written \(.*\)\. What stood there stays"),
        replaced(tmp_path / "target") as out,
    ):
        out.write(b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
