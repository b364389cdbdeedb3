"""Clocks that can't be right: this machine's own, set back; the endpoints', by the times that events bear."""

from collections.abc import Iterator, Mapping

from firstsight.core.notices import span

_BACK = 60.0  # seconds; less is time being synchronised
_HOUR = 3600.0
_MANY = 100  # events an hour
_SHARE = 0.1  # of all

Counts = Mapping[str, int]


class ClockWatch:
    """Looks at the time each few seconds, and each hour at how many events bore a time that was passed over.

    Args:
        newest: a time that has been already: of the newest event that is stored; None where there is none.
    """

    def __init__(self, newest: float | None) -> None:
        self._before = newest
        self._jump: tuple[float, float] | None = None  # when it was set back, and by how much
        self._counted_at: float | None = None
        self._counts: dict[str, Counts] = {}
        self._skewed: dict[str, str] = {}

    def look(self, now: float, accounts: Mapping[str, Counts]) -> None:
        """Look.

        Args:
            now: the time.
            accounts: each source's account of its lines.
        """
        if self._before is not None and self._before - now > _BACK:
            self._jump = (now, self._before - now)
        self._before = now
        if self._counted_at is None or not 0 <= now - self._counted_at < _HOUR:
            self._skewed = dict(self._skew(accounts))
            self._counts = {name: dict(account) for name, account in accounts.items()}
            self._counted_at = now

    def sentences(self, now: float) -> Iterator[tuple[str, str]]:
        """What is amiss: (a source or this machine, a sentence). A jump is told for an hour."""
        if self._jump is not None and 0 <= now - self._jump[0] < _HOUR:
            sentence = (
                f"This machine's clock was set back by {span(self._jump[1])}: what waits for a time may wait longer. "
                f"Is its time synchronised (chronyd, systemd-timesyncd)?"
            )
            yield "this machine", sentence
        yield from self._skewed.items()

    def _skew(self, accounts: Mapping[str, Counts]) -> Iterator[tuple[str, str]]:
        for name, account in accounts.items():
            before = self._counts.get(name)
            if before is None:
                continue
            events, skewed = (account.get(what, 0) - before.get(what, 0) for what in ("events", "clock_skew"))
            if skewed >= _MANY and skewed >= events * _SHARE:
                sentence = (
                    f"{skewed:,} of {events:,} DNS events of {name} within an hour bore times that can't be (more than "
                    f"30 days before or 5 minutes after the manager's); the manager's were taken. Are the clocks of "
                    f"the endpoints and of the manager right?"
                )
                yield name, sentence
