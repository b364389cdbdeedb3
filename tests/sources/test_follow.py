import gzip
import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from time import sleep
from typing import Literal, Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstsight.sources.trouble import PATIENCE
from following import Reader
from wazuh_home import WazuhHome, half_compress

_NOBODY = 65534


class Follow(Protocol):
    def __call__(self, path: Path, start: Literal["start", "end"] = "start", **how: int) -> Reader: ...


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Makes readers, and closes them in the end."""
    readers: list[Reader] = []

    def make(path: Path, start: Literal["start", "end"] = "start", **how: int) -> Reader:
        readers.append(Reader(path, start, **how))
        return readers[-1]

    yield make
    for reader in readers:
        reader.close()


@pytest.fixture
def home(tmp_path: Path) -> WazuhHome:
    return WazuhHome(tmp_path)


# -- one file ------------------------------------------------------------------------------------------------------


def test_lines_come_as_they_are_written(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one", b"two")
    reader = follow(home.path)
    assert reader.read() == [b"one", b"two"]
    assert reader.read() == []
    home.partial(b"thr")
    assert reader.read() == []
    home.partial(b"ee\nfo")
    assert reader.read() == [b"three"]
    reader.restart()
    home.partial(b"ur\n")
    assert reader.read() == [b"four"]
    assert reader.trouble == ""


def test_a_turn_is_a_portion(home: WazuhHome, follow: Follow) -> None:
    home.write(*[b"%03d" % number for number in range(30)])
    reader = follow(home.path, turn=40)
    reader.turn()
    assert reader.turn()
    assert len(reader.lines) == 10
    assert reader.follower.lag() == 80
    reader.read()
    assert len(reader.lines) == 30
    assert reader.follower.lag() == 0


def test_with_a_backlog_a_turn_is_longer(home: WazuhHome, follow: Follow) -> None:
    home.write(*[b"%03d" % number for number in range(1000)])
    reader = follow(home.path, turn=40)
    reader.turn()
    assert reader.turn()
    assert len(reader.lines) == 80
    reader.read()
    assert len(reader.lines) == 1000


def test_from_the_end_means_the_end_when_first_looked_at(home: WazuhHome, follow: Follow) -> None:
    home.write(b"old")
    home.partial(b"half ")
    reader = follow(home.path, "end")
    assert reader.read() == []
    reader.restart()  # no line has come yet, the position is known all the same
    home.partial(b"line\n")
    assert reader.read() == [b"half line"]


def test_from_the_end_of_a_file_that_is_not_there_is_its_beginning(tmp_path: Path, follow: Follow) -> None:
    reader = follow(tmp_path / "logs" / "alerts" / "alerts.json", "end")
    assert reader.read() == []
    assert "There is no file" in reader.trouble
    assert "wazuh-manager" in reader.trouble
    home = WazuhHome(tmp_path)
    home.write(b"one")
    assert reader.read() == [b"one"]
    assert reader.trouble == ""


def test_from_the_end_within_an_endless_line(home: WazuhHome, follow: Follow) -> None:
    home.partial(b"x" * 5000)
    reader = follow(home.path, "end", max_line=1000)
    reader.read()
    home.write(b"", b"next")
    assert reader.read() == [b"", b"next"]


def test_an_overlong_line_is_counted_and_skipped(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one", b"x" * 1001, b"y" * 1000, b"x" * 50_000)
    home.partial(b"x" * 70_000)
    reader = follow(home.path, turn=64, max_line=1000)
    assert reader.settle() == [b"one", b"y" * 1000]
    assert reader.overlong == 2
    reader.restart()
    home.write(b"xx", b"last")
    assert reader.settle() == [b"last"]
    assert reader.overlong == 3


def test_a_folder_in_the_files_place_is_trouble(tmp_path: Path, follow: Follow) -> None:
    reader = follow(tmp_path)
    assert reader.read() == []
    assert "not a regular file" in reader.trouble


def test_a_link_that_leads_nowhere_is_waited_for(tmp_path: Path, follow: Follow) -> None:
    link = tmp_path / "alerts.json"
    link.symlink_to(tmp_path / "there" / "alerts.json")
    reader = follow(link)
    assert reader.read() == []
    assert "There is no file" in reader.trouble


@pytest.fixture
def no_root() -> Iterator[Path]:
    """A folder of a user who is not root, and the test run as that user: root may read everything."""
    folder = Path(tempfile.mkdtemp())
    before = os.geteuid()
    if before == 0:
        os.chown(folder, _NOBODY, -1)
        os.seteuid(_NOBODY)
    yield folder
    os.seteuid(before)
    shutil.rmtree(folder)


def test_a_file_that_may_not_be_read_is_waited_for(no_root: Path, follow: Follow) -> None:
    home = WazuhHome(no_root)
    home.write(b"one")
    home.path.chmod(0)
    reader = follow(home.path)
    assert reader.settle() == []
    assert "permission denied" in reader.trouble
    home.path.chmod(0o640)
    assert reader.settle() == [b"one"]
    assert reader.trouble == ""


def test_a_stored_position_that_is_none_begins_anew_and_says_so(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path, "end")
    reader.position = "7"
    reader.restart()
    assert reader.read() == [b"one"]
    assert "may be missing" in reader.trouble
    assert reader.follower.gaps == 1


def test_going_back_reads_again(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    back = reader.position
    home.write(b"two")
    home.switch_day()
    home.write(b"three")
    assert reader.settle() == [b"two", b"three"]
    reader.follower.resume(back)
    assert reader.settle() == [b"two", b"three"]
    reader.follower.resume(None)
    assert reader.settle() == [b"three"]


# -- Wazuh's own rotation ------------------------------------------------------------------------------------------


def test_what_is_flushed_after_midnight_comes_before_the_new_day(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    home.partial(b"tw")
    home.switch_day()
    home.write(b"four")
    assert reader.read() == []
    home.late(b"o\nthree\n")
    assert reader.settle() == [b"two", b"three", b"four"]
    assert reader.trouble == ""


def test_an_old_day_is_not_left_for_a_file_without_a_line(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    home.switch_day()
    assert reader.settle() == []
    home.late(b"two\n")
    home.partial(b"thr")
    assert reader.settle() == [b"two"]
    home.partial(b"ee\n")
    assert reader.settle() == [b"three"]


def test_a_line_that_nobody_completed_is_handed_over_with_the_day(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    home.partial(b"torn")
    reader = follow(home.path)
    assert reader.settle() == [b"one"]
    home.switch_day()
    home.write(b"two")
    while reader.lines != [b"one", b"torn"]:
        reader.turn()
        reader.time.sleep(0.6)
    reader.restart()
    assert reader.settle() == [b"two"]


def test_a_restart_of_the_manager_changes_nothing(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    home.path.unlink()
    assert reader.read() == []
    assert reader.trouble == ""
    home.restart()
    home.write(b"two")
    assert reader.settle() == [b"two"]
    assert reader.trouble == ""


def test_a_fixed_name_that_stays_away_is_trouble_but_its_file_is_read_on(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    home.path.unlink()
    home.write(b"two")
    assert reader.settle() == [b"two"]
    assert "There is no file" in reader.trouble
    home.switch_day()
    home.write(b"three")
    assert reader.settle() == [b"three"]
    assert reader.trouble == ""


def test_parts_of_a_day_follow_each_other(home: WazuhHome, follow: Follow) -> None:
    reader = follow(home.path)
    reader.read()
    written = []
    for number in range(4):
        home.write(b"%d" % number)
        written.append(b"%d" % number)
        home.new_part()
    home.write(b"end")
    assert reader.settle() == [*written, b"end"]
    assert json.loads(reader.position or "")["dated"] == "2026/Nov/ossec-alerts-24-004"


def test_three_days_away_over_the_turn_of_the_year(tmp_path: Path, follow: Follow) -> None:
    home = WazuhHome(tmp_path, day=date(2026, 12, 30))
    home.write(b"one", b"two")
    reader = follow(home.path)
    reader.read()
    home.write(b"three")
    for number in range(3):
        home.switch_day()
        home.write(b"day %d" % number)
        home.new_part()
        home.write(b"day %d, later" % number)
    home.compress()
    reader.restart()
    assert reader.read() == []
    assert reader.follower.lag() > 0
    expected = [b"three"] + [b"day %d%s" % (n, more) for n in range(3) for more in (b"", b", later")]
    assert reader.settle() == expected
    assert reader.trouble == ""
    assert reader.follower.lag() == 0


def test_a_restart_within_a_gz_goes_on_there(home: WazuhHome, follow: Follow) -> None:
    lines = [b"%05d" % number for number in range(3000)]
    home.write(*lines)
    reader = follow(home.path, turn=600)
    reader.turn()
    reader.turn()
    home.switch_day()
    home.write(b"next day")
    home.compress()
    for _ in range(20):
        reader.restart()
        for _ in range(5):
            reader.turn()
            reader.time.sleep()
    reader.settle()
    assert reader.lines == [*lines, b"next day"]


def test_a_day_that_is_compressed_while_it_is_read_is_read_to_its_end(home: WazuhHome, follow: Follow) -> None:
    home.write(*[b"%05d" % number for number in range(3000)])
    reader = follow(home.path, turn=600)
    reader.turn()
    reader.turn()
    home.switch_day()
    home.write(b"next day")
    home.compress()
    assert reader.settle()[-1] == b"next day"
    assert len(reader.lines) == 3001


def test_a_half_written_gz_is_waited_for(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    rest = [random.Random(number).randbytes(200).hex().encode() for number in range(500)]
    home.write(*rest)
    plain = home.dated
    home.switch_day()
    home.write(b"next day")
    packed = half_compress(plain)
    whole = gzip.compress(plain.read_bytes())
    plain.unlink()
    reader.restart()
    assert reader.settle() == []
    assert "ossec-alerts-24.json.gz is not complete" in reader.trouble
    reader.time.sleep(PATIENCE - 60)
    packed.write_bytes(whole[:-1])
    assert reader.settle() == []
    reader.time.sleep(PATIENCE - 60)
    packed.write_bytes(whole)
    assert reader.settle() == [*rest, b"next day"]
    assert reader.trouble == ""


def test_a_damaged_gz_is_given_up_at_last(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    rest = [random.Random(number).randbytes(200).hex().encode() for number in range(5000)]
    home.write(*rest)
    plain = home.dated
    home.switch_day()
    home.write(b"next day")
    half_compress(plain)
    plain.unlink()
    reader.restart()
    reader.settle()
    reader.time.sleep(PATIENCE)
    got = reader.settle()
    assert got[-1] == b"next day"
    assert len(got) > 2000
    assert got[:-2] == rest[: len(got) - 2]  # the one before the last is torn
    assert "damaged" in reader.trouble
    assert reader.follower.gaps == 1


def test_inode_numbers_that_come_back_do_not_mislead(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one", b"two")
    reader = follow(home.path)
    reader.read()
    home.write(b"three")
    inode = home.path.stat().st_ino
    home.switch_day()
    home.write(b"four")
    home.compress()
    home.switch_day()
    home.write(b"five five five five")
    home.close_old()
    position = (reader.position or "").replace(f'"inode":{inode}', f'"inode":{home.path.stat().st_ino}')
    assert position != reader.position
    reader.position = position
    reader.restart()
    assert reader.settle() == [b"three", b"four", b"five five five five"]
    assert reader.trouble == ""


@pytest.mark.parametrize("packed", [False, True])
def test_a_day_without_a_whole_line_is_passed(home: WazuhHome, packed: bool, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    home.switch_day()
    home.switch_day()
    home.switch_day()
    home.partial(b"torn")
    home.switch_day()
    home.write(b"two")
    if packed:
        home.compress()
    reader.restart()
    while reader.lines != [b"one", b"torn"]:
        reader.turn()
        reader.time.sleep()
    reader.restart()
    assert reader.settle() == [b"two"]


def test_an_empty_day_that_was_compressed_is_passed(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    home.switch_day()
    home.switch_day()
    home.write(b"two")
    home.compress()
    assert reader.settle() == [b"two"]


def test_a_first_day_without_a_line_is_no_gap(home: WazuhHome, follow: Follow) -> None:
    reader = follow(home.path)
    reader.read()
    home.partial(b"ha")
    home.partial(b"lf\n")
    home.switch_day()
    home.write(b"two")
    home.compress()
    reader.restart()
    assert reader.settle() == [b"half", b"two"]
    assert reader.trouble == ""


def test_a_file_that_is_gone_is_a_gap_and_reading_goes_on_after_it(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    plain = home.dated
    home.switch_day()
    home.write(b"two")
    home.switch_day()
    home.write(b"three")
    home.compress()
    plain.with_name(plain.name + ".gz").unlink()
    reader.restart()
    assert reader.settle() == [b"two", b"three"]
    assert "may be missing" in reader.trouble
    assert "ossec-alerts-24" in reader.trouble
    assert reader.follower.gaps == 1
    reader.time.sleep(86400)
    assert reader.trouble == ""


def test_archives_are_followed_too(tmp_path: Path, follow: Follow) -> None:
    home = WazuhHome(tmp_path, archives=True)
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    home.switch_day()
    home.write(b"two")
    home.switch_day()
    home.write(b"three")
    home.compress()
    reader.restart()
    assert reader.settle() == [b"two", b"three"]


# -- logrotate -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [False, True])
def test_copytruncate_begins_anew(home: WazuhHome, again: bool, follow: Follow) -> None:
    home.write(b"one", b"two")
    reader = follow(home.path)
    reader.read()
    home.write(b"three")
    home.copytruncate()
    home.write(b"four")
    if again:
        reader.restart()
    assert reader.settle() == [b"three", b"four"]
    assert reader.trouble == ""
    home.switch_day()
    home.write(b"five")
    home.compress()
    assert reader.settle() == [b"five"]


def test_an_emptied_file_without_a_copy_begins_anew_and_may_be_a_gap(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one", b"two")
    reader = follow(home.path)
    reader.read()
    os.truncate(home.path, 0)
    assert reader.settle() == []
    home.write(b"three")
    assert reader.settle() == [b"three"]
    assert "emptied" in reader.trouble


def test_a_rename_under_a_writer_that_does_not_care(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    home.rename()
    home.path.touch()  # logrotate's `create`; analysisd writes on in its old file until midnight
    home.write(b"two")
    assert reader.settle() == [b"two"]
    home.write(b"three")
    reader.restart()
    assert reader.settle() == [b"three"]
    home.switch_day()
    home.write(b"four")
    assert reader.settle() == [b"four"]


def test_a_rename_and_a_writer_that_reopens(home: WazuhHome, follow: Follow) -> None:
    home.write(b"one")
    reader = follow(home.path)
    reader.read()
    home.write(b"two")
    home.rename("-20261124")
    home.reopen()
    home.write(b"three")
    assert reader.settle() == [b"two", b"three"]
    reader.restart()
    home.write(b"four")
    assert reader.settle() == [b"four"]
    home.switch_day()
    home.write(b"five")
    home.compress()
    assert reader.settle() == [b"five"]
    assert reader.trouble == ""


class Logrotate:
    """A log without dated names, rotated by renaming; with `packs`, all but the newest copy are compressed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "alerts.json"
        self.path.touch()

    def write(self, *lines: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(b"".join(line + b"\n" for line in lines))

    def rotate(self, *, packs: bool = False) -> None:
        kept = sorted(
            self.path.parent.glob("alerts.json.*"), key=lambda p: -int(p.name.removesuffix(".gz").split(".")[-1])
        )
        for path in kept:
            number = int(path.name.removesuffix(".gz").split(".")[-1])
            target = path.with_name(f"alerts.json.{number + 1}" + (".gz" if path.suffix == ".gz" else ""))
            path.rename(target)
            if packs and path.suffix != ".gz":
                target.with_name(target.name + ".gz").write_bytes(gzip.compress(target.read_bytes()))
                target.unlink()
        self.path.rename(self.path.with_name("alerts.json.1"))
        self.path.touch()


@pytest.mark.parametrize("packs", [False, True])
@pytest.mark.parametrize("away", [False, True])
def test_several_renames(tmp_path: Path, packs: bool, away: bool, follow: Follow) -> None:
    log = Logrotate(tmp_path)
    log.write(b"one")
    reader = follow(log.path)
    reader.read()
    for number in range(4):
        log.write(b"%d" % number)
        log.rotate(packs=packs)
    log.write(b"end")
    if away:
        reader.restart()
    assert reader.settle() == [b"0", b"1", b"2", b"3", b"end"]
    assert reader.trouble == ""


def test_a_renamed_file_that_is_gone_is_a_gap(tmp_path: Path, follow: Follow) -> None:
    log = Logrotate(tmp_path)
    log.write(b"one")
    reader = follow(log.path)
    reader.read()
    for number in range(3):
        log.rotate()
        log.write(b"%d" % number)
    (tmp_path / "alerts.json.3").unlink()
    reader.restart()
    assert reader.settle() == [b"0", b"1", b"2"]
    assert "may be missing" in reader.trouble


# -- any order of events -------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.sampled_from(
        ["write", "write", "partial", "late", "day", "part", "copy", "restart", "pack", "read", "turn", "again"]
    ),
    min_size=4,
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.sampled_from([16, 64, 65536]))
def test_whatever_wazuh_does_each_line_comes_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], turn: int
) -> None:
    home = WazuhHome(tmp_path_factory.mktemp("home"))
    with closing(Reader(home.path, turn=turn)) as reader:
        play(home, reader, steps)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(["write", "write", "rename", "pack", "read", "turn", "again"]), max_size=30),
    st.sampled_from([16, 65536]),
)
def test_whatever_logrotate_does_each_line_comes_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], turn: int
) -> None:
    log = Logrotate(tmp_path_factory.mktemp("log"))
    log.write(b"first")
    with closing(Reader(log.path, turn=turn)) as reader:
        reader.turn()
        for number, step in enumerate([*steps, "write", "read"]):
            match step:
                case "write":
                    log.write(b"%d" % number)
                case "rename" | "pack" if log.path.stat().st_size:  # logrotate's `notifempty`
                    log.rotate(packs=step == "pack")
                case "read":
                    reader.settle()
                case "turn":
                    reader.turn()
                    reader.time.sleep(0.4)
                case "again":
                    reader.restart()
        written = [b"%d" % number for number, step in enumerate([*steps, "write"]) if step == "write"]
        assert reader.lines == [b"first", *written]
        assert reader.trouble == ""


