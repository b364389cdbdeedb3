import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from firstsight.access.renewed import Renewed
from firstsight.core.errors import InputError


class Number:
    """A number in a file; counts how often it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reads = 0

    def __call__(self) -> int:
        self.reads += 1
        try:
            return int(self.path.read_text())
        except (OSError, ValueError):
            raise InputError("Write a number.") from None


def test_a_file_is_read_again_only_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "number"
    path.write_text("1")
    number = Number(path)
    renewed = Renewed(number, path)
    renewed.renew()
    assert (renewed.value, number.reads) == (1, 1)

    path.write_text("22")
    renewed.renew()
    renewed.renew()
    assert (renewed.value, number.reads) == (22, 2)


def test_a_file_that_takes_the_place_of_another(tmp_path: Path) -> None:
    """As editors and certbot do it: the same size, and maybe the same time."""
    path, other, link = tmp_path / "number", tmp_path / "other", tmp_path / "link"
    path.write_text("1")
    other.write_text("2")
    link.symlink_to(path)
    os.utime(path, (5, 5))
    os.utime(other, (5, 5))
    renewed = Renewed(Number(link), link)

    link.unlink()
    link.symlink_to(other)
    renewed.renew()
    assert renewed.value == 2


@pytest.mark.parametrize("bad", ["x", None])
def test_a_bad_version_leaves_the_one_before_and_is_said_once(tmp_path: Path, bad: str | None) -> None:
    path = tmp_path / "number"
    path.write_text("1")
    renewed = Renewed(Number(path), path)
    assert renewed.trouble() is None

    with capture_logs() as said:
        path.unlink() if bad is None else path.write_text(bad + bad)
        renewed.renew()
        renewed.renew()
    assert [(entry["event"], entry["log_level"]) for entry in said] == [("new_version_not_taken", "warning")]
    assert renewed.value == 1
    assert renewed.trouble() == "Write a number. What was read before stays in force until then."

    path.write_text("333")
    renewed.renew()
    assert (renewed.value, renewed.trouble()) == (333, None)


def test_any_of_several_files(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("1")
    second.write_text("2")
    renewed = Renewed(lambda: first.read_text() + second.read_text(), first, second)
    second.write_text("33")
    renewed.renew()

    assert renewed.value == "133"


def test_there_is_no_first_version(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Renewed(Number(tmp_path / "none"), tmp_path / "none")
