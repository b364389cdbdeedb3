import os
from datetime import date
from pathlib import Path

import pytest

from firstsight.sources.packed import UnfinishedError
from firstsight.sources.rotated import HEAD, History, head, moment
from wazuh_home import WazuhHome, half_compress


def names(home: WazuhHome, since: str = "") -> list[str]:
    return [piece.dated + (".gz" if piece.packed else "") for piece in History(home.path).dated(since)]


def touch(folder: Path, name: str, mtime: int) -> None:
    (folder / name).write_bytes(b"x\n")
    os.utime(folder / name, (mtime, mtime))


def test_dated_files_stand_in_the_order_of_time(tmp_path: Path) -> None:
    home = WazuhHome(tmp_path, day=date(2026, 9, 30))
    home.switch_day()
    home.new_part()
    home.new_part()
    home.switch_day(92)
    assert names(home) == [
        "2026/Sep/ossec-alerts-30",
        "2026/Oct/ossec-alerts-01",
        "2026/Oct/ossec-alerts-01-001",
        "2026/Oct/ossec-alerts-01-002",
        "2027/Jan/ossec-alerts-01",
    ]
    assert names(home, "2026/Oct/ossec-alerts-01-002") == ["2026/Oct/ossec-alerts-01-002", "2027/Jan/ossec-alerts-01"]
    home.compress()
    assert [name.endswith(".gz") for name in names(home)] == [True, True, True, True, False]


def test_archives_have_their_own_names(tmp_path: Path) -> None:
    home = WazuhHome(tmp_path, archives=True)
    (home.dated.parent / "ossec-alerts-24.json").write_bytes(b"")
    assert home.path.name == "archives.json"
    assert names(home) == ["2026/Nov/ossec-archive-24"]


def test_foreign_files_are_no_part_of_the_history(tmp_path: Path) -> None:
    home = WazuhHome(tmp_path)
    for name in ("ossec-alerts-24.log", "ossec-alerts-24.json.sum", "ossec-alerts-x.json", "notes.json", "a.json.gz"):
        (home.dated.parent / name).write_bytes(b"x")
    (home.folder / "2026" / "Foo").mkdir()
    (home.folder / "20a6").mkdir()
    (home.folder / "2025").write_bytes(b"no folder")
    assert names(home) == ["2026/Nov/ossec-alerts-24"]


def test_a_half_written_gz_does_not_hide_the_plain_file(tmp_path: Path) -> None:
    home = WazuhHome(tmp_path)
    home.write(b"one")
    half_compress(home.dated)
    assert names(home) == ["2026/Nov/ossec-alerts-24"]
    named = History(home.path).named("2026/Nov/ossec-alerts-24")
    assert named is not None
    assert not named.packed


def test_the_fixed_name_has_the_dated_name_of_its_link(tmp_path: Path) -> None:
    home = WazuhHome(tmp_path)
    home.switch_day()
    history = History(home.path)
    current = history.current()
    assert current is not None
    assert history.name_of(current) == "2026/Nov/ossec-alerts-25"
    home.dated.unlink()
    assert history.name_of(current) == ""


def test_a_link_elsewhere_leads_to_wazuhs_folder(tmp_path: Path) -> None:
    home = WazuhHome(tmp_path)
    link = tmp_path / "current.json"
    link.symlink_to(home.path)
    assert [piece.dated for piece in History(link).dated()] == ["2026/Nov/ossec-alerts-24"]


def test_numbers_tell_the_order_of_logrotates_files(tmp_path: Path) -> None:
    for name, mtime in (("x.json.2.gz", 900), ("x.json.1", 500), ("x.json.10", 100), ("x.json.swp", 1), ("x.json", 9)):
        touch(tmp_path, name, mtime)
    history = History(tmp_path / "x.json")
    assert [piece.path.name for piece in history.siblings()] == ["x.json.10", "x.json.2.gz", "x.json.1"]


def test_dates_tell_it_too(tmp_path: Path) -> None:
    for name in ("x.json-20261201.gz", "x.json-20261124", "x.json-20261130", "x.json-20261130.gz"):
        touch(tmp_path, name, 5)
    history = History(tmp_path / "x.json")
    assert [piece.path.name for piece in history.siblings()] == [
        "x.json-20261124",
        "x.json-20261130",
        "x.json-20261201.gz",
    ]


def test_they_may_stand_before_the_ending(tmp_path: Path) -> None:
    for name in (
        "x-20261201.json.gz",
        "x-20261124.json",
        "x-20261130.json",
        "x-y.json",
        "x.json",
        "x2.json",
        "x-1.txt",
    ):
        touch(tmp_path, name, 5)
    history = History(tmp_path / "x.json")
    assert [piece.path.name for piece in history.siblings()] == [
        "x-20261124.json",
        "x-20261130.json",
        "x-20261201.json.gz",
    ]
    touch(tmp_path, "y.2.json.gz", 5)
    touch(tmp_path, "y.1.json", 5)
    assert [piece.path.name for piece in History(tmp_path / "y.json").siblings()] == ["y.2.json.gz", "y.1.json"]


def test_where_both_are_there_the_time_of_writing_tells(tmp_path: Path) -> None:
    touch(tmp_path, "x.json.1", 30)
    touch(tmp_path, "x.json-20261124", 20)
    history = History(tmp_path / "x.json")
    assert [piece.path.name for piece in history.siblings()] == ["x.json-20261124", "x.json.1"]


def test_a_head_is_of_the_first_line_whatever_follows(tmp_path: Path) -> None:
    home = WazuhHome(tmp_path)
    history = History(home.path)

    def now() -> str:
        current = history.current()
        assert current is not None
        return history.head(current)

    assert now() == ""
    home.partial(b"on")
    assert now() == ""
    home.partial(b"e\ntw")
    first = now()
    assert first == head(b"one\n")
    home.partial(b"o\n")
    assert now() == first
    home.switch_day()
    packed = home.compress()
    assert packed
    piece = history.dated()[0]
    assert piece.packed
    assert history.head(piece) == first


def test_a_long_first_line_is_known_by_its_beginning() -> None:
    assert head(b"x" * (HEAD - 1)) == ""
    assert head(b"x" * HEAD) == head(b"x" * HEAD + b"yyy\n") != ""


def test_a_gz_without_a_readable_first_line_says_so(tmp_path: Path) -> None:
    home = WazuhHome(tmp_path)
    home.write(os.urandom(300).hex().encode())
    half_compress(home.dated)
    home.dated.unlink()
    history = History(home.path)
    piece = history.dated()[0]
    with pytest.raises(UnfinishedError):
        history.head(piece)
    history.damaged.add(piece.path)
    assert history.head(piece) == ""


@pytest.mark.parametrize(
    ("dated", "at"),
    [
        ("2026/Nov/ossec-alerts-24", (2026, 11, 24, 0)),
        ("2026/Jan/ossec-archive-02-013", (2026, 1, 2, 13)),
        ("2026/Nov/ossec-alerts-24.json", None),
        ("2026/nov/ossec-alerts-24", None),
        ("../2026/Nov/ossec-alerts-24", None),
        ("2026/Nov/../ossec-alerts-24", None),
        ("", None),
    ],
)
def test_only_a_dated_name_has_a_moment(dated: str, at: object) -> None:
    assert moment(dated) == at
