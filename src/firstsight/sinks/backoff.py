"""When to try a sink again after a failure."""

_FIRST = 0.05
_LONGEST = 5.0


class Backoff:
    """Doubling waits: 0.05 s, 0.1 s, … 5 s. Times are seconds since the epoch, handed in."""

    def __init__(self) -> None:
        self._wait = 0.0
        self._since = 0.0
        self._until = 0.0

    def waiting(self, now: float) -> bool:
        """Whether it is too early to try. A clock that was set back ends the wait instead of prolonging it."""
        return self._since <= now < self._until

    def failed(self, now: float) -> None:
        """Wait twice as long as last time."""
        self._wait = min(self._wait * 2 or _FIRST, _LONGEST)
        self.pause(now, self._wait)

    def pause(self, now: float, seconds: float) -> None:
        """Wait once, and leave the doubling as it is."""
        self._since, self._until = now, now + seconds

    def worked(self) -> None:
        """Start afresh."""
        self._wait = self._since = self._until = 0.0
