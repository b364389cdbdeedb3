"""Cuts bytes into lines."""


class Lines:
    """Takes a file's bytes as they come and gives complete lines, without their newline.

    A line longer than `max_line` bytes is skipped and counted: what is known of it is its length only, so a
    file without newlines needs no more than `max_line` plus one portion of memory.

    Attributes:
        offset: where the last complete line ended, in bytes from the file's beginning. Half lines lie behind it.
        overlong: lines skipped so far.
    """

    def __init__(self, offset: int, max_line: int) -> None:
        self.offset = offset
        self.overlong = 0
        self._max_line = max_line
        self._half = b""
        self._dropped = 0  # bytes of an overlong line let go of so far

    @property
    def end(self) -> int:
        """How far the file's bytes were taken: `offset` plus the half line behind it."""
        return self.offset + self._dropped + len(self._half)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; give the lines that are complete now."""
        if self._dropped:
            newline = data.find(b"\n")
            if newline < 0:
                self._dropped += len(data)
                return []
            self.offset += self._dropped + newline + 1
            self.overlong += 1
            self._dropped = 0
            data = data[newline + 1 :]
        # Cut first, joined afterwards: joined first, every byte would be copied once more.
        lines = data.split(b"\n")
        size = len(self._half) + len(data)
        if self._half:
            lines[0] = self._half + lines[0]
        self._half = lines.pop()
        self.offset += size - len(self._half)
        if len(self._half) > self._max_line:
            self._dropped = len(self._half)
            self._half = b""
        return lines if size <= self._max_line else self._short(lines)

    def finish(self) -> list[bytes]:
        """Give the half line too: the file is finished for good, and nobody will complete it."""
        last, end = self._half, self.end
        if self._dropped:
            self.overlong += 1
        self.offset, self._half, self._dropped = end, b"", 0
        return [last] if last else []

    def _short(self, lines: list[bytes]) -> list[bytes]:
        kept = [line for line in lines if len(line) <= self._max_line]
        self.overlong += len(lines) - len(kept)
        return kept
