import gzip
import random
from contextlib import closing
from pathlib import Path

import pytest

from firstsight.sources.packed import Packed, UnfinishedError, unpack

DATA = random.Random(22).randbytes(300_000) + b"the end"


def opened(path: Path, *, damaged: bool = False) -> closing[Packed]:
    return closing(Packed(path.open("rb", buffering=0), path, damaged=damaged))


def read_all(packed: Packed, size: int = 50_000) -> bytes:
    got = b""
    while data := packed.read(size):
        assert len(data) <= size
        got += data
    return got


def run(path: Path, offset: int, *, damaged: bool = False, stint: int = 1 << 20) -> tuple[bytes, int, int]:
    """What `unpack` gives: the rest, the whole size, and how many turns it took."""
    turns, work = 0, unpack(path.open("rb", buffering=0), path, offset, damaged=damaged, stint=stint)
    while True:
        try:
            next(work)
            turns += 1
        except StopIteration as done:
            file, size = done.value
            with closing(file):
                return read_all(file), size, turns


@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
def test_what_was_compressed_is_read(tmp_path: Path, size: int) -> None:
    data = DATA[:2000] if size == 1 else DATA
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(data))
    with opened(path) as packed:
        assert read_all(packed, size) == data
        assert packed.read(10) == b""


def test_much_out_of_little_comes_in_portions(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(bytes(2_000_000)))
    with opened(path) as packed:
        assert sum(len(data) for data in iter(lambda: packed.read(1000), b"")) == 2_000_000


def test_several_members_and_padding_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"one,") + gzip.compress(b"") + gzip.compress(b"two") + bytes(100_000))
    with opened(path) as packed:
        assert read_all(packed) == b"one,two"


@pytest.mark.parametrize("kept", [0, 1, 5, 9, 10, 500, -9, -8, -4, -1])
def test_a_file_without_its_end_is_unfinished(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(DATA)[:kept])
    with opened(path) as packed, pytest.raises(UnfinishedError, match=r"x\.gz"):
        read_all(packed)


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(DATA))
    whole[150_000] ^= 1
    path = tmp_path / "x.gz"
    path.write_bytes(whole)
    with opened(path) as packed, pytest.raises(UnfinishedError):
        read_all(packed)


def test_what_is_left_of_a_damaged_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(DATA)[:200_000])
    with opened(path, damaged=True) as packed:
        rest = read_all(packed)
    assert len(rest) > 150_000
    assert DATA.startswith(rest)


@pytest.mark.parametrize("offset", [0, 1, 65_536, 200_001, len(DATA), len(DATA) + 5])
def test_unpacking_stands_at_the_offset(tmp_path: Path, offset: int) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(DATA))
    rest, size, _ = run(path, offset)
    assert (rest, size) == (DATA[offset:], len(DATA))


def test_unpacking_gives_way_after_each_stint(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(bytes(1_000_000)))
    _, _, turns = run(path, 900_000, stint=100_000)
    assert 15 <= turns <= 20


def test_nothing_is_given_of_a_half_file(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(DATA)[:-1])
    with pytest.raises(UnfinishedError):
        run(path, 0)
    rest, size, _ = run(path, 10, damaged=True)
    assert (rest, size) == (DATA[10:], len(DATA))


def test_work_that_is_given_up_leaves_no_file_open(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(bytes(1_000_000)))
    file = path.open("rb", buffering=0)
    work = unpack(file, path, 0, damaged=False, stint=100_000)
    next(work)
    work.close()
    assert file.closed
