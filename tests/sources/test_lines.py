from hypothesis import given
from hypothesis import strategies as st

from firstsight.sources.lines import Lines


def test_half_a_line_waits_for_its_newline() -> None:
    lines = Lines(0, 100)
    assert lines.feed(b"one\ntw") == [b"one"]
    assert (lines.offset, lines.end) == (4, 6)
    assert lines.feed(b"o\n\nthree") == [b"two", b""]
    assert (lines.offset, lines.end) == (9, 14)


def test_offsets_count_from_where_reading_began() -> None:
    lines = Lines(1000, 100)
    lines.feed(b"one\ntwo")
    assert (lines.offset, lines.end) == (1004, 1007)


def test_the_last_half_line_is_given_when_nobody_will_complete_it() -> None:
    lines = Lines(0, 100)
    lines.feed(b"one\ntwo")
    assert lines.finish() == [b"two"]
    assert lines.offset == lines.end == 7
    assert lines.finish() == []


def test_a_line_of_just_the_limit_is_taken_and_one_more_byte_is_not() -> None:
    lines = Lines(0, 4)
    assert lines.feed(b"1234\n12345\n1\n") == [b"1234", b"1"]
    assert lines.overlong == 1


def test_an_overlong_line_is_counted_once_at_its_end_and_not_kept() -> None:
    lines = Lines(0, 8)
    assert lines.feed(b"ok\n" + b"x" * 9) == [b"ok"]
    for _ in range(1000):
        assert lines.feed(b"x" * 1000) == []
    assert (lines.offset, lines.overlong) == (3, 0)
    assert len(lines._half) == 0
    assert lines.feed(b"x\nnext\n") == [b"next"]
    assert (lines.offset, lines.overlong) == (3 + 9 + 1_000_000 + 2 + 5, 1)


def test_an_overlong_line_that_nobody_completes_is_counted_too() -> None:
    lines = Lines(0, 8)
    lines.feed(b"x" * 20)
    assert lines.finish() == []
    assert (lines.overlong, lines.offset) == (1, 20)


@given(
    st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line), max_size=12),
    st.binary(max_size=12).filter(lambda line: b"\n" not in line),
    st.lists(st.integers(1, 9), min_size=1, max_size=8),
    st.integers(0, 10),
)
def test_however_bytes_are_cut_the_lines_are_the_same(
    written: list[bytes], rest: bytes, portions: list[int], max_line: int
) -> None:
    data = b"".join(line + b"\n" for line in written) + rest
    lines, got, at, turn = Lines(0, max_line), [], 0, 0
    while at < len(data):
        portion = portions[turn % len(portions)]
        got += lines.feed(data[at : at + portion])
        at, turn = at + portion, turn + 1
        assert lines.end == min(at, len(data))
    assert lines.offset == len(data) - len(rest)
    assert got == [line for line in written if len(line) <= max_line]
    got += lines.finish()
    complete = [*written, rest] if rest else written
    assert got == [line for line in complete if len(line) <= max_line]
    assert lines.overlong == len(complete) - len(got)
