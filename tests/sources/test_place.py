import gzip
import os
from pathlib import Path

import pytest

from firstsight.sources.place import Place, find, later, read_place
from firstsight.sources.rotated import History, Piece
from wazuh_home import WazuhHome


def place_in(home: WazuhHome, offset: int) -> Place:
    history = History(home.path)
    piece = history.current()
    assert piece is not None
    return Place(
        piece.device, piece.inode, offset, history.head(piece), dated=history.name_of(piece), mtime=piece.mtime
    )


def names(pieces: list[Piece]) -> list[str]:
    return [piece.path.name for piece in pieces]


def found(home: WazuhHome, place: Place) -> tuple[str, bool] | None:
    got = find(History(home.path), place)
    return None if got is None else (got[0].path.name, got[1])


@pytest.fixture
def home(tmp_path: Path) -> WazuhHome:
    home = WazuhHome(tmp_path)
    home.write(b"one", b"two")
    return home


def test_a_place_is_written_down_and_read_again() -> None:
    place = Place(1, 2, 3, "ab", "2026/Nov/ossec-alerts-24", beside=True, mtime=5)
    assert read_place(place.text()) == place


@pytest.mark.parametrize("text", ["", "7", "{}", '{"device":1,"inode":2,"offset":-3,"head":""}', "[" * 100_000])
def test_what_is_no_place_is_none(text: str) -> None:
    assert read_place(text) is None


def test_the_file_itself_is_found_first(home: WazuhHome) -> None:
    assert found(home, place_in(home, 4)) == ("alerts.json", False)


def test_after_midnight_it_is_found_by_its_dated_name_then_as_gz(home: WazuhHome) -> None:
    place = place_in(home, 4)
    home.switch_day()
    home.write(b"three")
    assert found(home, place) == ("ossec-alerts-24.json", False)
    home.compress()
    assert found(home, place) == ("ossec-alerts-24.json.gz", True)


def test_another_first_line_is_another_file(home: WazuhHome) -> None:
    place = place_in(home, 4)
    os.truncate(home.path, 0)
    home.write(b"another first line")
    assert found(home, place) is None
    assert names(later(History(home.path), place)) == ["ossec-alerts-24.json"]


def test_a_file_shorter_than_the_offset_is_not_it(home: WazuhHome) -> None:
    place = place_in(home, 8)
    os.truncate(home.path, 5)
    assert found(home, place) is None
    assert names(later(History(home.path), place)) == ["ossec-alerts-24.json"]


def test_a_copy_beside_it_holds_the_place(home: WazuhHome) -> None:
    place = place_in(home, 4)
    copy = home.copytruncate()
    home.write(b"three")
    assert found(home, place) == ("alerts.json.1", True)
    copy.with_name("alerts.json.1.gz").write_bytes(gzip.compress(copy.read_bytes()))
    copy.unlink()
    assert found(home, place) == ("alerts.json.1.gz", True)
    assert names(later(History(home.path), place)) == ["ossec-alerts-24.json"]


def test_a_restored_file_with_another_inode_is_found_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "alerts.json"
    path.write_bytes(b"one\ntwo\n")
    history = History(path)
    piece = history.current()
    assert piece is not None
    place = Place(0, 0, 4, history.head(piece))
    assert find(history, place) == (piece, False)


def test_what_comes_after_a_place_is_in_the_order_of_time(home: WazuhHome) -> None:
    place = place_in(home, 4)
    for day in range(3):
        home.switch_day()
        home.write(b"%d" % day)
    home.compress(keep=2)
    assert names(later(History(home.path), place)) == [
        "ossec-alerts-25.json.gz",
        "ossec-alerts-26.json",
        "ossec-alerts-27.json",
    ]


def test_a_file_whose_dated_name_could_not_be_seen_is_not_read_again_by_it(home: WazuhHome) -> None:
    home.switch_day()
    home.write(b"three")
    seen = place_in(home, 6)
    place = Place(seen.device, seen.inode, 6, seen.head, "2026/Nov/ossec-alerts-24", beside=True, mtime=seen.mtime)
    assert names(later(History(home.path), place)) == []
    home.switch_day()
    home.write(b"four")
    home.compress()
    assert names(later(History(home.path), place)) == ["ossec-alerts-26.json"]


def test_a_fixed_name_without_a_dated_one_comes_last(home: WazuhHome) -> None:
    place = place_in(home, 4)
    home.switch_day()
    home.write(b"three")
    home.path.unlink()
    home.path.write_bytes(b"elsewhere\n")
    assert names(later(History(home.path), place)) == ["ossec-alerts-25.json", "alerts.json"]


def test_a_renamed_file_that_has_a_dated_name_too_comes_once(home: WazuhHome) -> None:
    home.switch_day(-1)
    home.write(b"zero")
    place = place_in(home, 0)
    home.switch_day()
    home.rename()
    home.switch_day()
    home.write(b"three")
    assert names(later(History(home.path), place)) == ["ossec-alerts-24.json", "ossec-alerts-25.json"]


def test_copies_made_while_away_stand_before_what_was_written_after_them(home: WazuhHome) -> None:
    place = place_in(home, 4)
    home.switch_day()
    home.write(b"three")
    copy = home.copytruncate()
    os.utime(copy, ns=(place.mtime + 10, place.mtime + 10))
    home.write(b"four")
    os.utime(home.path, ns=(place.mtime + 20, place.mtime + 20))
    after = later(History(home.path), place)
    assert [(piece.path.name, piece.dated[-2:]) for piece in after] == [
        ("alerts.json.1", "25"),
        ("ossec-alerts-25.json", "25"),
    ]
