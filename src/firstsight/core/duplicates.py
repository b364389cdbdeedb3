"""Tell the same event, read twice or by two roads, from a new one."""

WIDTH = 4096
"""How many record numbers below the highest are remembered one by one."""

_MASK = (1 << WIDTH) - 1
# Numbers follow the order of writing but for threads that overtake each other by milliseconds. A lower number
# written later than this after the highest one can't be the event remembered: the log was cleared.
_OVERTAKING = 5.0


# A shift of the whole bitmap costs more than everything else here, so the latest numbers are kept in a small one.
_NEAR = 1024


class Window:
    """The record numbers seen of one endpoint's log: the highest, when it was written, and a bitmap below it.

    Bit i of `bits` stands for `highest - 1 - i`.

    Args:
        highest: the highest number seen; 0 where none was.
        written: when that record was written, seconds since the epoch.
        bits: the bitmap.

    Attributes:
        moved: for whoever keeps it to mark that it is not kept as it is now.
    """

    __slots__ = ("_far", "_near", "_span", "highest", "moved", "written")

    def __init__(self, highest: int = 0, written: float = 0.0, bits: int = 0) -> None:
        self.highest = highest
        self.written = written
        self._far = bits  # as of `_span` numbers ago
        self._near = 0  # the bits since
        self._span = 0
        self.moved = False

    @property
    def bits(self) -> int:
        """The bitmap."""
        if self._span:
            self._far = (self._far << self._span | self._near) & _MASK
            self._near = self._span = 0
        return self._far

    def add(self, number: int, written: float) -> bool:
        """Remember an event; False where it is a duplicate.

        Args:
            number: eventRecordID, above 0 (an absent or 0 one is never a duplicate: don't ask).
            written: the record's systemTime, seconds since the epoch.
        """
        ahead = number - self.highest
        if ahead > 0:
            if ahead <= _NEAR - self._span:
                self._near = self._near << ahead | 1 << (ahead - 1)
                self._span += ahead
            else:
                self._far = (self.bits << 1 | 1) << (ahead - 1) & _MASK if ahead <= WIDTH else 0
                self._near = self._span = 0
            self.highest = number
            self.written = written
            return True
        if written > self.written + _OVERTAKING or (ahead < -WIDTH and written > self.written):
            self.highest, self.written = number, written
            self._far = self._near = self._span = 0
            return True
        if ahead == 0:
            return False
        if ahead < -WIDTH:
            return True
        bit = 1 << (-ahead - 1)
        if self.bits & bit:
            return False
        self._far |= bit
        return True
