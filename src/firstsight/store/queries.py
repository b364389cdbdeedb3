"""What is kept, as it is read: by the pipeline before it decides, by the API, by the sinks. Nothing is written here."""

from collections.abc import Sequence

from firstsight.core.alerts import Alert
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.facts import Intel, Registration
from firstsight.core.notices import Notice
from firstsight.core.verdict import Seen
from firstsight.ports import (
    Answer,
    Clock,
    Hits,
    Outgoing,
    Pending,
    Question,
    Silence,
    Subject,
    Topic,
    Uncollected,
)
from firstsight.store import exceptions
from firstsight.store.alerts import Alerts
from firstsight.store.database import Database
from firstsight.store.notices import Notices
from firstsight.store.questions import Questions
from firstsight.store.reader import reading
from firstsight.store.sightings import Sightings


class Queries:
    """The reading half of the store; `SqliteStore` opens the file and fills in the parts."""

    database: Database
    _sightings: Sightings
    _alerts: Alerts
    _notices: Notices
    _questions: Questions
    _clock: Clock

    def browse(self, offset: int, limit: int) -> list[tuple[str, Seen]]:
        """Domains seen or looked up, in order of name, as committed; may be called from another thread."""
        with reading(self.database.path) as reader:
            return reader.known(limit, offset=offset)

    def size(self) -> int:
        """Bytes of the store's file."""
        with self.database.explain():
            return self.database.path.stat().st_size

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

    def answers(self, registered: Sequence[str]) -> dict[str, Answer[Registration]]:
        """Stored answers of registries, fresh or not."""
        with self.database.explain():
            return self._questions.answers(registered)

    def intel(self, names: Sequence[str]) -> dict[str, Answer[Intel]]:
        """Stored answers of threat intelligence, fresh or not."""
        with self.database.explain():
            return self._questions.intel(names)

    def roots(self, topic: Topic = Topic.REGISTRATION) -> list[str]:
        """The top-level domains that questions are open for."""
        with self.database.explain():
            return self._questions.roots(topic)

    def questions(
        self, now: float, limit: int, roots: Sequence[str] | None = None, topic: Topic = Topic.REGISTRATION
    ) -> list[Question]:
        """Questions to ask now, the most urgent first."""
        with self.database.explain():
            return self._questions.due(now, limit, self._questions.roots(topic) if roots is None else roots, topic)

    def least_questions(self, limit: int, topic: Topic = Topic.REGISTRATION) -> list[Question]:
        """The questions that matter least."""
        with self.database.explain():
            return self._questions.least(limit, topic)

    def paces(self, topic: Topic = Topic.REGISTRATION) -> dict[str, bytes]:
        """What was kept of the servers' pace."""
        with self.database.explain():
            return self._questions.paces(topic)

    def pending(self, subject: Subject) -> list[Pending]:
        """Cases that wait for an answer."""
        with self.database.explain():
            return self._questions.pending(subject)

    def overdue(self, now: float) -> list[Pending]:
        """Cases whose deadline has passed."""
        with self.database.explain():
            return self._questions.overdue(now)

    def awaited(self, node: str) -> int:
        """How many cases of a node's events wait with a deadline."""
        with self.database.explain():
            return self._questions.awaited(node)

    def unsent(self, sink: str, limit: int) -> list[tuple[int, Outgoing]]:
        """The next alerts and notices of a sink's outbox."""
        with self.database.explain():
            return self._alerts.unsent(sink, limit)

    def waiting(self, sink: str) -> int:
        """How many alerts of a sink's outbox are not delivered yet."""
        with self.database.explain():
            return self._alerts.waiting(sink)

    def uncollected(self, limit: int) -> list[Uncollected]:
        """The fullest outboxes of nodes."""
        with self.database.explain():
            return self._alerts.uncollected(limit)

    def alerts(self, *, after: int, limit: int, domains: Sequence[str] | None = None) -> list[tuple[int, Alert]]:
        """Stored alerts in order of decision; may be called from another thread."""
        with reading(self.database.path) as reader:
            return reader.alerts(after, limit, domains)

    def domains_of(self, pattern: str, most: int) -> list[str] | None:
        """Registrable domains that an exception's `domain` may match; may be called from another thread."""
        with reading(self.database.path) as reader:
            return reader.domains_of(pattern, most)

    def alerts_since(self, at: float) -> int:
        """How many alerts were decided since a time; may be called from another thread."""
        with reading(self.database.path) as reader:
            return reader.alerts_since(at)

    def alert_of(self, registrable: str) -> Alert | None:
        """The newest alert of a domain."""
        with self.database.explain():
            return self._alerts.newest_of(registrable)

    def alerts_of(self, registrable: str) -> list[Alert]:
        """All alerts of a domain."""
        with self.database.explain():
            return self._alerts.all_of(registrable)

    def exceptions(self) -> list[ExceptionRule]:
        """Exceptions made by the verb or the API, expired ones too."""
        with self.database.explain():
            return exceptions.stored(self.database.connection)

    def exception_hits(self) -> dict[str, Hits]:
        """What exceptions have held back, by id."""
        with self.database.explain():
            return exceptions.hits(self.database.connection)

    def latest_notices(self) -> list[Notice]:
        """The latest notice of each code and subject."""
        with self.database.explain():
            return self._notices.latest()

    def mark(self, key: str) -> str | None:
        """A mark that a decision set."""
        with self.database.explain():
            return self._notices.mark(key)

    def sources(self) -> list[str]:
        """Names of the sources ever read."""
        return self._sightings.tallies.sources()

    def silence(self, before: float, known: float) -> Silence:
        """Which agents have fallen silent, and which speak again."""
        return self._sightings.askers.silence(before, known)

    def totals(self) -> dict[str, int]:
        """All counters summed over sources; and `agents`, `outbox`.

        Open questions: `questions` about registrations, of which the oldest waits `questions_oldest` seconds, and
        `intel_questions`.
        """
        with self.database.explain():
            return {
                **self._sightings.tallies.totals(),
                "agents": len(self._sightings.askers),
                "outbox": self._alerts.waiting_here(),
                "questions": self._questions.open(Topic.REGISTRATION),
                "questions_oldest": self._questions.oldest_waits(self._clock.now(), Topic.REGISTRATION),
                "intel_questions": self._questions.open(Topic.INTEL),
            }

    def hours_unwritten(self) -> dict[str, dict[int, int]]:
        """What is counted and not written yet, by hour."""
        return self._sightings.tallies.unwritten()

    def account(self, source: str) -> dict[str, int]:
        """The account of every line of a source."""
        return self._sightings.tallies.account(source)
