"""The Protocols between the pipeline and the world. Adapters take plain arguments, never Settings."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Protocol

from msgspec import Struct

from firstsight.core.alerts import Alert
from firstsight.core.case import Case
from firstsight.core.events import Batch, DnsEvent
from firstsight.core.facts import Fact, Registration
from firstsight.core.names import Name
from firstsight.core.notices import Notice
from firstsight.core.privacy import Forgotten
from firstsight.core.verdict import Seen

Outgoing = Alert | Notice
"""What goes through the outboxes."""


class Render(Protocol):
    """Makes the datagram of an item, of at most so many bytes where that can be; None where it has no such form."""

    def __call__(self, item: Outgoing, *, limit: int = ...) -> bytes | None:
        """The datagram."""
        ...


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

    def behind(self) -> float:
        """Seconds that reading is behind writing; 0 where nothing waits to be read."""
        ...

    def trouble(self) -> str | None:
        """A sentence while the source can't be read as it should (file missing, a gap), else None."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class Registry(Protocol):
    """Who knows when a domain was registered."""

    def server(self, domain: str) -> str:
        """Who is asked for a domain: questions to one server share its pace. Empty where nobody is."""
        ...

    def servers(self, root: str) -> Collection[str]:
        """Who may be asked for the domains under a top-level domain."""
        ...

    async def registration(self, domain: str) -> Fact[Registration]:
        """Ask for a registered domain (A-labels). Bounded in time and memory; raises only when cancelled."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Sink(Protocol):
    """Where alerts and notices go. At least once, in order."""

    @property
    def name(self) -> str:
        """The sink's name: its outbox is kept by it."""
        ...

    def send(self, items: Sequence[Outgoing]) -> int:
        """Deliver from the front, never blocking. Returns how many are delivered for good (0 = try later)."""
        ...

    def trouble(self) -> str | None:
        """A sentence while nothing can be delivered, else None."""
        ...

    def close(self) -> None:
        """Let go of files and sockets."""
        ...


class News(Struct, frozen=True):
    """An event that tells something new of a domain, or of an agent with it; everything else is only counted.

    Attributes:
        event: the event.
        name: its parsed name.
        seen: the domain after this event.
        first_here: the domain's first sighting.
        first_for_agent: this agent's first sighting of it.
        silent_for: seconds since the sighting before, where that is long enough to be newly active; else None.
        told: mask of the reasons that have alerted for the domain.
        known: nothing is new of the domain itself, only of this agent: `spread`, `in_vain` or both.
        spread: how many agents have asked by now, if this one made it one of policy.SPREAD_STEPS; else 0.
        in_vain: the name doesn't exist, nobody here has seen the domain, and this agent had not asked for it before
            (or all who did got no answer): what bursts are made of.
    """

    event: DnsEvent
    name: Name
    seen: Seen
    first_here: bool
    first_for_agent: bool
    silent_for: float | None
    told: int
    known: bool = False
    spread: int = 0
    in_vain: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """A case that lacks its registration. `due`: when it is decided without it (None: nobody waits)."""

    registered: str
    case: Case
    due: float | None
    opened: float
    seq: int = 0


FOR_AN_ALERT, FOR_A_REASON, FOR_THE_RECORD, WHILE_LEARNING = range(4)
"""Priorities of questions: an alert waits; there are reasons or somebody asked; neither; neither, and it is learnt."""


