"""The store on SQLite: one file, one writer, exact and permanent."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from firstsight.core.alerts import Alert
from firstsight.core.errors import StoreError
from firstsight.core.events import Batch
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.names import Name
from firstsight.core.verdict import Seen
from firstsight.ports import Answer, Changes, Clock, Contact, Hits, News, Pending, Question, SourceState, Uncollected
from firstsight.store import exceptions
from firstsight.store.alerts import Alerts
from firstsight.store.carry import Carry, move, parts_of
from firstsight.store.database import Database
from firstsight.store.questions import Questions
from firstsight.store.sightings import Fronts, Sightings


class SqliteStore:
    """ports.Store on a SQLite file.

    Args:
        path: the file; made where it does not exist and never did.
        clock: the time.
        sinks: names of the sinks that every alert goes to.
        local: those of them that don't take alerts of a node's events: these leave through that node instead.
        newly_active_days: days of silence after which a sighting is news again.
        fronts: how much is kept at hand.
        flush_seconds: counts are written at least that often.
        flush_keys: and as soon as that many domains and pairs have changed.
        flush_part: rows that one turn moves at least.

    Raises:
        StoreError: see Database.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        sinks: Sequence[str] = (),
        local: Collection[str] = (),
        newly_active_days: int = 30,
        fronts: Fronts | None = None,
        flush_seconds: float = 30.0,
        flush_keys: int = 20_000,
        flush_part: int = 200,
    ) -> None:
        self.database = Database(path)
        connection = self.database.connection
        with self.database.explain():
            self._carry = Carry(connection)
            self._settle_what_lies_there()
            self._sightings = Sightings(connection, fronts or Fronts(), newly_active_days)
            self._alerts = Alerts(connection, sinks, local)
            self._questions = Questions(connection)
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._flush_keys = flush_keys
        self._flush_part = flush_part
        self._flushed_at = clock.now()
        self._unflushed = False
        self._stale = False  # memory holds what is not committed, and could not be forgotten
        self.generation = 0

    def source(self, name: str) -> SourceState:
        """Where a source stands."""
        with self.database.explain():
            self._forget_stale()
            return self._sightings.tallies.state(name)

    def take(self, batch: Batch, names: Sequence[Name], decide: Callable[[float, list[News]], Changes]) -> None:
        """Observe a batch, have its news decided, and commit both together."""
        with self._whole():
            news = self._sightings.observe(batch, names)
            self._unflushed = True
            changes = Changes()
            if news:
                changes = decide(self.source(batch.source).started or news[0].event.time, news)
            if self._sightings.staged or changes:
                self._commit(changes)

    def apply(self, changes: Changes) -> None:
        """Commit a decision that no event led to."""
        if changes:
            with self._whole():
                self._commit(changes)

    def tidy(self) -> None:
        """Take what was sent out of the outboxes; any other commit does that too."""
        if self._alerts.to_clear:
            with self._whole():
                self._commit(Changes())

    def _commit(self, changes: Changes, *, durable: bool = False) -> None:
        counts = {f"held:{cause}": n for cause, n in changes.held.items()}
        for alert in changes.alerts:
            what = f"alerts:{alert.verdict.severity}"
            counts[what] = counts.get(what, 0) + 1
        with self.database.transaction(durable=durable) as connection:
            self._sightings.write_news(connection, changes.told, changes.hosts)
            self._alerts.write(connection, changes.alerts)
            self._alerts.clear(connection)
            self._questions.write(connection, changes)
            self._sightings.tallies.add(connection, counts)
            exceptions.count(connection, changes.hits, self._clock.now())
        self._sightings.news_written()
        self._sightings.tallies.added(counts)
        self._alerts.cleared()

    def step(self, now: float) -> None:
        """Do a turn's worth of what is due: lay counts down, or move some of them to their rows."""
        changed = len(self._sightings.domains.dirty) + len(self._sightings.pairs)
        if self._carry and changed < 2 * self._flush_keys:
            with self._whole():
                self._move()
        elif changed >= self._flush_keys or (
            self._unflushed and not 0 <= now - self._flushed_at < self._flush_seconds  # below 0: the clock was set back
        ):
            with self._whole():
                self._lay_down()

    def secure(self) -> None:
        """Commit all counts durably."""
        with self._whole():
            self._lay_down(durable=True)

    def flush(self) -> None:
        """Commit counts, and with them the positions of all batches taken, down to the last row."""
        with self._whole():
            self._lay_down()
            while self._carry:
                self._move()

    def _lay_down(self, *, durable: bool = False) -> None:
        """Commit counts and positions; few counts go to their rows at once."""
        while self._carry:
            self._move()
        parts = parts_of(self._sightings.changed(), self._flush_part)
        with self.database.transaction(durable=durable) as connection:
            self._sightings.flush(connection)
            self._alerts.clear(connection)
            hosts = move(connection, parts[0]) if len(parts) == 1 else {}
            laid = self._carry.write(connection, parts) if len(parts) > 1 else []
        self._sightings.flushed()
        self._sightings.count_hosts(hosts)
        self._carry.laid(laid)
        if not laid:
            self._sightings.settled()
        self._alerts.cleared()
        self._flushed_at = self._clock.now()
        self._unflushed = False

    def _move(self) -> None:
        """Move the next part of the counts to its rows."""
        with self.database.transaction() as connection:
            hosts = self._carry.move_next(connection)
        self._carry.moved()
        self._sightings.count_hosts(hosts)
        if not self._carry:
            self._sightings.settled()

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Memory and file agree, or memory is forgotten: after any failure what counts is what is committed."""
        try:
            with self.database.explain():
                self._forget_stale()
                yield
        except BaseException:
            self.generation += 1
            self._unflushed = False
            self._stale = True
            with suppress(sqlite3.Error, StoreError):  # the file can't even be read: forgotten as soon as it can
                self._forget_stale()
            raise

    def _forget_stale(self) -> None:
        if self._stale:
            self._settle_what_lies_there()
            self._sightings.forget()
            self._stale = False

    def _settle_what_lies_there(self) -> None:
        """Move what an earlier flush has laid down, before any row is trusted."""
        self._carry.reload()
        while self._carry:
            with self.database.transaction() as connection:
                self._carry.move_next(connection)
            self._carry.moved()

    def contact(self, names: Sequence[Name], at: float) -> list[Contact]:
        """Record look-ups durably, in one transaction; what is known already costs none."""
        with self._whole():
            found = self._sightings.look_up(names, at)
            if self._sightings.staged:
                self._commit(Changes(), durable=True)
        contacts = []
        for domain, first in found:
            times = [time for time in (domain.first, domain.looked_up) if time is not None]
            contacts.append(Contact(first, min(times)))
        return contacts

    def seen(self, registrables: Sequence[str]) -> dict[str, Seen]:
        """What is known of domains."""
        with self.database.explain():
            return {name: domain.seen() for name, domain in self._sightings.domains.find(registrables).items()}

    def told(self, registrable: str) -> int:
        """Mask of the reasons that have alerted for a domain."""
        with self.database.explain():
            return sum(domain.told for domain in self._sightings.domains.find([registrable]).values())

    def hosts(self, registrable: str) -> tuple[list[str], bool]:
        """Host names seen under a domain, and whether there were more than are kept."""
        with self.database.explain():
            for domain in self._sightings.domains.find([registrable]).values():
                return self._sightings.hosts.of(domain)
        return [], False

    def page(self, after: str, limit: int) -> list[tuple[str, Seen]]:
        """Sighted domains in order of name, as of the last flush."""
        with self.database.explain():
            return self._sightings.domains.page(after, limit)

    def answers(self, registered: Sequence[str]) -> dict[str, Answer]:
        """Stored answers, fresh or not."""
        with self.database.explain():
            return self._questions.answers(registered)

    def questions(self, now: float, limit: int, each: int = 1000) -> list[Question]:
        """Questions to ask now, the most urgent first."""
        with self.database.explain():
            return self._questions.due(now, limit, each)

    def pending(self, registered: str) -> list[Pending]:
        """Cases that wait for a domain's registration."""
        with self.database.explain():
            return self._questions.pending(registered)

    def overdue(self, now: float) -> list[Pending]:
        """Cases whose deadline has passed."""
        with self.database.explain():
            return self._questions.overdue(now)

    def awaited(self, node: str) -> int:
        """How many cases of a node's events wait with a deadline."""
        with self.database.explain():
            return self._questions.awaited(node)

    def unsent(self, sink: str, limit: int) -> list[tuple[int, Alert]]:
        """The next alerts of a sink's outbox."""
        with self.database.explain():
            return self._alerts.unsent(sink, limit)

    def sent(self, sink: str, place: int) -> None:
        """A sink has delivered up to this place."""
        self._alerts.sent(sink, place)

    def waiting(self, sink: str) -> int:
        """How many alerts of a sink's outbox are not delivered yet."""
        with self.database.explain():
            return self._alerts.waiting(sink)

    def uncollected(self, limit: int) -> list[Uncollected]:
        """The fullest outboxes of nodes."""
        with self.database.explain():
            return self._alerts.uncollected(limit)

    def alerts(self, *, after: int, limit: int, severity: str | None, state: str | None) -> list[tuple[int, Alert]]:
        """Stored alerts in order of decision."""
        with self.database.explain():
            return self._alerts.page(after=after, limit=limit, severity=severity, state=state)

    def alert(self, alert_id: str) -> Alert | None:
        """One alert."""
        with self.database.explain():
            return self._alerts.one(alert_id)

    def alert_of(self, registrable: str) -> Alert | None:
        """The newest alert of a domain."""
        with self.database.explain():
            return self._alerts.newest_of(registrable)

    def exceptions(self) -> list[ExceptionRule]:
        """Exceptions made by the verb or the API, expired ones too."""
        with self.database.explain():
            return exceptions.stored(self.database.connection)

    def keep_exception(self, rule: ExceptionRule) -> None:
        """Keep an exception durably, in the place of one of the same id."""
        with self.database.transaction(durable=True) as connection:
            exceptions.keep(connection, rule)

    def drop_exception(self, exception_id: str) -> None:
        """Forget an exception and its hits."""
        with self.database.transaction(durable=True) as connection:
            exceptions.drop(connection, exception_id)

    def exception_hits(self) -> dict[str, Hits]:
        """What exceptions have held back, by id."""
        with self.database.explain():
            return exceptions.hits(self.database.connection)

    def totals(self) -> dict[str, int]:
        """All counters summed over sources, and the gauges `agents`, `outbox` and `questions`."""
        with self.database.explain():
            return {
                **self._sightings.tallies.totals(),
                "agents": len(self._sightings.askers),
                "outbox": self._alerts.waiting_here(),
                "questions": self._questions.open(),
            }

    def account(self, source: str) -> dict[str, int]:
        """The account of every line of a source."""
        return self._sightings.tallies.account(source)

    def checkpoint(self) -> None:
        """Move SQLite's write-ahead log into the file; may be called from another thread."""
        self.database.checkpoint()

    def close(self) -> None:
        """Flush and close."""
        try:
            self.flush()
        finally:
            self.database.close()
