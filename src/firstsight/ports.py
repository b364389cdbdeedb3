"""The Protocols between the pipeline and the world. Adapters take plain arguments, never Settings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct

from firstsight.core.alerts import Alert
from firstsight.core.case import Case
from firstsight.core.events import Batch, DnsEvent
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.facts import Fact, Registration
from firstsight.core.names import Name
from firstsight.core.verdict import Seen


class Clock(Protocol):
    """Wall-clock time, seconds since the epoch UTC. The only way to time outside `compose` and `cli`."""

    def now(self) -> float:
        """The time."""
        ...


class Source(Protocol):
    """Where events come from. Reading never blocks; nothing is consumed before its position is stored."""

    @property
    def name(self) -> str:
        """The source's name: its checkpoint and its learning period are kept by it."""
        ...

    def resume(self, position: str | None) -> None:
        """Go to a stored position, or (None) to where a new source begins. Also called to go back."""
        ...

    def read(self) -> Batch | None:
        """The next lines, at most a turn's worth; None while there is nothing to read."""
        ...

    def lag(self) -> int:
        """Bytes written but not read yet; 0 where that is not known."""
        ...

    def trouble(self) -> str | None:
        """A sentence while the source can't be read as it should (file missing, a gap), else None."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class Registry(Protocol):
    """Who knows when a domain was registered."""

    async def registration(self, domain: str) -> Fact[Registration]:
        """Ask for a registered domain (A-labels). Bounded in time and memory; raises only when cancelled."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Sink(Protocol):
    """Where alerts go. At least once, in order."""

    @property
    def name(self) -> str:
        """The sink's name: its outbox is kept by it."""
        ...

    def send(self, alerts: Sequence[Alert]) -> int:
        """Deliver from the front, never blocking. Returns how many are delivered for good (0 = try later)."""
        ...

    def trouble(self) -> str | None:
        """A sentence while nothing can be delivered, else None."""
        ...

    def close(self) -> None:
        """Let go of files and sockets."""
        ...


class News(Struct, frozen=True):
    """An event that tells something new of a domain; everything else is only counted.

    Where an exception held something of the domain back (`HELD_BACK` in `told`), so do the first event of each agent on
    a day, and new host names.

    Attributes:
        event: the event.
        name: its parsed name.
        seen: the domain after this event.
        first_here: the domain's first sighting.
        first_for_agent: this agent's first sighting of it.
        silent_for: seconds since the sighting before, where that is long enough to be newly active; else None.
        told: mask of the reasons that have alerted for the domain, and `HELD_BACK` (core/reasons.py).
        further: a further agent in the batch of a first sight: it is news only if an exception holds that one back.
    """

    event: DnsEvent
    name: Name
    seen: Seen
    first_here: bool
    first_for_agent: bool
    silent_for: float | None
    told: int
    further: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """A case that lacks its registration. `due`: when it is decided without it (None: nobody waits)."""

    registered: str
    case: Case
    due: float | None
    opened: float
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A registered domain whose age should be asked. Lower `priority` goes first; `due`: not before."""

    registered: str
    priority: int
    since: float
    due: float
    tries: int = 0


_LONGEST_FRESH = 31 * 86400.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the registry said, and until when that is not asked again."""

    registered: str
    fact: Fact[Registration]
    fresh_until: float

    def fresh(self, now: float) -> bool:
        """Whether it stands; one that would stand for longer than any does is from a clock that was ahead."""
        return now < self.fresh_until < now + _LONGEST_FRESH


@dataclass(slots=True)
class Changes:
    """What a decision writes, in one transaction.

    Attributes:
        alerts: to store and to send, each through the sinks that take it.
        told: reasons that have now alerted, by registrable domain.
        hosts: alerted host names, kept whatever the bound: (registrable, fqdn).
        opened: cases that lack a fact, to be decided later.
        closed: `seq` of pending cases that are decided.
        asked: questions to ask; one that is open already keeps its place and the better priority.
        dropped: registered domains that are not asked any more.
        answers: what was answered.
        held: alerts held back, by cause.
        hits: cases that exceptions have held something back of, by the exception's id.
    """

    alerts: list[Alert] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    hosts: list[tuple[str, str]] = field(default_factory=list)
    opened: list[Pending] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    hits: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(
            self.alerts or self.told or self.hosts or self.opened or self.closed or self.asked
            or self.dropped or self.answers or self.held or self.hits
        )  # fmt: skip

    def hold(self, cause: str) -> None:
        """Count an alert held back."""
        self.held[cause] = self.held.get(cause, 0) + 1


@dataclass(frozen=True, slots=True)
class SourceState:
    """Where a source stands: its stored position (None: never stored) and its first event's time (None: none)."""

    position: str | None
    started: float | None


@dataclass(frozen=True, slots=True)
class Contact:
    """A look-up through the compatibility API. `since`: when the domain was first seen or looked up here."""

    first: bool
    since: float


