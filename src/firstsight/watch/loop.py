"""The pipeline: read a batch, observe, decide, commit, send. One thread, in turns, so that HTTP gets its share."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog

from firstsight.core.errors import StoreError
from firstsight.core.events import Batch, DnsEvent
from firstsight.core.facts import Fact
from firstsight.core.lens import Lens
from firstsight.core.verdict import Verdict
from firstsight.ports import Changes, Clock, Sink, Source, Store, Subject
from firstsight.watch.decisions import Decisions

log = structlog.get_logger()

_MANY = 1000  # pending cases that the store hands over at once
_BURST = 100  # alerts handed to a sink at a time
_TIDY_SECONDS = 1.0
_RETRY_SECONDS = 2.0
_CALM_SECONDS = 5.0  # without a failure; a disk that is nearly full takes small writes and refuses the next large one


class Watch:
    """Sources in, alerts out.

    Args:
        store: where everything is kept.
        lens: says what names are.
        decisions: says what becomes of news.
        clock: the time.
        sources: where events come from.
        sinks: where alerts go.
        idle: seconds to rest while there is nothing to read.
        outbox_bound: with so many alerts unsent, reading waits for the sinks. Nodes of a cluster hold nobody up.
    """

    def __init__(
        self,
        store: Store,
        lens: Lens,
        decisions: Decisions,
        clock: Clock,
        *,
        sources: Sequence[Source] = (),
        sinks: Sequence[Sink] = (),
        idle: float = 0.02,
        outbox_bound: int = 100_000,
    ) -> None:
        self._store = store
        self._lens = lens
        self._decisions = decisions
        self._clock = clock
        self.sources = tuple(sources)
        self.sinks = tuple(sinks)
        self._idle = idle
        self._outbox_bound = outbox_bound
        self._generation: int | None = None
        self._tidied_at = 0.0
        self._full = False
        self._failed_at = 0.0
        self.stopped = False
        self.store_trouble: str | None = None

    async def run(self) -> None:
        """Work until `stop`; what is taken by then is flushed."""
        while not self.stopped:  # noqa: ASYNC110  # see below
            # Polling is what there is: a file that grows wakes nobody.
            await asyncio.sleep(0 if self.turn() else self._rest())
        self._guarded(self._store.flush)

    def stop(self) -> None:
        """Let `run` end after this turn."""
        self.stopped = True

    def _rest(self) -> float:
        return self._idle if self.store_trouble is None else _RETRY_SECONDS

    def turn(self) -> bool:
        """One turn: a batch of each source, what is due, what can be sent. Whether there is more to do at once."""
        busy = self._guarded(self._turn)
        if self.store_trouble is not None:
            with suppress(StoreError):  # what is committed can leave all the same
                self._deliver()
        return busy

    def _turn(self) -> bool:
        busy = False
        if self._generation != self._store.generation:
            self._resume()
        if not self._full:
            for source in self.sources:
                busy |= self._pump(source)
        self._store.apply(self._decisions.on_deadline())
        self._deliver()
        now = self._clock.now()
        if self.store_trouble is not None and not 0 <= now - self._failed_at < _CALM_SECONDS:
            self._store.flush()  # only a write proves that it works again
            log.info("store_works_again")
            self.store_trouble = None
        self._store.step(now)
        if now - self._tidied_at >= _TIDY_SECONDS or now < self._tidied_at:
            self._tidied_at = now
            self._store.tidy()
            self._full = sum(self._store.waiting(sink.name) for sink in self.sinks) >= self._outbox_bound
        return busy

    def _resume(self) -> None:
        """Send every source to its stored position: at the start, and after memory had to be forgotten."""
        for source in self.sources:
            source.resume(self._store.source(source.name).position)
        self._generation = self._store.generation

    def _pump(self, source: Source) -> bool:
        batch = source.read()
        if batch is None:
            return False
        self._take(batch)
        return True

    def _take(self, batch: Batch, judged: Callable[[DnsEvent, Verdict], None] | None = None) -> None:
        on_news = self._decisions.on_news
        self._store.take(
            batch,
            self._lens.parse_all,
            lambda started, news: on_news(batch.source, started, news, judged, node=batch.node),
        )

    def ingest(self, batches: Sequence[Batch]) -> list[tuple[DnsEvent, Verdict]]:
        """Take events that somebody hands over and does not keep: recorded durably when this returns.

        Returns:
            The events that were news, with their verdicts as of now.

        Raises:
            StoreError: not all of them are recorded. They may be sent again: what was decided is not decided twice,
                and nothing of them is counted yet.
        """
        news: list[tuple[DnsEvent, Verdict]] = []
        for batch in batches:
            self._take(batch, lambda event, verdict: news.append((event, verdict)))
        self._store.secure()
        return news

    def learned(self, subject: Subject, fact: Fact[Any], changes: Changes) -> None:
        """Take an answer: decide the cases that waited for it, and write both together.

        Args:
            subject: what was asked.
            fact: what was answered.
            changes: how the answer is kept and its question closed.

        Raises:
            StoreError: nothing is written; the question stands and is asked again.
        """
        # The question goes with the last of the cases: those left behind by a crash are found by it.
        while len(self._store.pending(subject)) >= _MANY:
            part = self._decisions.on_answer(subject, fact, Changes())
            if not part.closed:
                break
            self._store.apply(part)
        self._store.apply(self._decisions.on_answer(subject, fact, changes))

    def _deliver(self) -> None:
        for sink in self.sinks:
            while waiting := self._store.unsent(sink.name, _BURST):
                sent = sink.send([alert for _, alert in waiting])
                if sent:
                    self._store.sent(sink.name, waiting[sent - 1][0])
                if sent < len(waiting):
                    break

    def _guarded(self, step: Callable[[], bool | None]) -> bool:
        """Run a step; a store that can't write stops reading, is said once each way, and is tried again."""
        try:
            return bool(step())
        except StoreError as error:
            if self.store_trouble is None:
                log.error("store_failed", what=str(error))
            self.store_trouble = str(error)
            self._failed_at = self._clock.now()
            return False
