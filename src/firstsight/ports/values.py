"""What goes to and fro between the pipeline and its store."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct

from firstsight.core.alerts import Alert
from firstsight.core.case import Case
from firstsight.core.deeds import Deed
from firstsight.core.events import DnsEvent
from firstsight.core.facts import Fact, Intel, Registration
from firstsight.core.names import Name
from firstsight.core.notices import Notice
from firstsight.core.privacy import Forgotten
from firstsight.core.verdict import Seen

T = TypeVar("T")


class News(Struct, frozen=True):
    """An event that tells something new of a domain, or of an agent with it; everything else is only counted.

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
        known: nothing is new of the domain itself, only of this agent. It is judged only where something of the domain
            was held back, for which this agent may not be excepted, or where it is `marked`.
        spread: how many agents have asked by now, if this one made it one of policy.SPREAD_STEPS; else 0.
        in_vain: the name doesn't exist, nobody here has seen the domain, and this agent had not asked for it before
            (or all who did got no answer): what bursts are made of.
        marked: threat intelligence knows the domain, or a host name under it: whoever asks for it is news.
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
    marked: bool = False


class Topic(StrEnum):
    """What outsiders are asked about."""

    REGISTRATION = "registration"
    INTEL = "intel"


class Subject(NamedTuple):
    """What one question is about: a registered domain's registration, or what is known against a name."""

    topic: Topic
    name: str


ABSENT_AGAIN = 6 * 3600.0
"""Registries lag behind names that resolve already: what is absent is asked for again after so many seconds."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A case that lacks facts.

    Attributes:
        lacks: what is still to be answered.
        case: the case.
        due: when it is decided without that, seconds since the epoch; None: nobody waits.
        opened: when it was opened, likewise.
        seq: its number in the store.
    """

    lacks: tuple[Subject, ...]
    case: Case
    due: float | None
    opened: float
    seq: int = 0


FOR_AN_ALERT, FOR_A_REASON, FOR_THE_RECORD, WHILE_LEARNING = range(4)
"""Priorities of questions: an alert waits; there are reasons or somebody asked; neither; neither, and it is learnt."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that an outsider should be asked.

    Attributes:
        name: the name asked about: a registered domain, where it is its registration.
        priority: one of those above; the lower goes first.
        since: when it was first asked for, seconds since the epoch.
        due: not before; from then on it waits.
        tries: how often it was asked in vain.
        topic: what about it.
    """

    name: str
    priority: int
    since: float
    due: float
    tries: int = 0
    topic: Topic = Topic.REGISTRATION


_LONGEST_FRESH = 31 * 86400.0


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What an outsider said of a name, and until when that is not asked again."""

    name: str
    fact: Fact[T]
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
        eased: questions that no alert waits for any more, unless another one does.
        dropped: questions that are not asked any more.
        answers: what registries answered.
        intel: what threat intelligence answered.
        paces: what was learnt of servers' pace, by what they are asked about and host.
        held: alerts held back, by cause.
        hits: cases that exceptions have held something back of, by the exception's id.
        notices: to store and to send as alerts are.
        marks: texts to keep, by key: how far something has been told, or has come towards being told.
        missed: ids of agents whose silence is told by a notice.
        heard_again: ids of agents of which it is told that they speak again.
        deeds: to note in the trail.
    """

    alerts: list[Alert] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    hosts: list[tuple[str, str]] = field(default_factory=list)
    opened: list[Pending] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    eased: list[Subject] = field(default_factory=list)
    dropped: list[Subject] = field(default_factory=list)
    answers: list[Answer[Registration]] = field(default_factory=list)
    intel: list[Answer[Intel]] = field(default_factory=list)
    paces: dict[Subject, bytes] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    hits: dict[str, int] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    missed: list[int] = field(default_factory=list)
    heard_again: list[int] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, part.name) for part in fields(self))

    def hold(self, cause: str) -> None:
        """Count an alert held back."""
        self.held[cause] = self.held.get(cause, 0) + 1

    def hit(self, exceptions: Iterable[str]) -> None:
        """Count a case for each exception, by id, that held something of it back."""
        for key in exceptions:
            self.hits[key] = self.hits.get(key, 0) + 1


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
class Hits:
    """How many cases an exception has held something back of, and when it last did (seconds since the epoch)."""

    count: int
    last: float | None


NO_HITS = Hits(0, None)


@dataclass(frozen=True, slots=True)
class Doomed:
    """What is to be erased; times in seconds since the epoch, None: nothing by age.

    Attributes:
        who_before: who asked (agents, programs, users, computers), where that was last before this time.
        hosts_before: host names of domains that nobody has asked for since this time.
        alerts_before: alerts decided before this time, once they are delivered.
        charts_before: what pages show over time, of before this time.
        forgotten: a user or an agent, whenever.
    """

    who_before: float | None = None
    hosts_before: float | None = None
    alerts_before: float | None = None
    charts_before: float | None = None
    forgotten: Forgotten | None = None
