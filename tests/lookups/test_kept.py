from pathlib import Path

import pytest

from firstsight.lookups.kept import conditions, keep


def test_what_is_there_is_replaced(tmp_path: Path) -> None:
    for data in (b"one", b"two"):
        keep(tmp_path / "list.csv", data)
        assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("list.csv", data)]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "list.csv" / "in the way").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        keep(tmp_path / "list.csv", b"one")
    with pytest.raises(FileNotFoundError):
        keep(tmp_path / "no such folder" / "list.csv", b"one")
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_only_the_validators_that_there_are_make_conditions() -> None:
    assert conditions("", "") == {}
    assert conditions('"v1"', "") == {"If-None-Match": '"v1"'}
    assert conditions("", "Tue, 24 Nov 2026 06:00:00 GMT") == {"If-Modified-Since": "Tue, 24 Nov 2026 06:00:00 GMT"}