@dataclass(frozen=True, slots=True)
class Question:
    """A registered domain whose age should be asked.

    Attributes:
        registered: the domain.
        priority: one of those below; the lower goes first.
        since: when it was first asked for, seconds since the epoch.
        due: not before; from then on it waits.
        tries: how often it was asked in vain.
    """

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
        eased: registered domains whose question no alert waits for any more, unless another one does.
        dropped: registered domains that are not asked any more.
        paces: what was learnt of servers' pace, by host.
        answers: what was answered.
        held: alerts held back, by cause.
        notices: to store and to send as alerts are.
        marks: texts to keep, by key: how far something has been told, or has come towards being told.
        missed: ids of agents whose silence is told by a notice.
        heard_again: ids of agents of which it is told that they speak again.
    """

    alerts: list[Alert] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    hosts: list[tuple[str, str]] = field(default_factory=list)
    opened: list[Pending] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    eased: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    paces: dict[str, bytes] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    missed: list[int] = field(default_factory=list)
    heard_again: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, part.name) for part in fields(self))

    def hold(self, cause: str) -> None:
        """Count an alert held back."""
        self.held[cause] = self.held.get(cause, 0) + 1


@dataclass(frozen=True, slots=True)
class SourceState:
    """Where a source stands: its stored position (None: never stored), its first and its newest event's time."""

    position: str | None
    started: float | None
    last: float | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Agents, as (id, name), in order of name.

    Attributes:
        fallen: those that have fallen silent, of which that is not told yet.
        back: those that speak again, of which silence was told.
        silent: how many are silent, told or not.
    """

    fallen: list[tuple[int, str]]
    back: list[tuple[int, str]]
    silent: int


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
class Doomed:
    """What is to be erased; times in seconds since the epoch, None: nothing by age.

    Attributes:
        who_before: who asked (agents, programs, users, computers), where that was last before this time.
        hosts_before: host names of domains that nobody has asked for since this time.
        alerts_before: alerts decided before this time, once they are delivered.
        forgotten: a user or an agent, whenever.
    """

    who_before: float | None = None
    hosts_before: float | None = None
    alerts_before: float | None = None
    forgotten: Forgotten | None = None


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
        """See that the store is still there; forget what was sent, as any other commit does."""
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

    def remember(self, looked_up: Sequence[tuple[str, int]], answers: Sequence[Answer]) -> int:
        """Take look-ups and registrations of elsewhere durably; of each domain the earliest look-up counts.

        Args:
            looked_up: (registrable domain, seconds since the epoch).
            answers: registrations; one that is known here already stays.

        Returns:
            How many of the domains had neither been seen nor looked up.
        """
        ...

    def browse(self, offset: int, limit: int) -> list[tuple[str, Seen]]:
        """Domains that were seen or looked up, in order of name, those behind the first `offset`; as committed.

        May be called from another thread: a far offset takes its time.
        """
        ...

    def size(self) -> int:
        """Bytes that the store takes."""
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

    def roots(self) -> list[str]:
        """The top-level domains that questions are open for."""
        ...

    def questions(self, now: float, limit: int, roots: Sequence[str] | None = None) -> list[Question]:
        """Questions to ask now, the most urgent first: of each top-level domain (all, or these) the first few.

        Those are at most `limit` that alerts wait for, the oldest; at most `limit` by priority, the newest; and at
        most `limit` that have waited longest.
        """
        ...

    def least_questions(self, limit: int) -> list[Question]:
        """The questions that matter least, those that have been open longest first."""
        ...

    def paces(self) -> dict[str, bytes]:
        """What was kept of servers' pace, by host."""
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

    def unsent(self, sink: str, limit: int) -> list[tuple[int, Outgoing]]:
        """The next alerts and notices of a sink's outbox, in order, with their place in it."""
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

    def alerts_of(self, registrable: str) -> list[Alert]:
        """All alerts of a domain, in order of decision."""
        ...

    def latest_notices(self) -> list[Notice]:
        """The latest notice of each code and subject: what is told to have begun, and not to be over, is open."""
        ...

    def mark(self, key: str) -> str | None:
        """A mark that a decision set; None where none did."""
        ...

    def sources(self) -> list[str]:
        """Names of the sources ever read, those that are handed over included."""
        ...

    def silence(self, before: float, known: float) -> Silence:
        """Which agents have fallen silent, and which speak again; as of the last flush, to the hour.

        Args:
            before: silent is who was not heard since, seconds since the epoch.
            known: and only who had been heard for so many seconds by then.
        """
        ...

    def totals(self) -> dict[str, int]:
        """Figures for metrics and the account: `events`, `new`, `held:learning`, … summed over sources."""
        ...

    def account(self, source: str) -> dict[str, int]:
        """The account of every line of a source: `lines`, `events`, `skipped:…`, `seen`, `nxdomain` and so on."""
        ...

    def erase(self, doomed: Doomed) -> Iterator[dict[str, int]]:
        """Erase who asked, never that a domain was seen: a bounded step each time it is asked for the next.

        Yields:
            What is erased so far, by kind.
        """
        ...

    def close(self) -> None:
        """Flush and close."""
        ...
