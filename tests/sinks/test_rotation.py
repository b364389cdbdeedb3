from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.sinks.rotation import rotate


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alerts.jsonl"


def kept(path: Path) -> list[str]:
    """What stands in the folder, the newest first."""
    return [f"{file.name.removeprefix(path.name)}={file.read_text()}" for file in sorted(path.parent.iterdir())]


def test_the_newest_is_number_one_and_the_oldest_goes(path: Path) -> None:
    for number in range(5):
        path.write_text(str(number))
        rotate(path, 3)
    assert kept(path) == [".1=4", ".2=3", ".3=2"]


def test_one_is_kept_at_least(path: Path) -> None:
    for number in range(3):
        path.write_text(str(number))
        rotate(path, 1)
    assert kept(path) == [".1=2"]


@pytest.mark.parametrize("done", range(4))
def test_what_a_crash_cut_short_is_completed_and_nothing_goes_but_the_oldest(path: Path, done: int) -> None:
    """Renames of three kept files and the file itself; the process dies after some of them."""
    for number in range(4):
        path.with_name(f"alerts.jsonl.{number}" if number else "alerts.jsonl").write_text(f"old{number}")
    for number in range(2, 2 - done, -1):  # what the one that died had done
        source = path.with_name(f"alerts.jsonl.{number}" if number else "alerts.jsonl")
        source.replace(path.with_name(f"alerts.jsonl.{number + 1}"))
    if done == 3:
        path.write_text("new")
    rotate(path, 3)
    expected = {0: "old0 old1 old2", 1: "old0 old1 old2", 2: "old0 old1 old2", 3: "new old0 old1"}[done]
    assert [line.split("=")[1] for line in kept(path)] == expected.split()


def test_what_stands_in_the_way_is_an_error_and_nothing_is_lost(path: Path) -> None:
    path.write_text("now")
    path.with_name("alerts.jsonl.1").write_text("before")
    path.with_name("alerts.jsonl.2").mkdir()
    with pytest.raises(OSError, match="directory"):
        rotate(path, 2)
    assert path.read_text() == "now"
    assert path.with_name("alerts.jsonl.1").read_text() == "before"


@given(st.lists(st.integers(1, 6), min_size=1, max_size=20))
def test_files_never_change_their_order(tmp_path_factory: pytest.TempPathFactory, keeps: list[int]) -> None:
    path = tmp_path_factory.mktemp("rotation") / "alerts.jsonl"
    for number, keep in enumerate(keeps):  # `keep` may be changed at any time
        path.write_text(f"{number:02d}")
        rotate(path, keep)
        contents = [file.read_text() for file in sorted(path.parent.iterdir())]
        assert contents[0] == f"{number:02d}"
        assert contents == sorted(contents, reverse=True)
