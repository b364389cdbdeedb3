"""How long sources usually rest: an office sleeps at night and over the weekend, a data centre never does."""

import json

from firstsight.ports import Changes, Store

_WEEK = 7 * 86400.0
_WEEKS = 5  # that count: this one and those before
_SHORTEST = 600.0  # seconds; shorter ones are not worth a write
_HALF_AS_LONG_AGAIN = 1.5
_NEW = 3 * 86400.0  # patience with a source that is known for less than a week: longer than a weekend


class Rests:
    """The longest rest of each source, week by week, kept as marks in the store.

    A rest is the time between two events, in event time. It is told by looking every few seconds: a source that was
    read to its end at the look before, and has gone on since, rested as long as its newest event has moved.

    Args:
        store: what is known of sources; the marks.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._before: dict[str, tuple[float, bool]] = {}
        self._weeks: dict[str, dict[int, float]] = {}

    def look(self, name: str, *, caught_up: bool) -> None:
        """See how far a source has come.

        Args:
            name: the source.
            caught_up: whether all of it is read; while it is not, its events come faster than they were written.

        Raises:
            StoreError: a rest can't be kept.
        """
        last = self._store.source(name).last
        if last is None:
            return
        first = name not in self._before
        before, was_caught_up = self._before.get(name, (last, False))
        self._before[name] = (last, caught_up and not first)  # who has not begun to read knows no lag
        if was_caught_up and last - before >= _SHORTEST:
            self._add(name, int(last // _WEEK), last - before)

    def longest(self, name: str, now: float) -> float:
        """A source's longest rest of the last five weeks, seconds."""
        return max((rest for week, rest in self._of(name).items() if week > now // _WEEK - _WEEKS), default=0.0)

    def patience(self, name: str, least: float, now: float) -> float:
        """Seconds after which a source is silent: half as long again as its longest rest, and `least` at least."""
        started = self._store.source(name).started
        new = started is None or now - started < _WEEK
        return max(least, self.longest(name, now) * _HALF_AS_LONG_AGAIN, _NEW if new else 0.0)

    def _of(self, name: str) -> dict[int, float]:
        weeks = self._weeks.get(name)
        if weeks is None:
            kept = self._store.mark(f"rests:{name}")
            weeks = self._weeks[name] = {} if kept is None else {int(w): rest for w, rest in json.loads(kept).items()}
        return weeks

    def _add(self, name: str, week: int, rest: float) -> None:
        weeks = self._of(name)
        if rest <= weeks.get(week, 0.0):
            return
        weeks[week] = rest
        self._weeks[name] = weeks = {w: r for w, r in weeks.items() if w > week - _WEEKS}
        self._store.apply(Changes(marks={f"rests:{name}": json.dumps(weeks)}))
