"""The pipeline on a real store, with a clock that stands still and ends that do as they are told."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from alert_samples import FakeClock
from dns_events import AT, DAY, make_batch, parse
from firstsight import tables
from firstsight.core.alerts import Alert
from firstsight.core.bursts import BurstRule
from firstsight.core.errors import StoreError
from firstsight.core.events import Batch, DnsEvent
from firstsight.core.exceptions import ExceptionRule, make_exception
from firstsight.core.facts import Fact, Intel, Known, Pulse, Registration, Threat, Unavailable
from firstsight.core.lens import Lens
from firstsight.core.nodes import kept_by
from firstsight.core.notices import Notice
from firstsight.core.policy import Policy
from firstsight.ports import Answer, Changes, Outgoing, Question, Source, Store, Subject, Topic
from firstsight.store.sqlite import SqliteStore
from firstsight.store.trail import SqliteTrail
from firstsight.watch.daily import Daily
from firstsight.watch.decisions import Decisions
from firstsight.watch.deeds import DeedNotices
from firstsight.watch.exceptions import Exceptions
from firstsight.watch.loop import Watch
from firstsight.watch.nodes import Nodes
from firstsight.watch.notices import Notices
from firstsight.watch.outside import IntelRule
from firstsight.watch.troubles import Troubles

_PARSER = tables.name_parser([])
_LOOKS = tables.looks()
_POPULAR = tables.built_in_popular(parse)


def make_lens() -> Lens:
    """The shipped tables."""
    return Lens(_PARSER, _LOOKS, [_POPULAR])


class ScriptedSource:
    """ports.Source: hands over batches one by one; a position is the number of batches handed over.

    `says` is its trouble, `backlog` further bytes that it lags behind.
    """

    def __init__(self, name: str = "wazuh") -> None:
        self.name = name
        self.batches: list[Batch] = []
        self.place = 0
        self.resumed: list[str | None] = []
        self.says: str | None = None
        self.backlog = 0

    def add(self, *events: DnsEvent, **skipped: int) -> None:
        """One more batch."""
        position = str(len(self.batches) + 1)
        self.batches.append(make_batch(events, position, source=self.name, **skipped))

    def resume(self, position: str | None) -> None:
        self.resumed.append(position)
        self.place = int(position or 0)

    def read(self) -> Batch | None:
        if self.place >= len(self.batches):
            return None
        self.place += 1
        return self.batches[self.place - 1]

    def lag(self) -> int:
        return len(self.batches) - self.place + self.backlog

    def behind(self) -> float:
        return 0.0

    def trouble(self) -> str | None:
        return self.says

    def close(self) -> None: ...


class ScriptedSink:
    """ports.Sink: keeps what it is sent, at most `room` more; notices apart."""

    def __init__(self, name: str = "sink") -> None:
        self.name = name
        self.room = 10**6
        self.heard: list[Alert] = []
        self.notices: list[Notice] = []

    def send(self, items: Sequence[Outgoing]) -> int:
        taken = items[: self.room]
        self.room -= len(taken)
        for item in taken:
            if isinstance(item, Alert):
                self.heard.append(item)
            else:
                self.notices.append(item)
        return len(taken)

    def trouble(self) -> str | None:
        return None if self.room else "It is full."

    def close(self) -> None: ...

    def take(self) -> list[Alert]:
        """What came since the last time."""
        heard, self.heard = self.heard, []
        return heard


class Pipeline:
    """Source → store → decisions → sink. Alerts wait for ages for 5 seconds; nothing is learnt unless told.

    The sink plays this machine's queue; alerts of what nodes hand over lie in `nodes`.
    """

    def __init__(
        self,
        path: Path,
        *,
        learning_days: float = 0,
        outbox_bound: int = 1000,
        sources: int = 1,
        window: float = DAY,
        burst: BurstRule = BurstRule(),  # noqa: B008  # frozen
        intel: IntelRule | None = None,
    ) -> None:
        self.path = path
        self.clock = FakeClock(AT)
        self.policy = Policy(learning_days=learning_days)
        self.lens = make_lens()
        self.sources = [ScriptedSource("wazuh" if not n else f"wazuh-{n}") for n in range(sources)]
        self.source = self.sources[0]
        self.feeds: Sequence[Source] = self.sources
        self.sink = ScriptedSink()
        self._outbox_bound = outbox_bound
        self._window = window
        self._burst = burst
        self._intel = intel
        self.registries_say: str | None = None
        self.intelligence_says: str | None = None
        self.silent, self.lagging, self.agent_silent = 3600.0, 900.0, 7.0 * DAY
        self.digest_at: float | None = None
        self.late: set[str] = set()
        """Domains whose registry can't answer in time."""
        self._open()

    def _open(self) -> None:
        self.store = SqliteStore(self.path, self.clock, sinks=[self.sink.name], local=[self.sink.name])
        self.nodes = Nodes(self.store, self.clock)
        self.wire(self.store)

    def wire(self, store: Store) -> None:
        """Build the pipeline anew over a store."""
        self.exceptions = Exceptions(store, self.clock)
        self.decisions = Decisions(
            store,
            self.lens,
            self.policy,
            self.clock,
            deadline=5.0,
            may_wait=lambda subject, _: subject.name not in self.late,
            window=self._window,
            burst=self._burst,
            intel=self._intel,
            excepted=self.exceptions.matching,
        )
        self.watch = Watch(
            store,
            self.lens,
            self.decisions,
            self.clock,
            sources=self.feeds,
            sinks=[self.sink],
            outbox_bound=self._outbox_bound,
        )
        self.troubles = Troubles(
            store,
            self.watch,
            lambda: self.registries_say,
            self.clock,
            intelligence=lambda: self.intelligence_says,
            silent=self.silent,
            lagging=self.lagging,
        )
        daily = Daily(store, at=self.digest_at, agent_silent=self.agent_silent)
        self.trail = SqliteTrail(self.store.database)
        self.deeds = DeedNotices(store, self.trail)
        self.notices = Notices(store, self.troubles, self.watch.sinks, self.clock, daily, self.deeds)

    def crash(self) -> None:
        """The process is killed and starts again; alerts that the sink has heard stay heard."""
        self.store.database.close()
        self._open()

    def run(self) -> list[Alert]:
        """Turns until there is nothing more to do; the alerts that came out."""
        while self.watch.turn():
            pass
        return self.sink.take()

    def see(self, *events: DnsEvent) -> list[Alert]:
        """Read these events as one batch, and run."""
        self.source.add(*events)
        return self.run()

    def hand_over(self, node: str, *events: DnsEvent) -> None:
        """A node hands these events over."""
        self.watch.ingest([Batch(kept_by(node), len(events), {}, list(events), "", node)])

    def after(self, seconds: float) -> list[Alert]:
        """Let time pass, and run."""
        self.clock.at += seconds
        return self.run()

    def told(self, seconds: float = 0, *, every: float = 5) -> list[Notice]:
        """Let time pass, looking every few seconds as the service does; the notices that came out."""
        for _ in range(int(seconds // every)):
            self.clock.at += every
            self.watch.turn()
            self._look()
        self._look()
        self.run()
        told, self.sink.notices = self.sink.notices, []
        return told

    def _look(self) -> None:
        with suppress(StoreError):  # as the service does: what can't be kept now is told by a later look
            self.notices.look()

    def answer(self, domain: str, fact: Fact[Registration]) -> list[Alert]:
        """The registry answers; it is kept as lookups/fresh keeps it."""
        now, subject = self.clock.at, Subject(Topic.REGISTRATION, domain)
        changes = Changes(answers=[Answer(domain, fact, now + DAY)])
        if isinstance(fact, Unavailable) and fact.retry_at is not None:
            changes.answers = [Answer(domain, fact, fact.retry_at)]
            changes.asked = [Question(domain, 0, now, fact.retry_at, 1)]
        else:
            changes.dropped = [subject]
        self.watch.learned(subject, fact, changes)
        return self.run()

    def intel(self, name: str, fact: Fact[Intel], *, stands: float = DAY) -> list[Alert]:
        """Threat intelligence answers; it is kept as lookups/fresh keeps it."""
        now, subject = self.clock.at, Subject(Topic.INTEL, name)
        changes = Changes(intel=[Answer(name, fact, now + stands)])
        if isinstance(fact, Unavailable) and fact.retry_at is not None:
            changes.intel = [Answer(name, fact, fact.retry_at)]
            changes.asked = [Question(name, 0, now, fact.retry_at, 1, Topic.INTEL)]
        else:
            changes.dropped = [subject]
        self.watch.learned(subject, fact, changes)
        return self.run()

    def asked_intel(self) -> list[str]:
        """Names that threat intelligence is to be asked about now."""
        return sorted(question.name for question in self.store.questions(self.clock.at, 100, topic=Topic.INTEL))

    def asked(self) -> list[tuple[str, int]]:
        """Open questions that are due, with their priority, the most urgent first."""
        return [(question.name, question.priority) for question in self.store.questions(self.clock.at, 100)]

    def waiting(self, domain: str) -> list[float | None]:
        """Deadlines of the cases that wait for a domain; None for each that nobody waits for."""
        return [pending.due for pending in self.store.pending(Subject(Topic.REGISTRATION, domain))]

    def close(self) -> None:
        self.store.close()


def registered(days_ago: float, *, now: float = AT) -> Known[Registration]:
    """A registration of that age."""
    return Known(Registration(now - days_ago * DAY, None, "RDAP", now))


def bad(verdict: Threat = Threat.HIGH, *, now: float = AT) -> Known[Intel]:
    """Threat intelligence has something against a name."""
    return Known(Intel(verdict, (Pulse("5f1", "Lures of a courier", "AlienVault", now - DAY, now - DAY),), now))


def codes(alert: Alert) -> set[str]:
    """The reasons of an alert."""
    return {reason.code for reason in alert.verdict.reasons}


def told(alerts: Iterable[Alert]) -> list[tuple[str, set[str]]]:
    """Domains and reasons of alerts."""
    return [(alert.verdict.domain, codes(alert)) for alert in alerts]


def rows(pipe: Pipeline, question: str) -> list[tuple[object, ...]]:
    """What SQL finds in its store."""
    return pipe.store.database.connection.execute(question).fetchall()


def bytes_of(path: Path) -> bytes:
    """All that lies in a store's folder, in lower case."""
    return b"".join(file.read_bytes().lower() for file in path.parent.iterdir() if file.is_file())


def rule(**given: Any) -> ExceptionRule:
    """An exception that does not end."""
    usual: dict[str, Any] = {"reason": "test", "expires": "never", "now": AT}
    return make_exception(parse, **(usual | given))
