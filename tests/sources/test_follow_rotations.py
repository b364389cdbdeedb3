"""Whatever is written, rotated, killed and read, in any order: each line comes once and in order."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from following import Reader
from logrotate import Logrotate, Writer, pack
from wazuh_home import WazuhHome

Packs = Literal["never", "at_once", "delayed"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alerts.json"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    with closing(Writer(path)) as writer:
        yield writer


@pytest.fixture
def reader(path: Path, writer: Writer) -> Iterator[Reader]:
    with closing(Reader(path)) as reader:
        yield reader


@pytest.mark.parametrize("down", [False, True])
def test_a_log_that_was_emptied_and_has_grown_past_the_place(
    path: Path, writer: Writer, reader: Reader, down: bool
) -> None:
    writer.write(b"one\ntwo\n")
    reader.read()
    writer.write(b"three\n")
    if down:
        reader.close()
    Logrotate(path, copies=True).rotate()
    writer.write(b"another first line, longer than all that was read\nfive\n")
    assert reader.settle() == [b"three", b"another first line, longer than all that was read", b"five"]
    assert reader.trouble == ""


def test_half_a_first_line_that_was_emptied_is_none_of_the_next_log(path: Path, writer: Writer, reader: Reader) -> None:
    reader.read()
    writer.write(b"on")
    assert reader.read() == []
    writer.write(b"e\n")
    Logrotate(path, copies=True).rotate()
    writer.write(b"two is longer\n")
    assert reader.settle() == [b"one", b"two is longer"]


def test_what_was_written_while_the_copy_was_made_is_no_gap_once_it_is_read(
    path: Path, writer: Writer, reader: Reader
) -> None:
    writer.write(b"one\n")
    for number, _ in enumerate(Logrotate(path, copies=True).steps()):
        if number == 1:  # the copy is whole, the log not emptied yet
            writer.write(b"two\n")
            assert reader.read() == [b"one", b"two"]
    writer.write(b"three\n")
    assert reader.settle() == [b"three"]
    assert reader.trouble == ""


def test_a_copy_that_is_being_made_is_left_alone(path: Path, writer: Writer, reader: Reader) -> None:
    log = Logrotate(path, copies=True)
    writer.write(b"one\n")
    reader.read()
    reader.close()
    writer.write(b"two\n")
    log.rotate()
    writer.write(b"three\nfour\nfive\n")
    for _ in log.steps():
        reader.settle()
    writer.write(b"six\n")
    reader.settle()
    assert reader.lines == [b"one", b"two", b"three", b"four", b"five", b"six"]


def test_a_first_line_is_not_lost_where_the_copies_can_t_be_looked_at(
    path: Path, writer: Writer, reader: Reader
) -> None:
    reader.read()
    blocked = path.with_name("alerts.json.1")
    blocked.mkdir()  # no file: an error for who looks at it
    writer.write(b"one\n")
    assert reader.settle() == []
    assert "not a regular file" in reader.trouble
    blocked.rmdir()
    assert reader.settle() == [b"one"]
    assert reader.trouble == ""


@pytest.mark.parametrize("copies", [False, True])
@pytest.mark.parametrize("dates", [False, True])
@pytest.mark.parametrize("packs", ["never", "at_once", "delayed"])
def test_what_was_thrown_away_unread_is_a_gap_and_is_said(
    path: Path, writer: Writer, reader: Reader, copies: bool, dates: bool, packs: Packs
) -> None:
    log = Logrotate(path, copies=copies, dates=dates, packs=packs, keep=2)
    writer.write(b"one\n")
    reader.read()
    reader.close()
    for number in range(4):
        writer.write(b"day %d\n" % number)
        log.rotate(writer)
    writer.write(b"today\n")
    assert reader.settle() == [b"day 2", b"day 3", b"today"]
    assert reader.follower.gaps == 1
    assert "may be missing" in reader.trouble


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "partial", "rotate", "read", "turn", "keep", "kill", "down"]),
        st.integers(0, 255),
    ),
    max_size=50,
)


def look(reader: Reader, pattern: int, steps: Iterable[None]) -> None:
    """Go through the steps of something; the reader takes a turn after those that the pattern says."""
    for number, _ in enumerate(steps):
        for _ in range(4 * (pattern >> number % 8 & 1)):
            reader.turn()
            reader.time.sleep(0.4)


@settings(max_examples=300, deadline=None)
@given(
    st.booleans(),
    st.booleans(),
    st.sampled_from(["never", "at_once", "delayed"]),
    STEPS,
    st.sampled_from([16, 65536]),
    st.booleans(),
)
def test_whatever_logrotate_does_each_line_comes_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory,
    copies: bool,
    dates: bool,
    packs: Packs,
    steps: list[tuple[str, int]],
    turn: int,
    first: bool,
) -> None:
    path = tmp_path_factory.mktemp("log") / "alerts.json"
    with closing(Writer(path)) as writer, closing(Reader(path, turn=turn)) as reader:
        log = Logrotate(path, copies=copies, dates=dates, packs=packs)
        written = play(log, writer, reader, steps, first=first)
        reader.settle()
        assert reader.lines == written
        if written[0] == b"first":  # of a file that was empty nobody knows whether its copy is the one that is gone
            assert reader.trouble == ""
        assert reader.follower.lag() == 0


def play(log: Logrotate, writer: Writer, reader: Reader, steps: list[tuple[str, int]], *, first: bool) -> list[bytes]:
    """Play the steps; the lines written by them."""
    written: list[bytes] = []
    half = b""
    if first:
        writer.write(b"first\n")
        written.append(b"first")
    reader.turn()
    reader.keep()
    for number, (step, pattern) in enumerate([*steps, ("write", 0)]):
        line = b"%d %s" % (number, b"x" * (pattern % 50))
        match step:
            case "write":
                writer.write(line + b"\n")
                written.append(half + line)
                half = b""
            case "partial":
                writer.write(line)
                half += line
            case "rotate" if not half:
                look(reader, pattern, log.steps(writer))
            case "read":
                reader.settle()
            case "turn":
                reader.turn()
                reader.time.sleep(pattern % 3)
            case "keep":
                reader.keep()
            case "kill":
                reader.kill()
            case "down":
                reader.close()
    return written


# -- Wazuh's own rotation, and logrotate on top ---------------------------------------------------------------------

WAZUH_STEPS = st.lists(
    st.tuples(
        st.sampled_from("write write partial late day part restart pack rotate read turn keep kill down".split()),
        st.integers(0, 255),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(
    st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["never", "at_once", "delayed"]), WAZUH_STEPS,
    st.sampled_from([16, 65536]),
)  # fmt: skip
def test_whatever_wazuh_and_logrotate_do_each_line_comes_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory,
    archives: bool,
    copies: bool,
    dates: bool,
    packs: Packs,
    steps: list[tuple[str, int]],
    turn: int,
) -> None:
    home = WazuhHome(tmp_path_factory.mktemp("home"), archives=archives)
    with closing(home), closing(Reader(home.path, turn=turn)) as reader:
        log = Logrotate(home.path, copies=copies, dates=dates, packs=packs)
        written = play_wazuh(home, log, reader, steps)
        reader.settle()
        assert reader.lines == written
        assert reader.trouble == ""
        assert reader.follower.gaps == 0
        assert reader.follower.lag() == 0


def play_wazuh(home: WazuhHome, log: Logrotate, reader: Reader, steps: list[tuple[str, int]]) -> list[bytes]:
    """Play the steps; the lines written by them."""
    home.write(b"first")
    written, half = [b"first"], b""
    reader.turn()
    reader.keep()
    for number, (step, pattern) in enumerate([*steps, ("day", 0), ("write", 0)]):
        line = b"%d %s" % (number, b"x" * (pattern % 50))
        match step:
            case "write":
                home.write(line)
                written.append(half + line)
                half = b""
            case "partial":
                home.partial(line)
                half += line
            case "late" | "day" | "part" if step != "part" or home.dated.stat().st_size:
                left, empty = home.dated, home.dated.stat().st_size == 0
                home.switch_day() if step == "day" else home.new_part()
                if step == "late":
                    look(reader, pattern, [None])
                    home.late(line + b"\n")
                    written.append(half + line)
                elif half:
                    written.append(half)
                elif empty:
                    left.unlink()  # as analysisd does
                half = b""
                if step == "part":  # analysisd compresses a part when it leaves it
                    home.close_old()
                    look(reader, pattern, pack(left))
            case "restart":
                home.restart()
            case "pack":
                for plain in home.plain()[:-1]:
                    look(reader, pattern, pack(plain))
            case "rotate" if not half:
                sleep(0.005)  # copies are put in order by when they were written; the kernel's clock ticks slowly
                look(reader, pattern, log.steps())
                sleep(0.005)
            case "read":
                reader.settle()
            case "turn":
                reader.turn()
                reader.time.sleep(pattern % 3)
            case "keep":
                reader.keep()
            case "kill":
                reader.kill()
            case "down":
                reader.close()
    return written