def play(home: WazuhHome, reader: Reader, steps: list[str]) -> None:
    reader.turn()
    written: list[bytes] = []
    half = b""  # what stands behind the last newline of the present file
    for number, step in enumerate(steps):
        line = b"%d: %s" % (number, step.encode() * (number % 4))
        match step:
            case "write":
                home.write(line)
                written.append(half + line)
                half = b""
            case "partial":
                home.partial(line)
                half += line
            case "late" | "day" | "part":
                home.switch_day() if step == "day" else home.new_part()
                if step == "late":  # analysisd flushes what belongs to the old file after it has linked the new one
                    reader.turn()
                    home.late(line + b"\n")
                    written.append(half + line)
                elif half:
                    written.append(half)
                half = b""
            case "copy" if not half and home.path.stat().st_size:
                home.compress()  # long before: logrotate runs at another hour
                if number % 2:
                    reader.close()  # the service is down
                else:
                    reader.read()
                sleep(0.005)  # files are told apart by when they were written, and the kernel's clock ticks slowly
                home.write(line)
                written.append(line)
                home.copytruncate(f"-{20261100 + number}")
                sleep(0.005)
                reader.turn()
            case "restart":
                home.restart()
            case "pack":
                home.compress()
            case "read":
                reader.settle()
            case "turn":
                reader.turn()
                reader.time.sleep(0.4)
            case "again":
                reader.restart()
    home.switch_day()
    home.write(b"end")
    if half:
        written.append(half)
    reader.settle()
    assert reader.lines == [*written, b"end"]
    assert reader.trouble == ""
    assert reader.follower.lag() == 0
