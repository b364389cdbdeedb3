"""Reads a log as the service does, with a clock that goes on when it is told to."""

from pathlib import Path
from typing import Literal

import pytest

from firstsight.sources.follow import Follower


class Time:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.at = 1_795_487_611.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float = 2.0) -> None:
        self.at += seconds


class Reader:
    """Reads as the service does: position and lines are kept together, a restart begins at the kept position."""

    def __init__(self, path: Path, start: Literal["start", "end"] = "start", **how: int) -> None:
        self.time = Time()
        self.path, self.start, self.how = path, start, how
        self.position: str | None = None
        self.lines: list[bytes] = []
        self.overlong = 0
        self.kept: tuple[str | None, int] = (None, 0)
        self.follower = self._new()

    def _new(self) -> Follower:
        follower = Follower(self.path, self.start, clock=self.time, **self.how)
        follower.resume(self.position)
        return follower

    def turn(self) -> bool:
        turn = self.follower.read()
        if turn is None:
            return False
        self.lines += turn.lines
        self.overlong += turn.overlong
        self.position = turn.position
        return True

    def read(self) -> list[bytes]:
        """All there is at this moment."""
        got = len(self.lines)
        for _ in range(10_000):
            if not self.turn():
                return self.lines[got:]
        pytest.fail("the follower never comes to an end")

    def settle(self) -> list[bytes]:
        """All there is once every file has been waited for."""
        got, quiet = len(self.lines), 0
        while quiet < 8:
            quiet = 0 if self.turn() else quiet + 1
            self.time.sleep()
        return self.lines[got:]

    def restart(self) -> None:
        self.follower.close()
        self.follower = self._new()

    def keep(self) -> None:
        """The store commits what was read so far."""
        self.kept = self.position, len(self.lines)

    def kill(self) -> None:
        """The process dies, and starts again where it was committed last."""
        self.position, known = self.kept
        del self.lines[known:]
        self.restart()

    def close(self) -> None:
        self.follower.close()

    @property
    def trouble(self) -> str:
        return self.follower.trouble() or ""