@dataclass(frozen=True, slots=True)
class Uncollected:
    """What lies in a node's outbox: how many alerts, and when the oldest of them was decided."""

    node: str
    alerts: int
    since: float


@dataclass(frozen=True, slots=True)
class Hits:
    """How many cases an exception has held something back of, and when it last did (seconds since the epoch)."""

    count: int
    last: float | None


class Store(Protocol):
    """What is kept for ever. Synchronous, one caller at a time; each write is whole or not at all.

    Any method may raise StoreError; then nothing of that call is recorded. Where a write failed, what was only
    counted in memory is forgotten too (`generation` grows), and sources go back to their stored positions.
    """

    @property
    def generation(self) -> int:
        """Grows each time counts in memory had to be forgotten: sources must be resumed before the next batch."""
        ...

    def source(self, name: str) -> SourceState:
        """Where a source stands."""
        ...

    def take(self, batch: Batch, names: Sequence[Name], decide: Callable[[float, list[News]], Changes]) -> None:
        """Observe a batch: count it, find the news, have it decided, and commit news and decision together.

        Args:
            batch: the events.
            names: their parsed names, in the same order.
            decide: called with the source's start (time of its first event) and the news, where there is any.
        """
        ...

    def apply(self, changes: Changes) -> None:
        """Commit a decision that no event led to."""
        ...

    def tidy(self) -> None:
        """Forget what was sent; any other commit does that too."""
        ...

    def secure(self) -> None:
        """Commit all counts so that they survive a power cut; they may reach their rows later."""
        ...

    def flush(self) -> None:
        """Commit all counts, and with them the positions of all batches taken."""
        ...

    def step(self, now: float) -> None:
        """Do a turn's worth of writing counts down, when it is due; bounded, unlike `flush`."""
        ...

    def contact(self, names: Sequence[Name], at: float) -> list[Contact]:
        """Record look-ups durably (they survive a power cut when this returns)."""
        ...

    def seen(self, registrables: Sequence[str]) -> dict[str, Seen]:
        """What is known of domains; those never heard of are left out."""
        ...

    def told(self, registrable: str) -> int:
        """Mask of the reasons that have alerted for a domain."""
        ...

    def hosts(self, registrable: str) -> tuple[list[str], bool]:
        """Host names seen under a domain, and whether there were more than are kept."""
        ...

    def page(self, after: str, limit: int) -> list[tuple[str, Seen]]:
        """Sighted domains in order of name, those after `after`; as of the last flush."""
        ...

    def answers(self, registered: Sequence[str]) -> dict[str, Answer]:
        """Stored answers, fresh or not."""
        ...

    def questions(self, now: float, limit: int, each: int = 1000) -> list[Question]:
        """Questions to ask now, the most urgent first, at most `each` of one top-level domain."""
        ...

    def pending(self, registered: str) -> list[Pending]:
        """Cases that wait for a domain's registration."""
        ...

    def overdue(self, now: float) -> list[Pending]:
        """Cases whose deadline has passed."""
        ...

    def awaited(self, node: str) -> int:
        """How many cases of a node's events wait with a deadline: each may become an alert within seconds."""
        ...

    def unsent(self, sink: str, limit: int) -> list[tuple[int, Alert]]:
        """The next alerts of a sink's outbox, in order, with their place in it."""
        ...

    def sent(self, sink: str, place: int) -> None:
        """A sink has delivered up to this place; forgotten with the next commit."""
        ...

    def waiting(self, sink: str) -> int:
        """How many alerts of a sink's outbox are not delivered yet."""
        ...

    def uncollected(self, limit: int) -> list[Uncollected]:
        """Outboxes of nodes that hold alerts, the fullest first; as of the last commit."""
        ...

    def alerts(self, *, after: int, limit: int, severity: str | None, state: str | None) -> list[tuple[int, Alert]]:
        """Stored alerts in order of decision, with their sequence number."""
        ...

    def alert(self, alert_id: str) -> Alert | None:
        """One alert."""
        ...

    def alert_of(self, registrable: str) -> Alert | None:
        """The newest alert of a domain."""
        ...

    def exceptions(self) -> list[ExceptionRule]:
        """Exceptions made by the verb or the API, expired ones too."""
        ...

    def keep_exception(self, rule: ExceptionRule) -> None:
        """Keep an exception durably, in the place of one of the same id."""
        ...

    def drop_exception(self, exception_id: str) -> None:
        """Forget an exception and its hits."""
        ...

    def exception_hits(self) -> dict[str, Hits]:
        """What exceptions have held back, by id; those that held nothing are left out."""
        ...

    def totals(self) -> dict[str, int]:
        """Figures for metrics and the account: `events`, `new`, `held:learning`, … summed over sources."""
        ...

    def account(self, source: str) -> dict[str, int]:
        """The account of every line of a source: `lines`, `events`, `skipped:…`, `seen`, `nxdomain` and so on."""
        ...

    def close(self) -> None:
        """Flush and close."""
        ...
