import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.sources.handed_over import turns


def lines_of(body: bytes) -> list[bytes]:
    return [line for turn in turns(body) for line in turn.lines]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"", []),
        (b"one", [b"one"]),
        (b"one\n", [b"one"]),
        (b"one\ntwo", [b"one", b"two"]),
        (b"one\n\ntwo\n\n", [b"one", b"", b"two", b""]),
        (b"\n", [b""]),
    ],
)
def test_half_a_last_line_is_a_line(body: bytes, lines: list[bytes]) -> None:
    assert lines_of(body) == lines


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line), max_size=700))
def test_every_line_once_in_order_and_no_turn_too_long(lines: list[bytes]) -> None:
    body = b"".join(line + b"\n" for line in lines)
    assert lines_of(body) == lines
    assert max((len(turn.lines) for turn in turns(body)), default=0) <= 250


def test_a_line_that_is_too_long_is_counted_once() -> None:
    overlong = b"x" * (2**20 + 1)
    for body in (overlong, overlong + b"\n"):
        assert [(turn.lines, turn.overlong) for turn in turns(body)] == [([], 1)]
    (turn,) = turns(b"\n".join([b"one", overlong, b"two"]))
    assert (turn.lines, turn.overlong) == ([b"one", b"two"], 1)
    assert sum(turn.overlong for turn in turns(overlong + b"\n" + b"a\n" * 600)) == 1
