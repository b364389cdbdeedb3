import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

from firstsight.sources.place import Place, read_place
from firstsight.sources.reading import Reading
from firstsight.sources.rotated import head


class Log:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()
        self.reading = Reading(path.open("rb", buffering=0), Place(0, 0, 0, ""), 100, final=False)

    def write(self, data: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(data)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(tmp_path / "log")
    yield log
    log.reading.close()


def test_a_turn_has_lines_and_the_place_after_them(log: Log) -> None:
    log.write(b"one\ntwo\nthr")
    turn = log.reading.take(64)
    assert turn is not None
    assert turn.lines == [b"one", b"two"]
    place = read_place(turn.position)
    assert place is not None
    assert (place.offset, place.head) == (8, head(b"one\n"))
    assert log.reading.left() == 3
    assert log.reading.take(64) is None
    assert log.reading.at_end
    last = log.reading.finish()
    assert last is not None
    assert last.lines == [b"thr"]
    assert log.reading.left() == 0
    assert log.reading.finish() is None


def test_no_more_is_read_than_it_takes_to_have_a_line(log: Log) -> None:
    log.write(b"one\ntwo\nthree\n")
    turn = log.reading.take(5)
    assert turn is not None
    assert turn.lines == [b"one"]
    assert log.reading.left() == 10


def test_a_turn_of_many_portions_ends_with_what_is_there(log: Log) -> None:
    log.write(b"one\ntwo\nthree\nfou")
    turn = log.reading.take(5, 3)
    assert turn is not None
    assert turn.lines == [b"one", b"two", b"three"]
    assert log.reading.left() == 3
    assert log.reading.take(5, 3) is None
    assert log.reading.at_end


class Emptied(FileIO):
    """A file that is emptied (copytruncate) just before it is read for the second time."""

    turns = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.turns += 1
        if self.turns == 2:
            os.truncate(self.name, 0)
        return super().read(size)


def test_what_was_read_before_a_file_was_emptied_is_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo\nthree\n")
    with Emptied(path) as file:
        reading = Reading(file, Place(0, 0, 0, ""), 100, final=False)
        turn = reading.take(4, 3)
        assert turn is not None
        assert turn.lines == [b"one"]
        assert reading.take(4, 3) is None
        assert reading.emptied


def test_an_endless_line_is_read_in_several_turns(log: Log) -> None:
    log.write(b"x" * (3 << 20))
    turns = 0
    while not log.reading.at_end:
        assert log.reading.take(65536) is None
        turns += 1
    assert turns >= 3
    assert log.reading.place.offset == 0
    log.write(b"\nnext\n")
    turn = log.reading.take(65536)
    assert turn is not None
    assert (turn.lines, turn.overlong) == ([b"next"], 1)


@pytest.mark.parametrize("size", [0, 3, 9])
def test_a_file_that_became_shorter_was_emptied(log: Log, size: int) -> None:
    log.write(b"one\ntwo\nthr")
    log.reading.take(64)
    log.reading.take(64)
    assert not log.reading.emptied
    os.truncate(log.path, size)
    assert log.reading.take(64) is None
    assert log.reading.emptied


def test_the_place_knows_when_the_file_was_last_written(log: Log) -> None:
    log.write(b"one\n")
    os.utime(log.path, ns=(5, 7_000_000))
    log.reading.take(64)
    log.reading.take(64)
    assert log.reading.place.mtime == 7_000_000
