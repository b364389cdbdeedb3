"""The store on SQLite: one file, one writer, exact and permanent."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from firstsight.core.deeds import By, Deed
from firstsight.core.disguise import Disguise, EvidenceOf, as_it_is
from firstsight.core.errors import StoreError
from firstsight.core.events import Batch
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.facts import Known, Registration
from firstsight.core.front import Fronts
from firstsight.core.names import Name
from firstsight.core.review import Review
from firstsight.ports import (
    Answer,
    Changes,
    Clock,
    Contact,
    Doomed,
    News,
    ParseAll,
    SourceState,
)
from firstsight.store import briefs, exceptions
from firstsight.store.alerts import Alerts
from firstsight.store.carry import Carry, move, parts_of
from firstsight.store.database import Database
from firstsight.store.disguising import NameTaker
from firstsight.store.erasing import Eraser, blank_free_pages
from firstsight.store.notices import Notices
from firstsight.store.queries import Queries
from firstsight.store.questions import Questions
from firstsight.store.sightings import Sightings
from firstsight.store.trail import write_deed

_END = object()
_PAGES_BLANKED = 512  # a step
_EMPTYING = 100  # times that the log is tried to be emptied, with a pause each


class SqliteStore(Queries):
    """ports.Store on a SQLite file.

    Args:
        path: the file; made where it does not exist and never did.
        clock: the time.
        sinks: names of the sinks that every alert goes to.
        local: those of them that don't take alerts of a node's events: these leave through that node instead.
        newly_active_days: days of silence after which a sighting is news again.
        fronts: how much is kept at hand.
        evidence: gives an event's evidence, people's names as they may be kept.
        flush_seconds: counts are written at least that often.
        flush_keys: and as soon as that many domains, pairs and record windows have changed.
        flush_part: rows that one turn moves at least.

    Raises:
        StoreError: see Database and Carry.
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
        evidence: EvidenceOf = as_it_is,
        flush_seconds: float = 30.0,
        flush_keys: int = 50_000,
        flush_part: int = 200,
    ) -> None:
        self.database = Database(path)
        connection = self.database.connection
        try:
            with self.database.explain():
                self._carry = Carry(connection)
                self._settle_what_lies_there()
                self._sightings = Sightings(connection, fronts or Fronts(), newly_active_days, evidence)
                self._alerts = Alerts(connection, sinks, local)
                self._notices = Notices(connection)
                self._questions = Questions(connection)
        except BaseException:
            self.database.close()
            raise
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._flush_keys = flush_keys
        self._flush_part = flush_part
        self._flushed_at = clock.now()
        self._unflushed = False
        self._has_moved = False  # in this turn, with a decision
        self._stale = False  # memory holds what is not committed, and could not be forgotten
        self.generation = 0

    def source(self, name: str) -> SourceState:
        """Where a source stands."""
        with self.database.explain():
            self._forget_stale()
            return self._sightings.tallies.state(name)

    def take(
        self,
        batch: Batch,
        parse_all: ParseAll,
        decide: Callable[[float, list[News]], Changes],
    ) -> None:
        """Observe a batch, have its news decided, and commit both together."""
        with self._whole():
            begins = self._sightings.tallies.state(batch.source).position is None
            news = self._sightings.observe(batch, parse_all, self._clock.now())
            self._unflushed = True
            changes = Changes()
            if news:
                changes = decide(self.source(batch.source).started or news[0].event.time, news)
            if self._sightings.staged or changes:
                self._commit(changes, move=True)
            if begins:  # after a crash the file's end is somewhere else
                self._lay_down()

    def apply(self, changes: Changes) -> None:
        """Commit a decision that no event led to."""
        if changes:
            with self._whole():
                self._commit(changes)

    def review(self, alert_ids: Sequence[str], review: Review, by: By) -> int:
        """Note what somebody thinks of alerts, durably; how many of them are there."""
        at = self._clock.now()
        with self._whole(), self.database.transaction(durable=True) as connection:
            marked = briefs.review(connection, alert_ids, review)
            counts = {f"marked:{review.state}": len(marked)}
            self._sightings.tallies.add(connection, counts)
            for alert_id in marked:
                write_deed(connection, by.deed("reviewed", at, f"{alert_id} {review.state}"))
        self._sightings.tallies.added(counts)
        return len(marked)

    def tidy(self) -> None:
        """See that the file is still there; take what was sent out of the outboxes, as any other commit does."""
        with self.database.explain():
            self.database.still_there()
        if self._alerts.to_clear:
            with self._whole():
                self._commit(Changes())

    def _commit(self, changes: Changes, *, durable: bool = False, move: bool = False) -> None:
        """Write a decision. `move`: and move the next part of the counts, which costs no commit of its own then."""
        moves = move and bool(self._carry)
        counts = Counter({f"held:{cause}": n for cause, n in changes.held.items()})
        if first_sights := self._sightings.first_sights:
            counts["new"] = first_sights
        domains = self._sightings.numbers({alert.verdict.domain for alert in changes.alerts})
        agents = self._sightings.askers.numbers_of(changes.alerts)
        with self.database.transaction(durable=durable) as connection:
            self._sightings.write_news(connection, changes.told, changes.hosts)
            alerts = self._alerts.write(connection, changes.alerts, domains, agents)
            counts.update(f"alerts:{alert.verdict.severity}" for alert in alerts)
            notices = self._notices.write(connection, changes.notices, changes.marks)
            counts.update(f"notices:{code}" for code in notices.values())
            self._alerts.send_notices(connection, list(notices))
            for deed in changes.deeds:
                write_deed(connection, deed)
            self._sightings.askers.mark(connection, changes.missed, changes.heard_again)
            self._alerts.clear(connection)
            self._questions.write(connection, changes)
            self._sightings.tallies.add(connection, counts)
            exceptions.count(connection, changes.hits, self._clock.now())
            if moves:
                self._carry.move_next(connection)
        self._sightings.news_written()
        self._sightings.tallies.added(counts)
        self._alerts.cleared()
        if moves:
            self._moved()
            self._has_moved = True

    def step(self, now: float) -> None:
        """Do a turn's worth of what is due: lay counts down, or move some of them to their rows; keep the log short."""
        self.database.shorten_log()
        sightings = self._sightings
        changed = len(sightings.domains.dirty) + len(sightings.pairs) + sightings.askers.moved
        if self._carry and changed < 2 * self._flush_keys:
            if not self._has_moved:
                with self._whole():
                    self._move()
            self._has_moved = False
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
            if len(parts) == 1:
                move(connection, parts[0])
            laid = self._carry.write(connection, parts) if len(parts) > 1 else []
        self._sightings.flushed()
        self._carry.laid(laid)
        if not laid:
            self._sightings.settled()
        self._alerts.cleared()
        self._flushed_at = self._clock.now()
        self._unflushed = False

    def _move(self) -> None:
        """Move the next part of the counts to its rows."""
        with self.database.transaction() as connection:
            self._carry.move_next(connection)
        self._moved()

    def _moved(self) -> None:
        """A part is in its rows, and committed."""
        self._carry.moved()
        if not self._carry:
            self._sightings.settled()

    def erase(self, doomed: Doomed) -> Iterator[dict[str, int]]:
        """Erase who asked, a bounded step each time it is asked for the next; what is erased so far, by kind."""
        eraser = Eraser(self.database.connection, self._sightings, doomed)
        return self._erasing(eraser.steps, thorough=doomed.forgotten is not None)

    def take_names_away(self, disguise: Disguise) -> Iterator[dict[str, int]]:
        """Take people's names away from what is stored, likewise; from how many rows so far, by kind."""
        taker = NameTaker(self.database.connection, self._sightings.texts, disguise)
        return self._erasing(taker.steps, thorough=True)

    def _erasing(self, way: Callable[[Counter[str]], Iterator[None]], *, thorough: bool) -> Iterator[dict[str, int]]:
        """Go through a pass. `thorough`: until no byte of what is erased is left in the file."""
        erased: Counter[str] = Counter()
        if thorough:
            self.flush()
        steps = way(erased)
        more = True
        while more:
            with self._whole():
                if self._carry:  # figures on their way would undo what is erased of their rows
                    self._move()
                else:
                    more = self._erase_step(steps, erased, thorough=thorough)
            yield dict(+erased)
        self.database.connection.execute("PRAGMA secure_delete=FAST")
        if not thorough:
            return
        while thorough:
            with self._whole(), self.database.transaction() as connection:
                thorough = blank_free_pages(connection, _PAGES_BLANKED)
            yield dict(+erased)
        self.database.checkpoint()
        for _ in range(_EMPTYING):
            if self.database.empty_log():
                break
            yield dict(+erased)  # another thread moves the log, or reads from it: what is erased still lies there

    def _erase_step(self, steps: Iterator[None], erased: Counter[str], *, thorough: bool) -> bool:
        """Do the next step; whether there are more."""
        before = erased.copy()
        self.database.connection.execute(f"PRAGMA secure_delete={'ON' if thorough else 'FAST'}")
        with self.database.transaction() as connection:
            more = next(steps, _END) is not _END
            counts = {f"erased:{what}": n for what, n in (erased - before).items()}
            self._sightings.tallies.add(connection, counts)
        self._sightings.tallies.added(counts)
        return more

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

    def remember(self, looked_up: Sequence[tuple[str, int]], answers: Sequence[Answer[Registration]]) -> int:
        """Take look-ups and registrations of elsewhere, durably, in one transaction."""
        with self._whole():
            known = self._questions.answers([answer.name for answer in answers])
            new = self._sightings.remember(looked_up)
            better = [
                answer
                for answer in answers
                if (stored := known.get(answer.name)) is None or not isinstance(stored.fact, Known)
            ]
            if self._sightings.staged or better:
                self._commit(Changes(answers=better), durable=True)
        return new

    def keep_exception(self, rule: ExceptionRule, deed: Deed) -> None:
        """Keep an exception durably, in the place of one of the same id."""
        with self.database.transaction(durable=True) as connection:
            exceptions.keep(connection, rule)
            write_deed(connection, deed)

    def drop_exception(self, exception_id: str, deed: Deed) -> None:
        """Forget an exception and its hits."""
        with self.database.transaction(durable=True) as connection:
            exceptions.drop(connection, exception_id)
            write_deed(connection, deed)

    def sent(self, sink: str, place: int) -> None:
        """A sink has delivered up to this place."""
        self._alerts.sent(sink, place)

    def checkpoint(self) -> None:
        """Move SQLite's write-ahead log into the file; may be called from another thread."""
        self.database.checkpoint()

    def close(self) -> None:
        """Flush and close."""
        try:
            self.flush()
        finally:
            self.database.close()
