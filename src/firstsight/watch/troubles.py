"""What is amiss now, in one place: for who asks (/readyz), and for the notices that tell it each way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from firstsight.core.notices import span
from firstsight.ports import Clock, Store
from firstsight.watch.clockwatch import ClockWatch
from firstsight.watch.loop import Watch
from firstsight.watch.rests import Rests

NODE = "node:"
"""What the names of sources begin with that a node of a cluster hands over."""

_CAUGHT_UP = 1 << 20  # bytes; less is what the next turn reads, or half a line
_MOMENT, _A_WHILE, _LONG = 30.0, 300.0, 900.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is amiss.

    Attributes:
        code: of core.notices.NOTICES.
        subject: a source, a sink, a node; may be empty.
        sentence: what happened, to what, and what to do.
        hold: seconds that it must last to be told.
    """

    code: str
    subject: str
    sentence: str
    hold: float


class Troubles:
    """Looks at the parts of the running service.

    Args:
        store: what is known of sources.
        watch: the pipeline with its sources and sinks.
        registries: a sentence while no registry answers, else None.
        clock: the time.
        silent: seconds without events after which a source is silent at the earliest; 0 = never.
        lagging: seconds behind its events that a source may be read; 0 = any.
    """

    def __init__(
        self,
        store: Store,
        watch: Watch,
        registries: Callable[[], str | None],
        clock: Clock,
        *,
        silent: float,
        lagging: float,
    ) -> None:
        self._store = store
        self._watch = watch
        self._registries = registries
        self._clock = clock
        self._silent = silent
        self._lagging = lagging
        self._started = clock.now()
        self._rests = Rests(store)
        heard = [store.source(name).last for name in store.sources()]
        self._clocks = ClockWatch(max((last for last in heard if last is not None), default=None))

    def look(self) -> None:
        """See how things have gone on; every few seconds.

        Raises:
            StoreError: what was learnt of a source's rests can't be kept.
        """
        self._clocks.look(self._clock.now(), {name: self._store.account(name) for name in self._names()})
        if self._watch.store_trouble is None:
            for name, lag in self._names().items():
                self._rests.look(name, caught_up=lag < _CAUGHT_UP)

    def now(self) -> list[Trouble]:
        """What is amiss; the store's own trouble first."""
        return list(self._all(self._clock.now()))

    def _names(self) -> dict[str, int]:
        """Sources that should speak, and how many bytes of each are not read yet."""
        nodes = dict.fromkeys((name for name in self._store.sources() if name.startswith(NODE)), 0)
        return nodes | {source.name: source.lag() for source in self._watch.sources}

    def _all(self, now: float) -> Iterator[Trouble]:
        watch = self._watch
        if watch.store_trouble is not None:
            yield Trouble("store_trouble", "", watch.store_trouble, _MOMENT)
        for source in watch.sources:
            if (sentence := source.trouble()) is not None:
                yield Trouble("source_trouble", source.name, sentence, _A_WHILE)
        for sink in watch.sinks:
            if (sentence := sink.trouble()) is not None:
                yield Trouble("outbox_stuck", sink.name, sentence, _A_WHILE)
        if (sentence := self._registries()) is not None:
            yield Trouble("registry_trouble", "", sentence, _LONG)
        for subject, sentence in self._clocks.sentences(now):
            yield Trouble("clock_trouble", subject, sentence, 0)
        if watch.store_trouble is None:  # else nothing is read, and that says it
            for name, lag in self._names().items():
                yield from self._of_source(name, lag, now)

    def _of_source(self, name: str, lag: int, now: float) -> Iterator[Trouble]:
        last = self._store.source(name).last
        quiet = now - (self._started if last is None else last)
        if lag >= _CAUGHT_UP:
            if self._lagging and last is not None and quiet >= self._lagging:
                yield Trouble("source_lagging", name, _behind(name, lag, quiet), _A_WHILE)
        elif now - self._started < _A_WHILE:
            pass  # what was written while nothing ran is not read yet
        elif self._silent and quiet > self._rests.patience(name, self._silent, now):
            code = "node_silent" if name.startswith(NODE) else "source_silent"
            # A machine that was asleep has its events still to read: not told at once.
            yield Trouble(code, name, _quiet(name, quiet, self._rests.longest(name, now)), _A_WHILE)


def _behind(name: str, lag: int, seconds: float) -> str:
    return (
        f"{name} is read {span(seconds)} behind its events, {lag:,} bytes wait: alerts come late. See what floods it, "
        f"and this machine's load."
    )


def _quiet(name: str, seconds: float, rest: float) -> str:
    usual = f"; its longest rest of the last weeks was {span(rest)}" if rest else ""
    return (
        f"No DNS event has come from {name} for {span(seconds)}{usual}. Does Event 22 still reach it (rules, Sysmon's "
        f"configuration), and does it still arrive here?"
    )
