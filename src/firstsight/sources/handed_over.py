"""Cuts what somebody hands over into turns, as a follower reads a file in turns."""

from collections.abc import Iterator

from firstsight.sources.lines import Lines
from firstsight.sources.reading import Turn

_TURN = 250  # lines; if each of them were the first sight of its domain, the loop would be held for some 25 ms
_MAX_LINE = 1 << 20  # as in files


def turns(body: bytes) -> Iterator[Turn]:
    """The lines of a body, a turn's worth at a time; none of an empty body. Half a last line counts as a line.

    Turns have no position: whoever handed the lines over keeps them until they are recorded.
    """
    cutter = Lines(0, _MAX_LINE)
    lines = cutter.feed(body) + cutter.finish()
    overlong = cutter.overlong
    for start in range(0, max(len(lines), bool(overlong)), _TURN):
        yield Turn(lines[start : start + _TURN], 0 if start else overlong, "")
